/**
 * A snapshot of all coins as a file, in the form of Bitcoin Core. Core: node/utxo_snapshot.h, WriteUTXOSnapshot.
 *
 *     75 74 78 6f ff    "utxo" and one more
 *     02 00             version
 *     4 bytes           magic of the network
 *     32 bytes          hash of the block after which the coins are as they are here
 *     8 bytes           number of coins
 *     for each transaction that has coins, in the order of ids as they are in memory:
 *       32 bytes        its id
 *       CompactSize     number of its coins
 *       for each of them:
 *         CompactSize   index of the output
 *         coin          see `writeCompressedCoin`
 */
import {
  type BlockHash,
  CoreError,
  equalBytes,
  isMoney,
  type LocatedCoin,
  Reader,
  readCompressedCoin,
  type Txid,
  Writer,
  writeCompressedCoin,
} from "@chain/core";
import {
  requireBytes,
  requireFields,
  requireInteger,
  requireLocatedCoin,
} from "@chain/core/arguments";
import { requireIterable } from "../checks.ts";
import { StorageError } from "../errors.ts";

const MAGIC = /* @__PURE__ */ Uint8Array.of(0x75, 0x74, 0x78, 0x6f, 0xff);
const VERSION = 2;
const NETWORK_OFFSET = 7;
const HEADER_SIZE = NETWORK_OFFSET + 4 + 32 + 8;
/** Bytes handed out at a time. */
const CHUNK = 64 * 1024;
/** Far more than a coin can take that is not longer than any script may be. */
const MAX_RECORD = 64 * 1024;
/** Coins handed out at a time. */
const BATCH = 1000;

/** The beginning of a snapshot. */
export interface SnapshotHeader {
  /** The magic of its network, 4 bytes. */
  readonly magic: Uint8Array;
  /** The block after which the coins are as they are in it. */
  readonly baseHash: BlockHash;
  /** Number of coins. */
  readonly count: bigint;
}

/**
 * Writes a snapshot, a piece at a time.
 * @param coins all coins, in the order of outpoints, as many as the header says
 * @throws StorageError `bad-snapshot` where there are more or fewer
 * @example
 * const header = { magic: regtest.magic, baseHash: regtest.genesis.hash, count: 0n };
 * const pieces = [];
 * for await (const piece of snapshotBytes(header, [])) pieces.push(piece);
 * concatBytes(...pieces).length // 51
 */
export async function* snapshotBytes(
  header: SnapshotHeader,
  coins: AsyncIterable<LocatedCoin> | Iterable<LocatedCoin>,
): AsyncGenerator<Uint8Array> {
  requireFields(header, "header", { magic: "bytes", baseHash: "string", count: "bigint" });
  requireIterable(coins, "coins");

  let writer = new Writer(2 * CHUNK).bytes(MAGIC).u16(VERSION).bytes(header.magic);
  writer.hash(header.baseHash).u64(header.count);
  let written = 0n;
  let group: LocatedCoin[] = [];
  const write = () => {
    written += BigInt(group.length);
    writeGroup(writer, group);
    group = [];
  };
  for await (const located of coins) {
    requireLocatedCoin(located, "coins[]");
    if (group[0] !== undefined && group[0].outpoint.txid !== located.outpoint.txid) write();
    group.push(located);
    if (writer.length < CHUNK) continue;
    yield writer.finish();
    writer = new Writer(2 * CHUNK);
  }
  write();
  yield writer.finish();
  if (written !== header.count) {
    throw new StorageError("bad-snapshot", `${written} coins in place of ${header.count}`);
  }
}

function writeGroup(writer: Writer, group: readonly LocatedCoin[]): void {
  const [first] = group;
  if (first === undefined) return;
  writer.hash(first.outpoint.txid).compactSize(group.length);
  const isLong = (group.at(-1)?.outpoint.vout ?? 0) > LAST_OF_TWO_BYTES;
  const sorted = isLong ? group.toSorted(byKeyOfCore) : group;
  for (const { outpoint, coin } of sorted) {
    writer.compactSize(outpoint.vout);
    writeCompressedCoin(writer, coin);
  }
}

