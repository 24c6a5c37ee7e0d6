/** Messages without end that keep a node busy for nothing, made ahead of time so that they cost the sender little. */
import { createHash, randomBytes } from "node:crypto";
import { type BlockHash, regtest, Transaction, type Txid } from "@chain/core";
import { frameRaw, MAX_HEADERS, MSG_BLOCK, MSG_WTX } from "@chain/wire";

const { magic, genesis } = regtest;

/** Gives the next bytes to send, for ever. */
export type Attack = () => Uint8Array;

export interface AttackKind {
  /** None for a peer that sends nothing after its greeting. */
  readonly make?: () => Attack;
  /** It never reads an answer. */
  readonly isDeaf?: boolean;
  /** It hangs up after each message, and calls again. */
  readonly hangsUp?: boolean;
}

const sha256d = (bytes: Uint8Array): Buffer =>
  createHash("sha256").update(createHash("sha256").update(bytes).digest()).digest();

/** A frame, hashed by the platform. */
function frame(command: string, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(24);
  head.set(magic);
  head.write(command, 4, "latin1");
  head.writeUInt32LE(payload.length, 16);
  head.set(sha256d(payload).subarray(0, 4), 20);
  return Buffer.concat([head, payload]);
}

/** One after the other, again and again. */
function cycle(frames: readonly Uint8Array[]): Attack {
  let next = 0;
  return () => frames[next++ % frames.length] as Uint8Array;
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

function compactSize(count: number): Buffer {
  return count < 0xfd
    ? Buffer.from([count])
    : Buffer.from([0xfd, count & 0xff, (count >> 8) & 0xff]);
}

function headersMessage(headers: readonly Uint8Array[]): Buffer {
  const entries = headers.flatMap((header) => [header, Buffer.alloc(1)]);
  return frame("headers", Buffer.concat([compactSize(headers.length), ...entries]));
}

/** Good headers on top of the genesis block, which nobody has sent before. */
function newHeaders(count: number): Buffer[] {
  const salt = randomBytes(32);
  let previous = sha256d(genesis.header.toBytes());
  return times(count, (index) => {
    const header = Buffer.alloc(80);
    header.writeInt32LE(0x2000_0000, 0);
    header.set(previous, 4);
    header.set(salt, 36);
    header.writeUInt32LE(genesis.header.time + index + 1, 68);
    header.writeUInt32LE(genesis.header.bits, 72);
    let nonce = 0;
    do {
      header.writeUInt32LE(nonce++, 76);
      previous = sha256d(header);
    } while ((previous[31] as number) > 0x7e);
    return header;
  });
}

/** Branches of 2,000 headers each, all of them from the genesis block. */
function branch(): Buffer {
  return headersMessage(newHeaders(MAX_HEADERS));
}

/** A good header, and transactions of which the last is missing. */
function cutBlock(): Buffer {
  const count = 14_000;
  const transaction = `0200000001${"11".repeat(32)}0000000000ffffffff01e803000000000000015100000000`;
  const others = Buffer.alloc(((count - 1) * transaction.length) / 2, transaction, "hex");
  return frame("block", Buffer.concat([...newHeaders(1), compactSize(count), others]));
}

/** A frame whose checksum is wrong. */
function spoilt(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(~bytes.readUInt32LE(20) >>> 0, 20);
  return bytes;
}

/** Its parent is unknown: 9 kB that nobody can judge. */
function orphan(): Attack {
  const made = new Transaction({
    version: 2,
    inputs: [
      {
        prevout: { txid: randomBytes(32).toString("hex") as Txid, vout: 0 },
        scriptSig: new Uint8Array(),
        sequence: 0xffff_ffff,
        witness: [],
      },
    ],
    outputs: times(265, () => ({
      value: 1_000n,
      scriptPubKey: Uint8Array.from([0x76, 0xa9, 20, ...randomBytes(20), 0x88, 0xac]),
    })),
    lockTime: 0,
  });
  const bytes = made.toBytes();
  let count = 0;
  return () => {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(5, count++, true);
    return frame("tx", bytes);
  };
}

/** Addresses of nodes that are not there. Only for nodes that call nobody but those of `--connect`. */
function addresses(): Buffer {
  const entries = times(1_000, () => {
    const entry = Buffer.alloc(30);
    entry.writeUInt32LE(Math.floor(Date.now() / 1000) - 60, 0);
    entry.writeBigUInt64LE(9n, 4);
    entry.set([0xff, 0xff], 22);
    entry.set(randomBytes(4), 24);
    entry[24] = 20 + (randomBytes(1)[0] as number) / 4;
    entry.writeUInt16BE(8333, 28);
    return entry;
  });
  return frame("addr", Buffer.concat([compactSize(1_000), ...entries]));
}

function inventory(command: string, items: readonly (readonly [number, Buffer])[]): Buffer {
  const entries = items.map(([type, hash]) => {
    const item = Buffer.alloc(36);
    item.writeUInt32LE(type, 0);
    item.set(hash, 4);
    return item;
  });
  return frame(command, Buffer.concat([compactSize(items.length), ...entries]));
}

function reversed(hash: BlockHash): Buffer {
  return Buffer.from(hash, "hex").reverse();
}

const genesisHash = reversed(genesis.hash);

function getHeaders(): Uint8Array {
  const version = Buffer.alloc(4);
  version.writeUInt32LE(70_016);
  return frame(
    "getheaders",
    Buffer.concat([version, compactSize(1), genesisHash, Buffer.alloc(32)]),
  );
}

function pings(): Buffer {
  return Buffer.concat(times(1_000, () => frame("ping", randomBytes(8))));
}

function branches(): Attack {
  return cycle(times(20, branch));
}

const blockOf = (height: number) =>
  [MSG_BLOCK, height === 0 ? genesisHash : randomBytes(32)] as const;

const single: Readonly<Record<string, AttackKind>> = {
  idle: {},
  "slow readers": {
    isDeaf: true,
    make: () =>
      cycle([
        inventory(
          "getdata",
          times(50_000, () => blockOf(0)),
        ),
      ]),
  },
  orphans: { make: orphan },
  getheaders: { make: () => cycle([Buffer.concat(times(50, getHeaders))]) },
  getdata: {
    make: () =>
      cycle([
        inventory(
          "getdata",
          times(1_000, () => blockOf(0)),
        ),
      ]),
  },
  addr: { make: () => cycle(times(20, addresses)) },
  ping: { make: () => cycle(times(20, pings)) },
  "forks of headers": { make: branches },
  "inv of transactions": {
    make: () =>
      cycle(
        times(5, () =>
          inventory(
            "inv",
            times(50_000, () => [MSG_WTX, randomBytes(32)]),
          ),
        ),
      ),
  },
  "inv of blocks": {
    make: () =>
      cycle(
        times(5, () =>
          inventory(
            "inv",
            times(50_000, () => blockOf(1)),
          ),
        ),
      ),
  },
  "cut blocks": { make: () => cycle(times(4, cutBlock)) },
  "bad checksums": { make: () => cycle([spoilt(frame("block", Buffer.alloc(3_900_000)))]) },
  "frames too large": { make: () => cycle([frameRaw(magic, "ping", Buffer.alloc(3_900_000))]) },
  reconnects: { hangsUp: true, make: () => cycle([pings()]) },
  "unknown commands": {
    make: () =>
      cycle([Buffer.concat(times(1_000, () => frameRaw(magic, "nonsense", randomBytes(8))))]),
  },
};

export const ATTACKS: Readonly<Record<string, readonly AttackKind[]>> = {
  ...Object.fromEntries(
    Object.entries(single).map(([name, kind]) => [name, [kind, kind, kind, kind]]),
  ),
  "all of them": Object.values(single),
};
