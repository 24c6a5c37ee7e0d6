/** Material that hostile strangers talk about: chains, payments and headers, sound ones and others. */
import type { Block, BlockHeader, LocatedCoin, Transaction } from "@chain/core";
import { makeBlock, payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { badBlocks, badTransactions } from "@chain/testing/catalogue";

const TRUNK = 24;
/** Coins of the coinbases from here on belong to honest people. */
const RESERVED = 20;

export interface Material {
  /** The blocks that the node has, after the first. */
  readonly trunk: readonly Block[];
  /** Sound blocks on the trunk that strangers may give. */
  readonly branch: readonly Block[];
  /** More of them, that only honest people give. */
  readonly honest: readonly Block[];
  readonly badBlocks: readonly Block[];
  /** Loose ones: sound, conflicting, orphaned and bad. */
  readonly transactions: readonly Transaction[];
  /** Spends what nobody else spends. */
  readonly honestPayment: Transaction;
  /** A long chain of next to no work, from the first block on. */
  readonly headers: readonly BlockHeader[];
}

const trunk = new TestChain();
for (let i = 0; i < TRUNK; i++) trunk.mine();

function pay(coin: LocatedCoin, fee: bigint, to = 3): Transaction {
  const value = coin.coin.value - fee;
  return payment({ coins: [coin], outputs: [{ value, scriptPubKey: testKey(to).script }] });
}

/** The first output, before any block holds it. */
function outputOf(transaction: Transaction): LocatedCoin {
  const [output] = transaction.outputs;
  if (output === undefined) throw new RangeError("no output");
  const outpoint = { txid: transaction.txid, vout: 0 };
  return { outpoint, coin: { ...output, height: TRUNK, coinbase: false } };
}

function family(height: number): Transaction[] {
  const parent = pay(trunk.coinbaseCoin(height), 2000n, 0);
  const child = pay(outputOf(parent), 3000n, 0);
  const rival = pay(trunk.coinbaseCoin(height), 50_000n, 4);
  return [parent, child, pay(outputOf(child), 100n), rival];
}

function grow(count: number, extra: number, payments: readonly Transaction[]): readonly Block[] {
  const before = trunk.blocks.length;
  for (let i = 0; i < count; i++) {
    trunk.mine({ extra, ...(i === 1 ? { transactions: payments, commit: true } : {}) });
  }
  const blocks = trunk.blocks.slice(before);
  for (let i = 0; i < count; i++) trunk.disconnect();
  return blocks;
}

function worthlessHeaders(count: number): readonly BlockHeader[] {
  const { params, tree } = new TestChain();
  const headers: BlockHeader[] = [];
  for (
    let parent = tree.tip;
    headers.length < count;
    parent = tree.add(headers.at(-1) as BlockHeader)
  ) {
    headers.push(makeBlock({ parent, params, extra: 3 }).header);
  }
  return headers;
}

const coin = trunk.coinbaseCoin(RESERVED - 1);

export const material: Material = {
  trunk: trunk.blocks.slice(1),
  badBlocks: badBlocks(trunk, coin)
    .map(({ block }) => block)
    .filter(({ totalSize }) => totalSize < 100_000),
  transactions: [
    ...[1, 2, 3, 4, 5].flatMap(family),
    ...badTransactions(trunk, coin)
      .filter(({ encodable }) => encodable)
      .map(({ transaction }) => transaction),
  ],
  honestPayment: pay(trunk.coinbaseCoin(RESERVED), 10_000n, 5),
  branch: grow(
    4,
    1,
    [1, 2, 3].map((height) => pay(trunk.coinbaseCoin(height), 2000n, 0)),
  ),
  honest: grow(8, 2, []),
  headers: worthlessHeaders(2100),
};
