import type { LocatedCoin, Milliseconds, SignatureVerifier, Transaction } from "@chain/core";
import { buildPayment, signTransaction } from "@chain/wallet";
import type { SeededRandom } from "./seededRandom.ts";
import type { SimNode } from "./simNode.ts";
import type { VirtualTime } from "./virtualTime.ts";

/** Base units for 1000 bytes. */
const FEE = { type: "rate", perKvB: 1_000n } as const;

/** Most nodes that are asked whether they have a coin to spend. */
const MAX_ASKED = 30;

export interface PaymentsOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly verifier: SignatureVerifier;
  /** Mean time between two payments of all together. Milliseconds. */
  readonly interval: Milliseconds;
  readonly nodes: () => readonly SimNode[];
  readonly onPaid: (node: SimNode, transaction: Transaction) => void;
  readonly fail: (what: string) => void;
}

/** At random moments one node pays another a part of its coins, with real signatures. */
export class Payments {
  readonly #options: PaymentsOptions;
  #cancel: (() => void) | undefined;

  constructor(options: PaymentsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel ??= this.#wait();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(): () => void {
    const { time, random, interval } = this.#options;
    return time.after(random.exponential(interval), () => {
      this.#cancel = this.#wait();
      this.#payOnce().catch((error: unknown) => this.#options.fail(`a payment: ${String(error)}`));
    });
  }

  async #payOnce(): Promise<void> {
    const { random, nodes } = this.#options;
    const [payee, ...others] = random.shuffle(nodes().filter(({ running }) => running));
    if (payee === undefined) return;
    for (const payer of others.slice(0, MAX_ASKED)) {
      const { chain } = payer;
      try {
        if (await this.pay(payer, payee)) return;
      } catch (error) {
        // Killed in the middle of it.
        if (payer.running && payer.chain === chain) throw error;
      }
    }
  }

  /**
   * Pays up to half of the first coin.
   * @returns whether there was one, old enough and with enough in it
   */
  async pay(payer: SimNode, payee: SimNode): Promise<boolean> {
    const { random, verifier, onPaid, fail } = this.#options;
    const { chain, key } = payer;
    const coin = await this.#firstCoin(payer);
    if (coin === undefined) return false;
    const payment = buildPayment({
      coins: [coin],
      to: payee.key.script,
      amount: coin.coin.value / BigInt(2 + random.below(8)),
      fee: FEE,
      changeScript: key.script,
      params: chain.params,
      spendHeight: chain.tip.height + 1,
    });
    if (!payment.ok) return false;
    const signed = signTransaction(payment.transaction, payment.coins, () => key, { verifier });
    if (!signed.ok) {
      fail(`${payer.name} could not sign: ${signed.reason}`);
      return false;
    }
    const verdict = await payer.node.submitTransaction(signed.transaction);
    if (verdict.ok) onPaid(payer, signed.transaction);
    // A block may have come meanwhile.
    else if (verdict.kind === "consensus") {
      fail(`${payer.name} made a bad payment: ${verdict.reason}`);
    }
    return verdict.ok;
  }

  async #firstCoin({ chain, key }: SimNode): Promise<LocatedCoin | undefined> {
    for await (const coin of chain.unspentByScript(key.script)) {
      if (chain.mempool.spenderOf(coin.outpoint) === undefined) return coin;
    }
    return undefined;
  }
}
