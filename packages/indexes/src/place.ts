/** Places of transactions, at the end of keys: the height of the block, 4 bytes, and the place in it, 3; big-endian. */
import type { HeaderNode, Transaction } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { type KeyValueStore, keysWith } from "@chain/storage";

const PLACE_SIZE = 4 + 3;
/** Two ids that begin alike would take 2^64 tries each; two transactions of one id there are in two pairs of blocks. */
const MAX_ALIKE = 100;

/** A transaction and its place. */
export interface FoundTransaction {
  readonly transaction: Transaction;
  /** The block that it is in. */
  readonly node: HeaderNode;
  /** How many transactions of the block come before it. */
  readonly position: number;
}

/** The chain that transactions are found in. */
export type PlacesChain = Pick<ChainManager, "headers" | "getBlock" | "params">;

export function withPlace(prefix: Uint8Array, height: number, place: number): Uint8Array {
  const key = new Uint8Array(prefix.length + PLACE_SIZE);
  key.set(prefix);
  const view = new DataView(key.buffer);
  view.setUint32(prefix.length, height);
  view.setUint8(prefix.length + 4, place >> 16);
  view.setUint16(prefix.length + 5, place & 0xffff);
  return key;
}

function placeOf(key: Uint8Array): { readonly height: number; readonly place: number } {
  const end = key.length;
  const view = new DataView(key.buffer, key.byteOffset, end);
  const place = view.getUint8(end - 3) * 0x1_0000 + view.getUint16(end - 2);
  return { height: view.getUint32(end - PLACE_SIZE), place };
}

/**
 * The last transaction of the best chain that a key with this prefix leads to, and that is the right one.
 * @param prefix not all of it 0xff, so that there is a key behind all that begin with it
 * @throws StorageError
 */
export async function findByPrefix(
  prefix: Uint8Array,
  isRight: (transaction: Transaction) => boolean,
  chain: PlacesChain,
  records: Pick<KeyValueStore, "range">,
): Promise<FoundTransaction | undefined> {
  for (;;) {
    const { tip } = chain.headers;
    const found = await look(prefix, isRight, chain, records);
    // Blocks may have changed places meanwhile.
    if (found !== undefined || chain.headers.tip === tip) return found;
  }
}

async function look(
  ...[prefix, isRight, chain, records]: Parameters<typeof findByPrefix>
): Promise<FoundTransaction | undefined> {
  const found = await records.range(keysWith(prefix), MAX_ALIKE);
  for (const { key } of found.toReversed()) {
    const { height, place } = placeOf(key);
    const node = chain.headers.activeAt(height);
    const block = node && (await chain.getBlock(node.hash));
    const transaction = block?.transactions[place];
    if (node !== undefined && transaction !== undefined && isRight(transaction)) {
      return { transaction, node, position: place };
    }
  }
  return undefined;
}