/** The last index whose VarInt has two bytes. */
const LAST_OF_TWO_BYTES = 16_511;

/** Core's keys end in the VarInt of the index, so that 16,512 comes before 256: the same coins must give the same file. */
function byKeyOfCore({ outpoint: a }: LocatedCoin, { outpoint: b }: LocatedCoin): number {
  const [left, right] = [varIntDigits(a.vout), varIntDigits(b.vout)];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function varIntDigits(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value; rest > 0x7f; ) {
    rest = Math.floor(rest / 128) - 1;
    digits.unshift((rest & 0x7f) | 0x80);
  }
  return digits;
}

/** The network that a snapshot must be of. */
export interface SnapshotNetwork {
  /** Its magic. */
  readonly magic: Uint8Array;
  /** Core's name of the network with a magic, such as `main`; `undefined` where there is none. */
  readonly nameOf: (magic: Uint8Array) => string | undefined;
}

/**
 * Reads a snapshot, a piece at a time, and trusts nothing in it. Core: SnapshotMetadata, PopulateAndValidateSnapshot.
 * @example
 * const header = { magic: regtest.magic, baseHash: regtest.genesis.hash, count: 1n };
 * const coin = { value: 5n, scriptPubKey: p2pkhScript(new Uint8Array(20)), height: 1, coinbase: true };
 * const located = { outpoint: { txid: ZERO_TXID, vout: 0 }, coin };
 * const network = { magic: regtest.magic, nameOf: () => "regtest" };
 * const reader = await SnapshotReader.open(snapshotBytes(header, [located]), network);
 * reader.header.count // 1n
 * const coins = [];
 * for await (const batch of reader.coins(1)) coins.push(...batch);
 * coins // [located]
 */
export class SnapshotReader {
  readonly header: SnapshotHeader;
  readonly #input: ByteInput;

  private constructor(header: SnapshotHeader, input: ByteInput) {
    this.header = header;
    this.#input = input;
  }

  /**
   * Reads the beginning.
   * @throws StorageError `bad-snapshot-header`, with the reason that Core gives
   */
  static async open(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    network: SnapshotNetwork,
  ): Promise<SnapshotReader> {
    requireIterable(bytes, "bytes");
    requireFields(network, "network", { magic: "bytes", nameOf: "function" });

    const input = new ByteInput(bytes);
    while (input.remaining < HEADER_SIZE && (await input.more()));
    return new SnapshotReader(readHeader(input, network), input);
  }

