import {
  Block,
  type BlockHeader,
  MAX_BLOCK_WEIGHT,
  merkleRoot,
  type Transaction,
} from "@chain/core";
import type { CmpctBlockMessage } from "@chain/wire";
import { shortId, shortIdKey } from "./compactBlock.ts";

/** No transaction weighs less. Core: MIN_SERIALIZABLE_TRANSACTION_WEIGHT. */
const MIN_TRANSACTION_WEIGHT = 4 * 10;

/**
 * A compact block of which some transactions are still to come. Core: blockencodings.h, PartiallyDownloadedBlock.
 */
export class PartialBlock {
  readonly header: BlockHeader;
  readonly #transactions: (Transaction | undefined)[];

  private constructor(header: BlockHeader, transactions: (Transaction | undefined)[]) {
    this.header = header;
    this.#transactions = transactions;
  }

  /**
   * Puts a block together from what is at hand.
   * @param mempool transactions that may be in it
   * @returns `invalid` for what no honest node sends; `ambiguous` where two of its names are the same by chance: ask
   * for
   *   the whole block
   */
  static from(
    { header, nonce, shortIds, prefilled }: CmpctBlockMessage,
    mempool: Iterable<Transaction>,
  ): PartialBlock | "invalid" | "ambiguous" {
    const count = shortIds.length + prefilled.length;
    if (count === 0 || count > MAX_BLOCK_WEIGHT / MIN_TRANSACTION_WEIGHT) return "invalid";
    const transactions: (Transaction | undefined)[] = new Array(count).fill(undefined);
    for (const { index, transaction } of prefilled) {
      // Beyond the end there would be a gap that no name fills.
      if (index >= count) return "invalid";
      transactions[index] = transaction;
    }
    const places = new Map<number, number>();
    let next = 0;
    for (const id of shortIds) {
      while (transactions[next] !== undefined) next++;
      if (places.has(id)) return "ambiguous";
      places.set(id, next++);
    }
    const key = shortIdKey(header, nonce);
    const doubtful = new Set<number>();
    for (const transaction of mempool) {
      const place = places.get(shortId(key, transaction.wtxid));
      if (place === undefined) continue;
      // Two at hand go by this name: which one it is, the peer must tell.
      if (transactions[place] !== undefined) doubtful.add(place);
      transactions[place] = transaction;
    }
    for (const place of doubtful) transactions[place] = undefined;
    return new PartialBlock(header, transactions);
  }

  /** Places of the transactions that are missing, rising. */
  get missing(): readonly number[] {
    return this.#transactions.flatMap((transaction, i) => (transaction === undefined ? i : []));
  }

  /**
   * The block, with the missing transactions in their order.
   * @returns `invalid` where it is not as many as are missing; `wrong` where the block is not the one that its header
   *   names, which may be a name that two transactions share: ask for the whole block
   */
  complete(missing: readonly Transaction[]): Block | "invalid" | "wrong" {
    const places = this.missing;
    if (missing.length !== places.length) return "invalid";
    const all = [...this.#transactions];
    places.forEach((place, i) => {
      all[place] = missing[i];
    });
    const transactions = all as Transaction[];
    const { root, mutated } = merkleRoot(transactions.map(({ txid }) => txid));
    return root === this.header.merkleRoot && !mutated
      ? new Block(this.header, transactions)
      : "wrong";
  }
}
