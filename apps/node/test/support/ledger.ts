/** Payments by way of nodes that come and go, and what has become of each in the end. */

import { Block, type Outpoint, type Transaction, type Txid } from "@chain/core";
import type { ControlClient } from "@chain/fullnode";
import { payment, type TestKey, testKey } from "@chain/testing/blockFactory";
import type { Rng } from "@chain/testing/random";
import { type ChaosNode, KEPT_AFTER } from "./chaosNetwork.ts";

/** The keys that pay and are paid. */
const KEYS: readonly TestKey[] = Array.from({ length: 8 }, (_, n) => testKey(n));
/** Refusals that a payer may get while the chain changes, or for a payment from unconfirmed coins. */
const EXPECTED_REFUSAL =
  /-inputs-missingorspent$|-premature-spend-|^too-long-mempool-|^txn-mempool-/;

interface Payment {
  readonly transaction: Transaction;
  /** The node that took it first, and when. */
  readonly node: ChaosNode;
  readonly at: number;
}

/** The state of the payments. */
export interface Outcome {
  readonly confirmed: number;
  readonly waiting: number;
  /** Their coins were spent by another that was confirmed, or have gone with a block that was taken back. */
  readonly conflicted: number;
  /** Their only node was killed before it had written them down. */
  readonly unkept: number;
  /** For no reason. */
  readonly lost: readonly Txid[];
}

export class Ledger {
  readonly #payments = new Map<Txid, Payment>();
  readonly #unkept = new Set<Txid>();
  readonly #dice: Rng;
  /** Refusals that are not to be expected. */
  readonly surprises: string[] = [];
  refused = 0;

  constructor(dice: Rng) {
    this.#dice = dice;
  }

  /** The node that took a payment first, and all that the nodes have said of it. */
  historyOf(txid: Txid, nodes: readonly ChaosNode[]): string {
    const { node, at } = this.#payments.get(txid) ?? {};
    const taken = `${txid} taken by ${node?.name} at ${new Date(at ?? 0).toISOString()}`;
    return `${taken}:${nodes.map((each) => each.historyOf(txid)).join("")}`;
  }

  get count(): number {
    return this.#payments.size;
  }

  /** Pays from some key to another, with coins that this node knows of. */
  async pay(node: ChaosNode): Promise<void> {
    const control = await node.control();
    const to = this.#dice.oneOf(KEYS);
    if (control === undefined || to === undefined) return;
    const { from, known } = await this.#somebodyRich(control);
    const coins = this.#dice.shuffled(known).slice(0, 1 + this.#dice.below(2));
    const total = coins.reduce((sum, { coin }) => sum + coin.value, 0n);
    const part = (total * BigInt(1 + this.#dice.below(9))) / 10n;
    if (part === 0n || part === total) return;
    const outputs = [
      { value: part, scriptPubKey: to.script },
      { value: total - part, scriptPubKey: from.script },
    ];
    const transaction = payment({ coins, outputs, key: from });
    const verdict = await control.submit(transaction);
    if (verdict.ok) {
      this.#payments.set(transaction.txid, { transaction, node, at: Date.now() });
      return;
    }
    this.refused++;
    if (!EXPECTED_REFUSAL.test(verdict.reason)) {
      this.surprises.push(`${node.name} refused ${transaction.txid}: ${verdict.reason}`);
    }
  }

  async #somebodyRich(control: ControlClient) {
    const [poorest = testKey(0), ...others] = this.#dice.shuffled(KEYS);
    for (const from of others) {
      const known = await control.coins(from.script);
      if (known.length > 0) return { from, known };
    }
    return { from: poorest, known: await control.coins(poorest.script) };
  }

  /** The node is killed now: what only it may have, and has not written down yet, may be gone. */
  beforeKill(node: ChaosNode): void {
    const since = Date.now() - KEPT_AFTER;
    for (const [txid, { node: taker, at }] of this.#payments) {
      if (taker === node && at >= since) this.#unkept.add(txid);
    }
  }

  /** @param nodes all of them, with one chain */
  async outcome(nodes: readonly ControlClient[]): Promise<Outcome> {
    const [first] = nodes;
    const chain = new ConfirmedChain();
    if (first !== undefined) await chain.read(first);
    const waiting = new Set<Txid>();
    for (const node of nodes) {
      for (const txid of (await node.call("getrawmempool")) as readonly Txid[]) waiting.add(txid);
    }
    const counts = { confirmed: 0, waiting: 0, conflicted: 0, unkept: 0 };
    const lost: Txid[] = [];
    for (const txid of this.#payments.keys()) {
      if (chain.confirmed.has(txid)) counts.confirmed++;
      else if (waiting.has(txid)) counts.waiting++;
      else if (this.#isConflicted(txid, chain, waiting)) counts.conflicted++;
      else if (this.#isUnkept(txid)) counts.unkept++;
      else lost.push(txid);
    }
    return { ...counts, lost };
  }

  /** Whether it can never be confirmed on this chain. */
  #isConflicted(txid: Txid, chain: ConfirmedChain, waiting: ReadonlySet<Txid>): boolean {
    const { transaction } = this.#payments.get(txid) ?? {};
    if (transaction === undefined) return true; // the coinbase of a block that was taken back
    return transaction.inputs.some(({ prevout }) => {
      if (chain.isSpent(prevout)) return true;
      if (chain.confirmed.has(prevout.txid) || waiting.has(prevout.txid)) return false;
      return this.#isConflicted(prevout.txid, chain, waiting);
    });
  }

  /** Whether it, or one that it builds on, was with a node that was killed too early. */
  #isUnkept(txid: Txid): boolean {
    if (this.#unkept.has(txid)) return true;
    const known = this.#payments.get(txid);
    if (known === undefined) return false;
    const { node, at, transaction } = known;
    if (node.unkeptAt.some((kill) => kill >= at)) return true;
    const { inputs } = transaction;
    return inputs.some(({ prevout }) => this.#isUnkept(prevout.txid));
  }
}

class ConfirmedChain {
  readonly confirmed = new Set<Txid>();
  readonly #spent = new Set<string>();

  async read(node: ControlClient): Promise<void> {
    const { height } = await node.info();
    for (let at = 0; at <= height; at++) {
      const blockhash = await node.call("getblockhash", { height: at });
      const hex = await node.call("getblock", { blockhash, verbosity: 0 });
      for (const { txid, inputs } of Block.fromHex(String(hex)).transactions) {
        this.confirmed.add(txid);
        for (const { prevout } of inputs) this.#spent.add(keyOf(prevout));
      }
    }
  }

  isSpent(outpoint: Outpoint): boolean {
    return this.#spent.has(keyOf(outpoint));
  }
}

function keyOf({ txid, vout }: Outpoint): string {
  return `${txid}:${vout}`;
}