  /**
   * The coins, in the order of the file, some at a time. Whether it is the file that it should be is known only after the
   * last of them.
   * @param baseHeight height of the block that the header names: no coin may be younger
   * @throws StorageError `bad-snapshot`, with the reason that Core gives
   */
  async *coins(baseHeight: number): AsyncGenerator<readonly LocatedCoin[]> {
    requireInteger(baseHeight, "baseHeight", 0);

    const { count } = this.header;
    const parser = new CoinParser(this.#input, count, baseHeight);
    while (parser.left > 0n) {
      const batch = parser.batch();
      if (batch.length > 0) yield batch;
      else if (this.#input.remaining > MAX_RECORD || !(await this.#input.more())) {
        throw badFormat(count - parser.left);
      }
    }
    if (this.#input.remaining > 0 || (await this.#input.more())) {
      throw bad(`Bad snapshot - coins left over after deserializing ${count} coins`);
    }
  }
}

function readHeader(input: ByteInput, { magic, nameOf }: SnapshotNetwork): SnapshotHeader {
  const refuse = (why: string, cause?: unknown) =>
    new StorageError("bad-snapshot-header", why, { cause });
  try {
    const reader = input.reader();
    if (!equalBytes(reader.take(MAGIC.length), MAGIC)) {
      const hint =
        "Please check if this is indeed a snapshot file or if you are using an outdated snapshot format.";
      throw refuse(`Invalid UTXO set snapshot magic bytes. ${hint}`);
    }
    const version = reader.u16();
    if (version !== VERSION) {
      const what = `Version of snapshot ${version}`;
      throw refuse(`${what} does not match any of the supported versions.`);
    }
    const own = reader.take(4);
    if (!equalBytes(own, magic)) {
      const name = nameOf(own);
      if (name === undefined) {
        const causes = "a custom signet, a new testnet or possibly caused by data corruption";
        const what = "This snapshot has been created for an unrecognized network";
        throw refuse(`${what}. This could be ${causes}.`);
      }
      const mine = nameOf(magic) ?? "another one";
      throw refuse(
        `The network of the snapshot (${name}) does not match the network of this node (${mine}).`,
      );
    }
    const header = { magic: own.slice(), baseHash: reader.hash<BlockHash>(), count: reader.u64() };
    input.taken(reader.position);
    return header;
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw refuse("AutoFile::read: end of file", error);
  }
}

/** Reads coins as far as bytes have come, and goes on later where it was. */
class CoinParser {
  readonly #input: ByteInput;
  readonly #count: bigint;
  readonly #baseHeight: number;
  left: bigint;
  /** The transaction whose coins come, and how many of them are to come. */
  #txid: Txid | undefined;
  #ofTransaction = 0;

  constructor(input: ByteInput, count: bigint, baseHeight: number) {
    this.#input = input;
    this.#count = count;
    this.#baseHeight = baseHeight;
    this.left = count;
  }

  /** The next coins; none where more bytes are needed. */
  batch(): LocatedCoin[] {
    const batch: LocatedCoin[] = [];
    const reader = this.#input.reader();
    try {
      while (batch.length < BATCH && this.left > 0n) {
        if (this.#txid === undefined || this.#ofTransaction === 0) this.#readTransaction(reader);
        else batch.push(this.#readCoin(reader, this.#txid));
        this.#input.taken(reader.position);
      }
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      if (error.code !== "truncated") throw badFormat(this.#count - this.left, error);
    }
    return batch;
  }

  #readTransaction(reader: Reader): void {
    const txid = reader.hash<Txid>();
    const count = reader.compactSize();
    if (BigInt(count) > this.left) {
      throw bad("Mismatch in coins count in snapshot metadata and actual snapshot data");
    }
    this.#txid = txid;
    this.#ofTransaction = count;
  }

  #readCoin(reader: Reader, txid: Txid): LocatedCoin {
    const vout = reader.compactSize();
    const coin = readCompressedCoin(reader);
    const done = `Bad snapshot data after deserializing ${this.#count - this.left} coins`;
    if (coin.height > this.#baseHeight) throw bad(done);
    if (!isMoney(coin.value)) throw bad(`${done} - bad tx out value`);
    this.#ofTransaction--;
    this.left--;
    return { outpoint: { txid, vout }, coin };
  }
}

function bad(why: string, cause?: unknown): StorageError {
  return new StorageError("bad-snapshot", why, { cause });
}

function badFormat(done: bigint, cause?: unknown): StorageError {
  return bad(`Bad snapshot format or truncated snapshot after deserializing ${done} coins`, cause);
}

/** Bytes that come in pieces, of which those not read yet are kept. */
class ByteInput {
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;

  constructor(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#pieces =
      Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]();
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  reader(): Reader {
    return new Reader(this.#bytes, this.#position);
  }

  /** @param position that of the reader, up to which all is done */
  taken(position: number): void {
    this.#position = position;
  }

  /** Waits for the next piece. @returns whether there was one */
  async more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    requireBytes(next.value, "bytes[]");
    const rest = this.#bytes.subarray(this.#position);
    const joined = new Uint8Array(rest.length + next.value.length);
    joined.set(rest);
    joined.set(next.value, rest.length);
    this.#bytes = joined;
    this.#position = 0;
    return next.value.length > 0 || this.more();
  }
}
