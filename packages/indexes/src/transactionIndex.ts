import { idToBytes, type Txid } from "@chain/core";
import { requireFields, requireId } from "@chain/core/arguments";
import type { KeyValueStore } from "@chain/storage";
import type { ChainIndex, IndexedBlock, IndexRecords } from "./chainIndex.ts";
import { requireIndexing } from "./checks.ts";
import { type FoundTransaction, findByPrefix, type PlacesChain, withPlace } from "./place.ts";

const PREFIX = 0x74; // t
/** Bytes of a transaction id in a key. Two ids that begin alike are told apart by reading both. */
const ID_SIZE = 8;
const NOTHING = /* @__PURE__ */ new Uint8Array();

/**
 * Finds the transactions of the best chain by id. A record says where one is, by height and place in the block, in 16
 * bytes; the transaction is read from its block. As in Core, those of a genesis block whose coins can't be spent are not in it. Core:
 * TxIndex.
 *
 *     t <first bytes of the id, 8> <height, 4> <place, 3>     big-endian, no value
 *
 * @example
 * const records = new MemoryKeyValueStore();
 * const { index, caughtUp } = await followChain(new TransactionIndex(records, chain), { chain, records, log });
 * await caughtUp;
 * const { node } = await index.find(transaction.txid);
 * node.height // 1
 */
export class TransactionIndex implements ChainIndex {
  readonly name = "txindex";
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
    for (const key of this.#keysOf(block)) records.put(key, NOTHING);
  }

  disconnect(block: IndexedBlock, records: IndexRecords): void {
    requireIndexing(block, records);
    for (const key of this.#keysOf(block)) records.delete(key);
  }

  #keysOf({ block, height }: IndexedBlock): readonly Uint8Array[] {
    if (height === 0 && !this.#chain.params.genesisSpendable) return [];
    return block.transactions.map(({ txid }, place) => withPlace(prefixOf(txid), height, place));
  }

  /**
   * The transaction of an id, in the last block that has it.
   * @returns undefined where no block of the best chain has it, as far as the index has come
   * @throws StorageError
   */
  async find(txid: Txid): Promise<FoundTransaction | undefined> {
    requireId(txid, "txid");
    const isRight = (transaction: { readonly txid: Txid }) => transaction.txid === txid;
    return findByPrefix(prefixOf(txid), isRight, this.#chain, this.#records);
  }
}

function prefixOf(txid: Txid): Uint8Array {
  const prefix = new Uint8Array(1 + ID_SIZE);
  prefix[0] = PREFIX;
  prefix.set(idToBytes(txid).subarray(0, ID_SIZE), 1);
  return prefix;
}
