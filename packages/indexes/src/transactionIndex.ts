import { type HeaderNode, idToBytes, type Transaction, type Txid } from "@chain/core";
import { requireFields, requireId } from "@chain/core/arguments";
import type { ChainManager } from "@chain/engine";
import { type KeyValueStore, keysWith } from "@chain/storage";
import type { ChainIndex, IndexedBlock, IndexRecords } from "./chainIndex.ts";
import { requireIndexing } from "./checks.ts";

const PREFIX = 0x74; // t
/** Bytes of a transaction id in a key. Two ids that begin alike are told apart by reading both. */
const ID_SIZE = 8;
const KEY_SIZE = 1 + ID_SIZE + 4 + 3;
/** Two ids that begin alike would take 2^64 tries each; two transactions of one id there are in two pairs of blocks. */
const MAX_ALIKE = 100;
const NOTHING = /* @__PURE__ */ new Uint8Array();

/** A transaction and its place. */
export interface FoundTransaction {
  readonly transaction: Transaction;
  /** The block that it is in. */
  readonly node: HeaderNode;
  /** How many transactions of the block come before it. */
  readonly position: number;
}

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
  readonly #chain: Pick<ChainManager, "headers" | "getBlock" | "params">;

  constructor(
    records: Pick<KeyValueStore, "range">,
    chain: Pick<ChainManager, "headers" | "getBlock" | "params">,
  ) {
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
    return block.transactions.map(({ txid }, place) => keyOf(txid, height, place));
  }

  /**
   * The transaction of an id, in the last block that has it.
   * @returns undefined where no block of the best chain has it, as far as the index has come
   * @throws StorageError
   */
  async find(txid: Txid): Promise<FoundTransaction | undefined> {
    requireId(txid, "txid");

    for (;;) {
      const { tip } = this.#chain.headers;
      const found = await this.#look(txid);
      // Blocks may have changed places meanwhile.
      if (found !== undefined || this.#chain.headers.tip === tip) return found;
    }
  }

  async #look(txid: Txid): Promise<FoundTransaction | undefined> {
    const prefix = prefixOf(txid);
    const records = await this.#records.range(keysWith(prefix), MAX_ALIKE);
    for (const { key } of records.toReversed()) {
      const { height, place } = placeOf(key);
      const node = this.#chain.headers.activeAt(height);
      const block = node && (await this.#chain.getBlock(node.hash));
      const transaction = block?.transactions[place];
      if (node !== undefined && transaction?.txid === txid) {
        return { transaction, node, position: place };
      }
    }
    return undefined;
  }
}

/** Its first byte is never 0xff, so there is a key behind all that begin with it. */
function prefixOf(txid: Txid): Uint8Array {
  const prefix = new Uint8Array(1 + ID_SIZE);
  prefix[0] = PREFIX;
  prefix.set(idToBytes(txid).subarray(0, ID_SIZE), 1);
  return prefix;
}

function keyOf(txid: Txid, height: number, place: number): Uint8Array {
  const key = new Uint8Array(KEY_SIZE);
  key.set(prefixOf(txid));
  const view = new DataView(key.buffer);
  view.setUint32(1 + ID_SIZE, height);
  view.setUint8(5 + ID_SIZE, place >> 16);
  view.setUint16(6 + ID_SIZE, place & 0xffff);
  return key;
}

function placeOf(key: Uint8Array): { readonly height: number; readonly place: number } {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  const place = view.getUint8(5 + ID_SIZE) * 0x1_0000 + view.getUint16(6 + ID_SIZE);
  return { height: view.getUint32(1 + ID_SIZE), place };
}
