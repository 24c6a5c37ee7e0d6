/** A wallet's history without any memory of its own: it looks at the whole chain and the whole mempool for each question. */
import type { Outpoint, Transaction, Txid } from "@chain/core";
import type { Balances, TransactionState } from "../../src/ledger/types.ts";
import { MATURITY, type World } from "./world.ts";

const nameOf = ({ txid, vout }: Outpoint) => `${txid}:${vout}`;

interface TwinCoin {
  readonly name: string;
  readonly value: bigint;
  readonly depth: number;
  readonly type: TransactionState["type"];
  readonly isTrusted: boolean;
  readonly isImmature: boolean;
  readonly isReused: boolean;
}

export class Twin {
  readonly #world: World;
  readonly #isMine: (script: Uint8Array) => boolean;
  /** Every transaction that concerned the wallet, in the order in which it saw them. */
  readonly known: Map<Txid, Transaction> = new Map();
  readonly #abandoned = new Set<Txid>();

  constructor(world: World, isMine: (script: Uint8Array) => boolean) {
    this.#world = world;
    this.#isMine = isMine;
  }

  #ownOutput({ txid, vout }: Outpoint) {
    const output = this.known.get(txid)?.outputs[vout];
    return output !== undefined && this.#isMine(output.scriptPubKey) ? output : undefined;
  }

  see(transaction: Transaction): void {
    const concerns =
      transaction.outputs.some(({ scriptPubKey }) => this.#isMine(scriptPubKey)) ||
      transaction.inputs.some(({ prevout }) => this.#ownOutput(prevout) !== undefined);
    if (concerns) this.known.set(transaction.txid, transaction);
  }

  #children(txid: Txid): Transaction[] {
    return [...this.known.values()].filter(({ inputs }) =>
      inputs.some(({ prevout }) => prevout.txid === txid),
    );
  }

  #withDescendants(txid: Txid): Set<Txid> {
    const all = new Set([txid]);
    for (const each of all) for (const child of this.#children(each)) all.add(child.txid);
    return all;
  }

  #withAncestors(txid: Txid): Transaction[] {
    const all = new Set<Txid>([txid]);
    for (const each of all) {
      for (const { prevout } of this.known.get(each)?.inputs ?? []) {
        if (this.known.has(prevout.txid)) all.add(prevout.txid);
      }
    }
    return [...all].flatMap((each) => this.known.get(each) ?? []);
  }

  canAbandon(txid: Txid): boolean {
    const state = this.state(txid);
    return state.type === "inactive" && !state.abandoned;
  }

  abandon(txid: Txid): void {
    for (const each of this.#withDescendants(txid)) {
      if (this.state(each).type === "inactive") this.#abandoned.add(each);
    }
  }

  /** Before a block is taken back: its coinbase is gone for good, with all that spends it. */
  coinbaseGone(txid: Txid): void {
    if (!this.known.has(txid)) return;
    for (const each of this.#withDescendants(txid)) this.#abandoned.add(each);
  }

  /** After each event: what is in a block, in the mempool or in conflict is not abandoned. */
  settle(): void {
    for (const txid of this.known.keys()) {
      if (this.#stateNow(txid)?.type !== undefined) this.#abandoned.delete(txid);
    }
  }

  state(txid: Txid): TransactionState {
    return this.#stateNow(txid) ?? { type: "inactive", abandoned: this.#abandoned.has(txid) };
  }

  #stateNow(txid: Txid): TransactionState | undefined {
    const { chain, mempool } = this.#world;
    for (const { block, hash, height } of chain) {
      const index = block.transactions.findIndex((each) => each.txid === txid);
      if (index >= 0) return { type: "confirmed", hash, height, index };
    }
    if (mempool.some((each) => each.txid === txid)) return { type: "mempool" };
    const family = this.#withAncestors(txid);
    for (const { block, hash, height } of chain) {
      if (family.some((each) => block.transactions.some((other) => clash(each, other)))) {
        return { type: "block-conflicted", hash, height };
      }
    }
    return undefined;
  }

  mempoolConflicts(txid: Txid): Txid[] {
    const family = this.#withAncestors(txid);
    return this.#world.mempool
      .filter((other) => family.some((each) => clash(each, other)))
      .map((other) => other.txid);
  }

  depth(txid: Txid): number {
    const state = this.state(txid);
    const { height } = this.#world.tip;
    if (state.type === "confirmed") return height - state.height + 1;
    return state.type === "block-conflicted" ? -(height - state.height + 1) : 0;
  }

  #isSpent(outpoint: Outpoint): boolean {
    return this.#spenders(outpoint).length > 0;
  }

  /** Whether another transaction spends a coin of this one. */
  hasRival({ txid, inputs }: Transaction): boolean {
    return inputs.some(({ prevout }) => this.#spenders(prevout).some((each) => each.txid !== txid));
  }

  #spenders(outpoint: Outpoint): readonly Transaction[] {
    return [...this.known.values()].filter(({ txid, inputs }) => {
      if (!inputs.some(({ prevout }) => nameOf(prevout) === nameOf(outpoint))) return false;
      const state = this.state(txid);
      const isVoid =
        state.type === "block-conflicted" || (state.type === "inactive" && state.abandoned);
      return !isVoid && this.mempoolConflicts(txid).length === 0;
    });
  }

  isTrusted(txid: Txid): boolean {
    const { type } = this.state(txid);
    if (type !== "mempool") return type === "confirmed";
    return (this.known.get(txid)?.inputs ?? []).every(
      ({ prevout }) => this.#ownOutput(prevout) !== undefined && this.isTrusted(prevout.txid),
    );
  }

  #usedScripts(): Set<string> {
    const used = new Set<string>();
    for (const { inputs } of this.known.values()) {
      for (const { prevout } of inputs) {
        const output = this.#ownOutput(prevout);
        if (output !== undefined) used.add(output.scriptPubKey.join());
      }
    }
    return used;
  }

  /** Unspent outputs with the judgement of each. */
  coins(): TwinCoin[] {
    const used = this.#usedScripts();
    return [...this.known.values()].flatMap((transaction) =>
      transaction.outputs.flatMap(({ value, scriptPubKey }, vout) => {
        const { txid, isCoinbase } = transaction;
        if (!this.#isMine(scriptPubKey) || this.#isSpent({ txid, vout })) return [];
        const depth = this.depth(txid);
        return {
          ...{ name: `${txid}:${vout}`, value, depth, type: this.state(txid).type },
          isTrusted: this.isTrusted(txid),
          isImmature: isCoinbase && depth < MATURITY + 1,
          isReused: used.has(scriptPubKey.join()),
        };
      }),
    );
  }

  balances(minDepth: number, avoidReuse: boolean): Balances {
    const sums = { trusted: 0n, untrustedPending: 0n, immature: 0n, used: 0n };
    for (const coin of this.coins()) {
      const kind =
        coin.isImmature && coin.type === "confirmed"
          ? "immature"
          : coin.isTrusted && coin.depth >= minDepth
            ? "trusted"
            : !coin.isTrusted && coin.type === "mempool"
              ? "untrustedPending"
              : undefined;
      if (kind === undefined) continue;
      if (!(avoidReuse && coin.isReused)) sums[kind] += coin.value;
      else if (kind !== "immature") sums.used += coin.value;
    }
    const { used, ...rest } = sums;
    return avoidReuse ? { ...rest, used } : rest;
  }
}

function clash(a: Transaction, b: Transaction): boolean {
  if (a.txid === b.txid || a.isCoinbase || b.isCoinbase) return false;
  const spent = new Set(a.inputs.map(({ prevout }) => nameOf(prevout)));
  return b.inputs.some(({ prevout }) => spent.has(nameOf(prevout)));
}
