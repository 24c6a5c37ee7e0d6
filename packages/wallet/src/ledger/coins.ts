/** The coins of a wallet, with sums that every change keeps right, so that a balance takes no walk over all of them. */
import { bytesToHex } from "@chain/core";
import type { HeldTransaction, OwnOutput } from "./heldTransaction.ts";
import type { Balances } from "./types.ts";

export interface CoinsHost {
  readonly isSpent: (output: OwnOutput) => boolean;
  readonly isTrusted: (
    transaction: HeldTransaction,
    memo: Map<HeldTransaction, boolean>,
  ) => boolean;
  readonly depth: (transaction: HeldTransaction) => number;
  readonly isImmature: (transaction: HeldTransaction) => boolean;
  /** Whether the wallet spent from this script before. */
  readonly isUsed: (script: Uint8Array) => boolean;
  readonly avoidReuse: () => boolean;
}

/**
 * Unspent outputs in three heaps: settled ones (confirmed and mature), settled ones of an address that was used before, and
 * the few whose value depends on the mempool or on their age. Only those few are judged when a balance is asked for.
 */
export class Coins {
  readonly #host: CoinsHost;
  readonly #unspent = new Set<OwnOutput>();
  readonly #changing = new Set<OwnOutput>();
  /** Unspent outputs by script in hex; only kept where addresses are not to be used again. */
  readonly #byScript = new Map<string, Set<OwnOutput>>();
  #settled = 0n;
  #used = 0n;

  constructor(host: CoinsHost) {
    this.#host = host;
  }

  get unspent(): ReadonlySet<OwnOutput> {
    return this.#unspent;
  }

  /** Judges an output again, because its transaction or what spends it has changed. */
  refresh(output: OwnOutput): void {
    const before = output.counted;
    const now = this.#judge(output);
    if (now === before) return;
    output.counted = now;
    this.#count(before, output, -1n);
    this.#count(now, output, 1n);
    if (before === "spent") this.#unspent.add(output);
    if (now === "spent") this.#unspent.delete(output);
    if (this.#host.avoidReuse()) this.#indexScript(output);
  }

  /** Judges the outputs of a script again, because it counts as used. */
  refreshScript(script: Uint8Array): void {
    for (const output of this.#byScript.get(bytesToHex(script)) ?? []) this.refresh(output);
  }

  /** Takes an output out that is no more. */
  forget(output: OwnOutput): void {
    this.#count(output.counted, output, -1n);
    output.counted = "spent";
    this.#unspent.delete(output);
    this.#indexScript(output);
  }

  /** Begins to keep the index of scripts, or stops. */
  reindex(): void {
    this.#byScript.clear();
    for (const output of this.#unspent) {
      if (this.#host.avoidReuse()) this.#indexScript(output);
      this.refresh(output);
    }
  }

  /** Core: GetBalance. */
  balances(minDepth: number): Balances {
    const sums = { trusted: 0n, untrustedPending: 0n, immature: 0n };
    // Settled coins have a depth of one at least.
    const isShort = minDepth <= 1;
    let used = this.#used;
    if (isShort) sums.trusted = this.#settled;
    else used = 0n;
    const memo = new Map<HeldTransaction, boolean>();
    for (const output of isShort ? this.#changing : this.#unspent) {
      const kind = this.#kindOf(output, minDepth, memo);
      if (kind === undefined) continue;
      if (!this.#isReused(output)) sums[kind] += output.value;
      else if (kind !== "immature") used += output.value;
    }
    return this.#host.avoidReuse() ? { ...sums, used } : sums;
  }

  #kindOf(
    { transaction }: OwnOutput,
    minDepth: number,
    memo: Map<HeldTransaction, boolean>,
  ): "trusted" | "untrustedPending" | "immature" | undefined {
    const { isTrusted, depth, isImmature } = this.#host;
    const { type } = transaction.state;
    if (type === "confirmed" && isImmature(transaction)) return "immature";
    const trusted = isTrusted(transaction, memo);
    if (trusted && depth(transaction) >= minDepth) return "trusted";
    return !trusted && type === "mempool" ? "untrustedPending" : undefined;
  }

  #isReused({ script }: OwnOutput): boolean {
    return this.#host.avoidReuse() && this.#host.isUsed(script);
  }

  #judge(output: OwnOutput): OwnOutput["counted"] {
    if (this.#host.isSpent(output)) return "spent";
    const { transaction } = output;
    if (transaction.state.type !== "confirmed" || this.#host.isImmature(transaction))
      return "changing";
    return this.#isReused(output) ? "used" : "settled";
  }

  #count(heap: OwnOutput["counted"], output: OwnOutput, sign: 1n | -1n): void {
    if (heap === "settled") this.#settled += sign * output.value;
    else if (heap === "used") this.#used += sign * output.value;
    else if (heap === "changing") {
      if (sign > 0n) this.#changing.add(output);
      else this.#changing.delete(output);
    }
  }

  #indexScript(output: OwnOutput): void {
    const name = bytesToHex(output.script);
    const outputs = this.#byScript.get(name) ?? new Set();
    if (output.counted === "spent") outputs.delete(output);
    else outputs.add(output);
    if (outputs.size === 0) this.#byScript.delete(name);
    else this.#byScript.set(name, outputs);
  }
}
