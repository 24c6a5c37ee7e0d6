import {
  type LocatedCoin,
  Opcode,
  type OutpointKey,
  outpointKey,
  p2wshScript,
  sha256,
  Transaction,
  type TxOutput,
} from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { DevChainError } from "./errors.ts";

const ANYONE = /* @__PURE__ */ Uint8Array.of(Opcode.OP_1);

/**
 * The output script of the faucet, which gets the reward of blocks that are mined for nobody: anyone can spend it, and
 * no signature is needed.
 */
export const FAUCET_SCRIPT: Uint8Array = /* @__PURE__ */ (() => p2wshScript(sha256(ANYONE)))();

/** Virtual bytes of an input that spends such an output, rounded up. */
const INPUT_SIZE = 42;
/** Virtual bytes of a transaction around its inputs and outputs, rounded up, with room for counts of three bytes. */
const OVERHEAD = 15;
/** Not final, and replaceable (BIP-0125), as Core's wallet has it. */
const SEQUENCE = 0xffff_fffd;
/** A change below is left to the miner. Core: the dust threshold of the largest output. */
const LEAST_CHANGE = 1_000n;

/** Pays `outputs` of coins that need no signature, with the change as last output. */
function unsignedPayment(
  coins: readonly LocatedCoin[],
  outputs: readonly TxOutput[],
  feeRate: bigint,
): Transaction | undefined {
  const wanted = outputs.reduce((sum, { value }) => sum + value, 0n);
  const outputsSize = outputs.reduce((sum, { scriptPubKey }) => sum + 9 + scriptPubKey.length, 0);
  const base = OVERHEAD + outputsSize + 9 + FAUCET_SCRIPT.length;
  const chosen: LocatedCoin[] = [];
  let total = 0n;
  for (const each of coins) {
    chosen.push(each);
    total += each.coin.value;
    const size = base + INPUT_SIZE * chosen.length;
    const fee = (BigInt(size) * feeRate + 999n) / 1000n;
    const change = total - wanted - fee;
    if (change < 0n) continue;
    const rest = { value: change, scriptPubKey: FAUCET_SCRIPT };
    return new Transaction({
      version: 2,
      inputs: chosen.map(({ outpoint }) => ({
        prevout: outpoint,
        scriptSig: new Uint8Array(0),
        sequence: SEQUENCE,
        witness: [ANYONE],
      })),
      outputs: change < LEAST_CHANGE ? outputs : [...outputs, rest],
      lockTime: 0,
    });
  }
  return undefined;
}

/**
 * The coins of the faucet. They are followed block by block, because a search for them would sort them each time; after
 * blocks were disconnected they are read again.
 */
export class Faucet {
  readonly #chain: ChainManager;
  #coins: Map<OutpointKey, LocatedCoin> | undefined;
  readonly #unsubscribe: () => void;

  constructor(chain: ChainManager) {
    this.#chain = chain;
    this.#unsubscribe = chain.subscribe((event) => {
      if (event.type === "block-disconnected") this.#coins = undefined;
      if (event.type !== "block-connected" || this.#coins === undefined) return;
      for (const { txid, inputs, outputs, isCoinbase } of event.block.transactions) {
        for (const { prevout } of inputs) this.#coins.delete(outpointKey(prevout));
        for (const [vout, { value, scriptPubKey }] of outputs.entries()) {
          if (!isFaucet(scriptPubKey)) continue;
          const outpoint = { txid, vout };
          const coin = { value, scriptPubKey, height: event.height, coinbase: isCoinbase };
          this.#coins.set(outpointKey(outpoint), { outpoint, coin });
        }
      }
    });
  }

  /**
   * A transaction that pays outputs of the faucet's mature coins, and of the change of its payments.
   * @throws DevChainError `insufficient-funds`
   */
  async pay(outputs: readonly TxOutput[], feeRate: bigint): Promise<Transaction> {
    const coins = await this.#spendable();
    const made = unsignedPayment(coins, outputs, feeRate);
    if (made !== undefined) return made;
    const has = coins.reduce((sum, { coin }) => sum + coin.value, 0n);
    const wanted = outputs.reduce((sum, { value }) => sum + value, 0n);
    const why = `the faucet has ${has} satoshis that can be spent, and needs ${wanted} and a fee`;
    throw new DevChainError(
      "insufficient-funds",
      `${why}: mine blocks, each makes one more mature`,
    );
  }

  async #spendable(): Promise<readonly LocatedCoin[]> {
    const { mempool, params, tip } = this.#chain;
    const newest = tip.height + 1 - params.coinbaseMaturity;
    const confirmed = [...(await this.#confirmed()).values()].filter(
      ({ outpoint, coin }) =>
        mempool.spenderOf(outpoint) === undefined && (!coin.coinbase || coin.height <= newest),
    );
    const pending: LocatedCoin[] = [];
    for (const { transaction } of mempool.entries()) {
      for (const [vout, output] of transaction.outputs.entries()) {
        const outpoint = { txid: transaction.txid, vout };
        if (!isFaucet(output.scriptPubKey) || mempool.spenderOf(outpoint) !== undefined) continue;
        pending.push({ outpoint, coin: { ...output, height: tip.height + 1, coinbase: false } });
      }
    }
    return [...confirmed, ...pending];
  }

  async #confirmed(): Promise<ReadonlyMap<OutpointKey, LocatedCoin>> {
    while (this.#coins === undefined) {
      const { tip } = this.#chain;
      const read: LocatedCoin[] = [];
      for await (const located of this.#chain.unspentByScript(FAUCET_SCRIPT)) read.push(located);
      // A block that came meanwhile may be half of what was read.
      if (this.#chain.tip !== tip) continue;
      read.sort((a, b) => a.coin.height - b.coin.height);
      this.#coins = new Map(read.map((located) => [outpointKey(located.outpoint), located]));
    }
    return this.#coins;
  }

  close(): void {
    this.#unsubscribe();
  }
}

function isFaucet(script: Uint8Array): boolean {
  return (
    script.length === FAUCET_SCRIPT.length && script.every((byte, i) => byte === FAUCET_SCRIPT[i])
  );
}
