/**
 * Everything that stands in a store's directory.
 *
 *     index/                LevelDB: all but blocks and undo data
 *     lock/                 held by the process that has it open: see guard.ts
 *     blocks/blk00000.dat   raw blocks: see appendFile.ts
 *     blocks/rev00000.dat   undo data
 *     process.pid           the process that has it open: see owner.ts
 *
 * And in the database, each key beginning with one of these letters; numbers in keys are big-endian, so that the order
 * of keys is the order of numbers:
 *
 *     m <name>                                    what there is once: see META
 *     b <block hash, 32>                          index entry of a block: see records.ts
 *     h <height, 4> <block hash, 32>              headers of many blocks, by the first of them: see runs.ts
 *     c <generation, 1> <txid, 32> <vout, 4>      coin
 *     s <generation, 1> <sha256 of script, 32> <txid, 32> <vout, 4>   the same coin, by its output script, where the
 *                                                 store keeps that index: see scripts.ts
 *     j <slot, 2>                                 number of the last batch with that slot: see journal.ts
 *
 * Four bytes of checksum stand behind each value but that of `m format`, by which every version knows the others: see
 * checked.ts.
 *
 * The generation changes when the coins are made again: after that one write, the old ones are not found any more.
 */
import { type BlockHash, concatBytes, idToBytes, type Outpoint, sha256 } from "@chain/core";
import { present } from "@chain/core/arguments";
import { outpointToKey } from "../keys.ts";
import { keysWith } from "../keyValue.ts";

export const INDEX_DIRECTORY = "index";
export const GUARD_DIRECTORY = "lock";
/** LevelDB's name for the file that it locks. */
export const GUARD_LOCK = "LOCK";
export const BLOCKS_DIRECTORY = "blocks";

/** Goes up with every change that an older program could not read. */
export const SCHEMA_VERSION = 4;
/**
 * The first version whose databases are read as they are. Version 3 adds runs of headers; version 4 the coins below a
 * snapshot (`m background`) and stores without the index by script (`m scripts`).
 */
export const OLDEST_VERSION = 2;
/** The mark that tells our databases from others. */
export const FORMAT_NAME = "chain-storage";

const HASH_SIZE = 32;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const BLOCK_PREFIX = 0x62; // b
const COIN_PREFIX = 0x63; // c
const RUN_PREFIX = 0x68; // h
const JOURNAL_PREFIX = 0x6a; // j
const SCRIPT_PREFIX = 0x73; // s

export const META: Readonly<
  Record<
    "format" | "genesis" | "tip" | "generation" | "background" | "scripts" | "marks",
    Uint8Array
  >
> = {
  /** `name:version` of the format. */
  format: ascii("mformat"),
  /** Raw genesis block. */
  genesis: ascii("mgenesis"),
  /** Hash of the last connected block, 32 bytes; absent while no block is connected. */
  tip: ascii("mtip"),
  /** Generation of the coins, 1 byte; 0 where it is absent. */
  generation: ascii("mgeneration"),
  /** The coins below a snapshot, while they are checked: Background of background.ts. */
  background: ascii("mbackground"),
  /** Whether the index by script is kept, and how far it is made again: see scripts.ts. Absent where it always was. */
  scripts: ascii("mscripts"),
  /** How far batches and files have come: Marks of records.ts. */
  marks: ascii("mmarks"),
};

export const FORMAT_VALUE: Uint8Array = ascii(`${FORMAT_NAME}:${SCHEMA_VERSION}`);

export function blockKey(hash: BlockHash): Uint8Array {
  return concatBytes(Uint8Array.of(BLOCK_PREFIX), idToBytes(hash));
}

export function runKey(height: number, hash: Uint8Array): Uint8Array {
  const start = Uint8Array.of(RUN_PREFIX, height >>> 24, height >>> 16, height >>> 8, height);
  return concatBytes(start, hash);
}

/** The hash in which the key of a block or a run ends. */
export function hashOfKey(key: Uint8Array): Uint8Array {
  return key.subarray(-HASH_SIZE);
}

/** The height of the first header of a run. */
export function heightOfRun(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset).getUint32(1);
}

export function coinKey(generation: number, outpoint: Outpoint): Uint8Array {
  return concatBytes(Uint8Array.of(COIN_PREFIX, generation), outpointToKey(outpoint));
}

/** The prefix of the keys of a script's coins. */
export function scriptPrefix(generation: number, scriptPubKey: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(SCRIPT_PREFIX, generation), sha256(scriptPubKey));
}

export function scriptKey(
  generation: number,
  scriptPubKey: Uint8Array,
  outpoint: Outpoint,
): Uint8Array {
  return concatBytes(scriptPrefix(generation, scriptPubKey), outpointToKey(outpoint));
}

export function journalKey(slot: number): Uint8Array {
  return Uint8Array.of(JOURNAL_PREFIX, slot >> 8, slot);
}

export interface KeyRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

/** All keys that begin with these bytes, which must not all be 0xff. */
export function keysFrom(prefix: Uint8Array): KeyRange {
  const { from, end } = keysWith(prefix);
  return { gte: from, lt: end };
}

export const ALL_SCRIPTS: KeyRange = keysFrom(Uint8Array.of(SCRIPT_PREFIX));
export const ALL_BLOCKS: KeyRange = keysFrom(Uint8Array.of(BLOCK_PREFIX));
export const ALL_RUNS: KeyRange = keysFrom(Uint8Array.of(RUN_PREFIX));
export const JOURNAL: KeyRange = keysFrom(Uint8Array.of(JOURNAL_PREFIX));

export function coinsOf(generation: number): KeyRange {
  return keysFrom(Uint8Array.of(COIN_PREFIX, generation));
}

/** Coins and script index of all generations but some. @param scripts whether those have a script index */
export function keysOfOthers(kept: readonly number[], scripts: boolean): readonly KeyRange[] {
  const sorted = kept.toSorted((a, b) => a - b);
  return [COIN_PREFIX, SCRIPT_PREFIX].flatMap((prefix) => {
    const all = keysFrom(Uint8Array.of(prefix));
    const isKept = scripts || prefix !== SCRIPT_PREFIX;
    const own = (isKept ? sorted : []).map((generation) =>
      keysFrom(Uint8Array.of(prefix, generation)),
    );
    const starts = [all.gte, ...own.map(({ lt }) => lt)];
    const ends = [...own.map(({ gte }) => gte), all.lt];
    return starts.map((gte, i) => ({ gte, lt: present(ends[i], "ends[i]") }));
  });
}
