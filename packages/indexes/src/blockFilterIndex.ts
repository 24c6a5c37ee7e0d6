import {
  type BlockHash,
  blockFilter,
  type FilterHash,
  type FilterHeader,
  filterHash,
  filterHeader,
  idFromBytes,
  idToBytes,
  Writer,
  ZERO_FILTER_HEADER,
} from "@chain/core";
import { requireArray, requireFields, requireId } from "@chain/core/arguments";
import type { KeyValueStore } from "@chain/storage";
import type { ChainIndex, IndexedBlock, IndexRecords } from "./chainIndex.ts";
import { requireIndexing } from "./checks.ts";
import { IndexError } from "./errors.ts";

const FILTER = 0x66; // f
const HEADER = 0x68; // h
const HASH_SIZE = 32;

/** The value by which filters of different nodes are compared. */
export interface FilterSummary {
  readonly hash: FilterHash;
  readonly header: FilterHeader;
}

/**
 * The basic filters of blocks (BIP-0158) with their headers (BIP-0157). They are kept by block, and those of blocks that
 * the chain has left stay, because they are as good as ever, and peers may ask for them. Core: BlockFilterIndex.
 *
 *     f <block hash, 32>     the filter
 *     h <block hash, 32>     its hash and its header, 32 bytes each
 *
 * @example
 * const records = new MemoryKeyValueStore();
 * const { index, caughtUp } = await followChain(new BlockFilterIndex(records), { chain, records, log });
 * await caughtUp;
 * filterMatches(await index.filter(chain.tip.hash), chain.tip.hash, [script]) // true
 */
export class BlockFilterIndex implements ChainIndex {
  readonly name = "basic block filter index";
  readonly #records: Pick<KeyValueStore, "get" | "getMany">;

  constructor(records: Pick<KeyValueStore, "get" | "getMany">) {
    requireFields(records, "records", { get: "function", getMany: "function" });
    this.#records = records;
  }

  async connect(block: IndexedBlock, records: IndexRecords): Promise<void> {
    requireIndexing(block, records);

    const filter = blockFilter(block.block, block.undo);
    const hash = filterHash(filter);
    const previous = await headerBefore(block, records);
    const header = filterHeader(hash, previous);
    records.put(keyOf(FILTER, block.hash), filter);
    records.put(keyOf(HEADER, block.hash), new Writer(64).hash(hash).hash(header).finish());
  }

  disconnect(block: IndexedBlock, records: IndexRecords): void {
    requireIndexing(block, records);
  }

  /**
   * @returns undefined where the block was not in the best chain, as far as the index has come
   * @throws StorageError
   */
  filter(hash: BlockHash): Promise<Uint8Array | undefined> {
    requireId(hash, "hash");
    return this.#records.get(keyOf(FILTER, hash));
  }

  /** The same of several blocks; undefined where one of them is missing. @throws StorageError */
  async filters(hashes: readonly BlockHash[]): Promise<readonly Uint8Array[] | undefined> {
    requireArray(hashes, "hashes", requireId);
    return allOf(await this.#records.getMany(hashes.map((hash) => keyOf(FILTER, hash))));
  }

  /** Hash and header of the filters of some blocks; undefined where one of them is missing. @throws StorageError */
  async summaries(hashes: readonly BlockHash[]): Promise<readonly FilterSummary[] | undefined> {
    requireArray(hashes, "hashes", requireId);
    const found = await this.#records.getMany(hashes.map((hash) => keyOf(HEADER, hash)));
    return allOf(found)?.map(summaryOf);
  }
}

async function headerBefore(
  { block, hash, height }: IndexedBlock,
  records: IndexRecords,
): Promise<FilterHeader> {
  if (height === 0) return ZERO_FILTER_HEADER;
  const stored = await records.get(keyOf(HEADER, block.header.previousHash));
  if (stored !== undefined) return summaryOf(stored).header;
  throw new IndexError("damaged", `the filter of the block before ${hash} is missing`);
}

function summaryOf(bytes: Uint8Array): FilterSummary {
  const hash = idFromBytes<FilterHash>(bytes.subarray(0, HASH_SIZE));
  return { hash, header: idFromBytes<FilterHeader>(bytes.subarray(HASH_SIZE)) };
}

function allOf<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  const there = values.filter((value) => value !== undefined);
  return there.length === values.length ? there : undefined;
}

function keyOf(prefix: number, hash: BlockHash): Uint8Array {
  const key = new Uint8Array(1 + HASH_SIZE);
  key[0] = prefix;
  key.set(idToBytes(hash), 1);
  return key;
}
