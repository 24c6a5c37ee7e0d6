import { BlockHeader, compactToTarget, type Milliseconds } from "@chain/core";
import {
  requireFields,
  requireHeader,
  requireInteger,
  requireOptions,
} from "@chain/core/arguments";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Clock, ProofOfWorkSearch, StopSignal, Timers } from "../ports.ts";
import { requireClock, requireTimers } from "../requireOptions.ts";

/** Hashes between two looks at clock and signal: a millisecond or two. */
const BATCH = 256;
/** Longest stretch of hashing before others get their turn. Milliseconds. */
const SLICE: Milliseconds = 10;
const NONCES = 0x1_0000_0000;

export interface InProcessSearchOptions {
  /** Where to begin. Default 0. */
  readonly firstNonce?: number;
}

/**
 * Tries nonces in this very thread, in slices. The first 64 of the 80 bytes do not change with the nonce, so their
 * part of the hash is done once, and two blocks of SHA-256 are left for each nonce instead of three.
 * @example
 * const search = new InProcessSearch(clock, timers);
 * const found = await search.search(block.header, { aborted: false });
 * found === undefined // false
 */
export class InProcessSearch implements ProofOfWorkSearch {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #firstNonce: number;

  constructor(clock: Clock, timers: Timers, options: InProcessSearchOptions = {}) {
    requireClock(clock, "clock");
    requireTimers(timers, "timers");
    requireOptions(options, "options", { firstNonce: "number?" });

    this.#clock = clock;
    this.#timers = timers;
    this.#firstNonce = options.firstNonce ?? 0;
  }

  async search(
    header: BlockHeader,
    signal: StopSignal,
    maxTries: number = NONCES,
  ): Promise<BlockHeader | undefined> {
    requireHeader(header, "header");
    requireInteger(maxTries, "maxTries", 0);
    requireFields(signal, "signal", { aborted: "boolean" });

    const isGood = nonceTest(header);
    let sliceEnds = this.#clock.now() + SLICE;
    const last = Math.min(this.#firstNonce + maxTries, NONCES);
    for (let begin = this.#firstNonce; begin < last && !signal.aborted; begin += BATCH) {
      const end = Math.min(begin + BATCH, last);
      for (let nonce = begin; nonce < end; nonce++) {
        if (isGood(nonce)) return new BlockHeader({ ...header, nonce });
      }
      if (this.#clock.now() >= sliceEnds) {
        await new Promise<void>((resolve) => {
          this.#timers.after(0, resolve);
        });
        sliceEnds = this.#clock.now() + SLICE;
      }
    }
    return undefined;
  }
}

/** A function that tells whether a nonce gives the header enough work. It allocates nothing. */
function nonceTest(header: BlockHeader): (nonce: number) => boolean {
  const bytes = header.toBytes();
  const tail = bytes.slice(64);
  const nonceView = new DataView(tail.buffer, 12, 4);
  const afterHead = sha256.create().update(bytes.subarray(0, 64));
  const fresh = sha256.create();
  const first = sha256.create();
  const second = sha256.create();
  const hash = new Uint8Array(32);
  const target = littleEndian32(compactToTarget(header.bits).target);
  return (nonce) => {
    nonceView.setUint32(0, nonce, true);
    afterHead._cloneInto(first);
    first.update(tail).digestInto(hash);
    fresh._cloneInto(second);
    second.update(hash).digestInto(hash);
    // Both are little-endian numbers: the last bytes weigh most.
    for (let i = 31; i >= 0; i--) {
      const difference = (hash[i] as number) - (target[i] as number);
      if (difference !== 0) return difference < 0;
    }
    return true;
  };
}

function littleEndian32(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) {
    view.setBigUint64(8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)), true);
  }
  return bytes;
}
