/** The stream of ChaCha20 (RFC 8439), as far as MuHash needs it. */
import { present } from "./arguments.ts";

/** "expand 32-byte k". */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
/** The words that each quarter round mixes: columns, then diagonals. */
const ROUND = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;
const DOUBLE_ROUNDS = 10;
const BLOCK_SIZE = 64;

/**
 * The first blocks of the stream with a nonce of zeros.
 * @param key 32 bytes
 */
export function chaCha20Stream(key: Uint8Array, blocks: number): Uint8Array {
  const stream = new Uint8Array(blocks * BLOCK_SIZE);
  const out = new DataView(stream.buffer);
  const keyView = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const start = new Uint32Array(16);
  start.set(CONSTANTS);
  for (let i = 0; i < 8; i++) start[4 + i] = keyView.getUint32(i * 4, true);
  for (let block = 0; block < blocks; block++) {
    start[12] = block;
    const state = start.slice();
    for (let i = 0; i < DOUBLE_ROUNDS; i++) {
      for (const [a, b, c, d] of ROUND) quarterRound(state, a, b, c, d);
    }
    for (let i = 0; i < 16; i++) {
      const word = present(state[i], "state[i]") + present(start[i], "start[i]");
      out.setUint32(block * BLOCK_SIZE + i * 4, word, true);
    }
  }
  return stream;
}

function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  mix(state, a, b, d, 16);
  mix(state, c, d, b, 12);
  mix(state, a, b, d, 8);
  mix(state, c, d, b, 7);
}

/** x += y; z = (z ^ x) rotated to the left. */
function mix(state: Uint32Array, x: number, y: number, z: number, bits: number): void {
  const sum = ((state[x] as number) + (state[y] as number)) >>> 0;
  const mixed = (state[z] as number) ^ sum;
  state[x] = sum;
  state[z] = (mixed << bits) | (mixed >>> (32 - bits));
}
