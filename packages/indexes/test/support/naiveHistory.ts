/** The history of scripts by reading chain and mempool whole, to hold an index to. */
import {
  type Block,
  bytesToHex,
  type Coin,
  type HeaderNode,
  isUnspendable,
  outpointKey,
  type ScriptHash,
  sha256,
  type Transaction,
} from "@chain/core";
import { MINER } from "@chain/testing/blockFactory";
import { expect } from "vitest";
import { ScriptHistoryIndex } from "../../src/scriptHistory/scriptHistoryIndex.ts";
import { scriptHashOf } from "../../src/scriptHistory/touches.ts";
import type { TestChain } from "./chain.ts";
import { overHistories } from "./history.ts";

export const TRUE: Uint8Array = Uint8Array.of(0x51);
const SCRIPTS = [MINER.script, TRUE, Uint8Array.of(0x52)];

/** All that the best chain and the mempool have about one script, by reading both whole. */
class NaiveHistory {
  readonly #script: string;
  readonly #coins = new Map<string, Coin>();
  readonly confirmed: object[] = [];
  readonly unconfirmed: object[] = [];
  readonly unspent = new Map<string, object>();
  status = "";

  constructor(script: Uint8Array) {
    this.#script = bytesToHex(script);
  }

  static async of({ chain }: TestChain, script: Uint8Array): Promise<NaiveHistory> {
    const nodes: HeaderNode[] = [];
    for (let node: HeaderNode | undefined = chain.tip; node; node = node.parent) nodes.push(node);
    const naive = new NaiveHistory(script);
    for (const { hash, height } of nodes.reverse()) {
      const { transactions } = (await chain.getBlock(hash)) as Block;
      for (const [position, transaction] of transactions.entries()) {
        const touch = naive.#apply(transaction, height, position === 0);
        if (touch === undefined) continue;
        naive.confirmed.push({ txid: transaction.txid, height, position, ...touch });
        naive.status += `${transaction.txid}:${height}:`;
      }
    }
    const waiting: { txid: string; height: number; line: object }[] = [];
    for (const { transaction, fee, parents } of chain.mempool.entries()) {
      const { txid } = transaction;
      const touch = naive.#apply(transaction, 0, false);
      const height = parents.size > 0 ? -1 : 0;
      if (touch) waiting.push({ txid, height, line: { txid, height, fee, ...touch } });
    }
    waiting.sort((a, b) => b.height - a.height || a.txid.localeCompare(b.txid));
    for (const { txid, height, line } of waiting) {
      naive.unconfirmed.push(line);
      naive.status += `${txid}:${height}:`;
    }
    return naive;
  }

  #apply(transaction: Transaction, height: number, coinbase: boolean) {
    const { txid, inputs, outputs } = transaction;
    const spending = inputs.flatMap(({ prevout }, vin) => {
      const key = outpointKey(prevout);
      const coin = coinbase ? undefined : this.#coins.get(key);
      this.#coins.delete(key);
      this.unspent.delete(key);
      return coin && this.#isOwn(coin) ? [{ vin, value: coin.value }] : [];
    });
    const funding = outputs.flatMap((output, vout) => {
      const { value, scriptPubKey } = output;
      if (isUnspendable(scriptPubKey)) return [];
      const key = outpointKey({ txid, vout });
      this.#coins.set(key, { ...output, height, coinbase });
      if (!this.#isOwn(output)) return [];
      this.unspent.set(key, { txid, vout, value, height, coinbase });
      return [{ vout, value }];
    });
    return funding.length + spending.length > 0 ? { funding, spending } : undefined;
  }

  #isOwn({ scriptPubKey }: Pick<Coin, "scriptPubKey">): boolean {
    return bytesToHex(scriptPubKey) === this.#script;
  }
}

/** The sums of the lines of a history. */
function totalsOf(lines: readonly object[]) {
  const touches = lines as readonly {
    funding: readonly { value: bigint }[];
    spending: readonly { value: bigint }[];
  }[];
  const sum = (parts: readonly { value: bigint }[]) => ({
    count: parts.length,
    value: parts.reduce((all, { value }) => all + value, 0n),
  });
  return {
    transactions: lines.length,
    funded: sum(touches.flatMap(({ funding }) => funding)),
    spent: sum(touches.flatMap(({ spending }) => spending)),
  };
}

async function whole(index: ScriptHistoryIndex, script: ScriptHash, newestFirst: boolean) {
  const lines: object[] = [];
  let { confirmed, next } = await index.scriptHistory(script, { limit: 2, newestFirst });
  lines.push(...confirmed);
  while (next !== undefined) {
    const part = await index.scriptHistory(script, { limit: 2, newestFirst, after: next });
    expect(part.unconfirmed).toEqual([]);
    ({ confirmed, next } = part);
    lines.push(...confirmed);
  }
  return lines;
}

async function allUnspent(index: ScriptHistoryIndex, script: ScriptHash) {
  let { outputs, next } = await index.scriptUnspent(script, { limit: 2 });
  const all = [...outputs];
  while (next !== undefined) {
    ({ outputs, next } = await index.scriptUnspent(script, { limit: 2, after: next }));
    all.push(...outputs);
  }
  return new Map(all.map((output) => [outpointKey(output), output]));
}

export async function expectExact(own: TestChain, index: ScriptHistoryIndex): Promise<void> {
  for (const script of SCRIPTS) {
    const naive = await NaiveHistory.of(own, script);
    const hash = scriptHashOf(script);
    const { hash: tip, height } = own.chain.tip;
    const history = await index.scriptHistory(hash, { limit: 1000 });
    expect(history).toEqual({
      tip: { hash: tip, height },
      confirmed: naive.confirmed,
      next: undefined,
      unconfirmed: naive.unconfirmed,
    });
    expect(await whole(index, hash, false)).toEqual(naive.confirmed);
    expect(await whole(index, hash, true)).toEqual(naive.confirmed.toReversed());
    expect(await index.scriptBalance(hash)).toEqual({
      tip: { hash: tip, height },
      confirmed: totalsOf(naive.confirmed),
      unconfirmed: totalsOf(naive.unconfirmed),
    });
    expect(await allUnspent(index, hash)).toEqual(naive.unspent);
    const text = Uint8Array.from(naive.status, (letter) => letter.charCodeAt(0));
    const status = text.length === 0 ? undefined : bytesToHex(sha256(text));
    expect(await index.scriptStatus(hash)).toBe(status);
  }
}

/** Builds the index over histories with a mempool. */
export async function expectExactOverHistories(runs: number): Promise<void> {
  let unconfirmed = 0;
  await overHistories(
    (records, { chain, log }) => new ScriptHistoryIndex(records, chain, log),
    async (own, index) => {
      unconfirmed += own.chain.mempool.count;
      await expectExact(own, index);
    },
    { runs, mempool: true },
  );
  expect(unconfirmed).toBeGreaterThan(0);
}
