/** The record of a search, as a store keeps it: a version, the data, and four bytes of checksum. */
import {
  type BlockHash,
  equalBytes,
  type FilterHeader,
  Reader,
  readOutpoint,
  readOutput,
  sha256d,
  Transaction,
  type Txid,
  Writer,
  writeOutpoint,
  writeOutput,
} from "@chain/core";
import type { InclusionProof } from "./inclusion.ts";
import type { FoundTransaction, Position, WatchedCoin, WatchState } from "./watch.ts";

const VERSION = 4;
/** The version before, which had no payments that wait for a block. */
const WITHOUT_PENDING = 3;
const CHECKSUM_SIZE = 4;

export interface LightState extends Position {
  /** The first block that is searched. */
  readonly start: number;
  /** Filter headers of the block before `next` that peers may have. */
  readonly filterHeaders: readonly FilterHeader[];
  readonly watch: WatchState;
}

/** The same, with the transactions of ours that no block has yet. */
export interface KeptState extends LightState {
  readonly pending: readonly Transaction[];
}

export function encodeState(state: KeptState): Uint8Array {
  const { start, next, last, filterHeaders, watch, pending } = state;
  const writer = new Writer()
    .u8(VERSION)
    .u32(start)
    .u32(next)
    .u8(last === undefined ? 0 : 1);
  if (last !== undefined) writer.hash(last);
  writeAll(writer, filterHeaders, (header) => writer.hash(header));
  writeAll(writer, watch.scripts, ({ script, from }) => writer.varBytes(script).u32(from));
  writeAll(writer, watch.coins, (coin) => writeWatched(writer, coin));
  writeAll(writer, watch.found, ({ transaction, height, proof, transactionCount }) => {
    transaction.write(writer);
    writer.u32(height).hash(proof.blockHash).u32(transactionCount).u32(proof.index);
    writeAll(writer, proof.siblings, (sibling) => writer.hash(sibling));
  });
  writeAll(writer, pending, (transaction) => transaction.write(writer));
  const data = writer.finish();
  return new Writer(data.length + CHECKSUM_SIZE).bytes(data).bytes(checksum(data)).finish();
}

/** @returns undefined where the bytes are damaged, or of another version: then the search begins again */
export function decodeState(bytes: Uint8Array): KeptState | undefined {
  const data = bytes.slice(0, -CHECKSUM_SIZE);
  const [version] = data;
  if (!equalBytes(checksum(data), bytes.slice(-CHECKSUM_SIZE))) return undefined;
  if (version !== VERSION && version !== WITHOUT_PENDING) return undefined;
  const reader = new Reader(data, 1);
  const start = reader.u32();
  const next = reader.u32();
  const last = reader.u8() === 1 ? reader.hash<BlockHash>() : undefined;
  const filterHeaders = readAll(reader, () => reader.hash<FilterHeader>());
  const scripts = readAll(reader, () => ({ script: reader.varBytes(), from: reader.u32() }));
  const coins = readAll(reader, () => readWatched(reader));
  const found = readAll(reader, () => readFound(reader));
  const pending =
    version === WITHOUT_PENDING ? [] : readAll(reader, () => Transaction.read(reader));
  return { start, next, last, filterHeaders, watch: { scripts, coins, found }, pending };
}

function writeWatched(writer: Writer, coin: WatchedCoin): void {
  writeOutpoint(writer, coin.outpoint);
  writeOutput(writer, coin);
  writer
    .u32(coin.height)
    .u8(coin.coinbase ? 1 : 0)
    .u8(coin.spent === undefined ? 0 : 1);
  if (coin.spent !== undefined) writer.hash(coin.spent.txid).u32(coin.spent.height);
}

function readWatched(reader: Reader): WatchedCoin {
  const outpoint = readOutpoint(reader);
  const output = readOutput(reader);
  const height = reader.u32();
  const coinbase = reader.u8() === 1;
  const coin = { ...output, outpoint, height, coinbase };
  if (reader.u8() === 0) return coin;
  return { ...coin, spent: { txid: reader.hash<Txid>(), height: reader.u32() } };
}

function readFound(reader: Reader): FoundTransaction {
  const transaction = Transaction.read(reader);
  const height = reader.u32();
  const blockHash = reader.hash<BlockHash>();
  const transactionCount = reader.u32();
  const index = reader.u32();
  const proof: InclusionProof = {
    blockHash,
    index,
    siblings: readAll(reader, () => reader.hash<Txid>()),
  };
  return { transaction, height, proof, transactionCount };
}

function writeAll<Item>(writer: Writer, items: readonly Item[], write: (item: Item) => void): void {
  writer.compactSize(items.length);
  for (const item of items) write(item);
}

function readAll<Item>(reader: Reader, read: () => Item): readonly Item[] {
  return Array.from({ length: reader.compactSize() }, read);
}

function checksum(data: Uint8Array): Uint8Array {
  return sha256d(data).slice(0, CHECKSUM_SIZE);
}
