import { idToBytes, type Outpoint, type Transaction } from "@chain/core";
import { requireFields, requireOutpoint } from "@chain/core/arguments";
import type { KeyValueStore } from "@chain/storage";
import type { ChainIndex, IndexedBlock, IndexRecords } from "./chainIndex.ts";
import { requireIndexing } from "./checks.ts";
import { type FoundTransaction, findByPrefix, type PlacesChain, withPlace } from "./place.ts";

const PREFIX = 0x78; // x
/** Bytes of a transaction id in a key. Two ids that begin alike are told apart by reading both. */
const ID_SIZE = 8;
/** A block has no room for a transaction with more outputs than three bytes can number. */
const MAX_VOUT = 0xff_ffff;
const NOTHING = /* @__PURE__ */ new Uint8Array();

/**
 * Finds the transaction of the best chain that has spent an output. A record says where it is, by height and place in the
 * block, in 19 bytes; the transaction is read from its block. Core: TxoSpenderIndex.
 *
 *     x <first bytes of the id, 8> <number of the output, 3> <height, 4> <place, 3>     big-endian, no value
 *
 * @example
 * const records = new MemoryKeyValueStore();
 * const { index, caughtUp } = await followChain(new SpenderIndex(records, chain), { chain, records, log });
 * await caughtUp;
 * await index.find({ txid: transaction.txid, vout: 0 }) // undefined: it is unspent
 */
export class SpenderIndex implements ChainIndex {
  readonly name = "txospenderindex";
  readonly #records: Pick<KeyValueStore, "range">;
  readonly #chain: PlacesChain;

  constructor(records: Pick<KeyValueStore, "range">, chain: PlacesChain) {
    requireFields(records, "records", { range: "function" });
    requireFields(chain, "chain", { headers: "object", getBlock: "function", params: "object" });

    this.#records = records;
    this.#chain = chain;
  }

  connect(block: IndexedBlock, records: IndexRecords): void {
    requireIndexing(block, records);
    for (const key of keysOf(block)) records.put(key, NOTHING);
  }

  disconnect(block: IndexedBlock, records: IndexRecords): void {
    requireIndexing(block, records);
    for (const key of keysOf(block)) records.delete(key);
  }

  /**
   * The transaction that has spent an output.
   * @returns undefined where no block of the best chain has one, as far as the index has come
   * @throws StorageError
   */
  async find(outpoint: Outpoint): Promise<FoundTransaction | undefined> {
    requireOutpoint(outpoint, "outpoint");
    const { txid, vout } = outpoint;
    if (vout > MAX_VOUT) return undefined;
    const isRight = ({ inputs }: Transaction) =>
      inputs.some(({ prevout }) => prevout.vout === vout && prevout.txid === txid);
    return findByPrefix(prefixOf(outpoint), isRight, this.#chain, this.#records);
  }
}

function keysOf({ block, height }: IndexedBlock): readonly Uint8Array[] {
  return block.transactions.flatMap(({ inputs }, place) =>
    // The input of a coinbase spends nothing.
    place === 0 ? [] : inputs.map(({ prevout }) => withPlace(prefixOf(prevout), height, place)),
  );
}

function prefixOf({ txid, vout }: Outpoint): Uint8Array {
  const prefix = new Uint8Array(1 + ID_SIZE + 3);
  prefix[0] = PREFIX;
  prefix.set(idToBytes(txid).subarray(0, ID_SIZE), 1);
  const view = new DataView(prefix.buffer);
  view.setUint8(1 + ID_SIZE, vout >> 16);
  view.setUint16(2 + ID_SIZE, vout & 0xffff);
  return prefix;
}
