/** Payments of accounts, signed. */
import { equalBytes, type LocatedCoin, outpointKey, Transaction, type TxOutput } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { fastestSigner, fastestVerifier } from "@chain/signatures";
import { ACCOUNT_KINDS } from "@chain/wallet/accounts";
import { type SignRawOptions, signRawTransaction } from "@chain/wallet/psbt";
import type { Account } from "./accounts.ts";
import { DevChainError } from "./errors.ts";

/** Virtual bytes of an input, by the length of the output script that it spends, rounded up. */
const INPUT_SIZES: Readonly<Record<number, number>> = /* @__PURE__ */ Object.freeze({
  25: 148, // P2PKH
  23: 91, // P2WPKH in P2SH
  22: 68, // P2WPKH
  34: 58, // P2TR by its key
});
/** Bytes of an input without a signature. */
const BARE_INPUT_SIZE = 41;
const OVERHEAD = 11;
const SEQUENCE = 0xffff_fffd;
/** A change below is left to the miner. Core: the dust threshold of P2PKH. */
const DUST = 546n;

/** A coin, and whether it waits for a block. */
export interface DevCoin extends LocatedCoin {
  readonly confirmed: boolean;
}

/** The coins that scripts lock, those in the mempool last, without those that the mempool spends. */
export async function coinsOf(
  scripts: readonly Uint8Array[],
  chain: ChainManager,
): Promise<readonly DevCoin[]> {
  const { mempool, tip } = chain;
  const found: DevCoin[] = [];
  for (const script of scripts) {
    for await (const located of chain.unspentByScript(script)) {
      if (mempool.spenderOf(located.outpoint) !== undefined) continue;
      found.push({ ...located, confirmed: true });
    }
  }
  const isWanted = (script: Uint8Array) => scripts.some((each) => equalBytes(each, script));
  for (const { transaction } of mempool.entries()) {
    for (const [vout, output] of transaction.outputs.entries()) {
      const outpoint = { txid: transaction.txid, vout };
      if (!isWanted(output.scriptPubKey) || mempool.spenderOf(outpoint) !== undefined) continue;
      const coin = { ...output, height: tip.height + 1, coinbase: false };
      found.push({ outpoint, coin, confirmed: false });
    }
  }
  return found;
}

/**
 * A payment of an account's coins, signed: confirmed ones first, the largest first, and the change goes back to the
 * address that the account's funds are at.
 * @param feeRate base units for 1,000 virtual bytes
 * @throws DevChainError `insufficient-funds`
 */
export async function accountPayment(
  account: Account,
  outputs: readonly TxOutput[],
  feeRate: bigint,
  chain: ChainManager,
): Promise<Transaction> {
  const scripts = ACCOUNT_KINDS.map((kind) => account.key(kind).scriptPubKey);
  const coins = await spendable(scripts, chain);
  const name = `account ${account.index}`;
  const chosen = choose(coins, outputs, account.scriptPubKey, { feeRate, name, hasWitness: true });
  return sign(chosen.coins, chosen.outputs, account);
}

/**
 * A payment of the coins of a script, without any signature. The change goes back to it.
 * @param feeRate base units for 1,000 virtual bytes
 * @throws DevChainError `insufficient-funds`
 */
export async function unsignedSpend(
  script: Uint8Array,
  outputs: readonly TxOutput[],
  feeRate: bigint,
  chain: ChainManager,
): Promise<Transaction> {
  const coins = await spendable([script], chain);
  const chosen = choose(coins, outputs, script, { feeRate, name: "it", hasWitness: false });
  return transactionOf(chosen.coins, chosen.outputs);
}

/** Coins for a payment, in their order, and its outputs with the change. */
function choose(
  coins: readonly DevCoin[],
  outputs: readonly TxOutput[],
  changeScript: Uint8Array,
  options: { readonly feeRate: bigint; readonly name: string; readonly hasWitness: boolean },
): { readonly coins: readonly DevCoin[]; readonly outputs: readonly TxOutput[] } {
  const { feeRate, name, hasWitness } = options;
  const wanted = outputs.reduce((sum, { value }) => sum + value, 0n);
  const outputsSize = outputs.reduce((sum, { scriptPubKey }) => sum + 9 + scriptPubKey.length, 0);
  const chosen: DevCoin[] = [];
  let total = 0n;
  let size = OVERHEAD + outputsSize + 9 + changeScript.length;
  for (const each of coins) {
    chosen.push(each);
    total += each.coin.value;
    size += hasWitness ? (INPUT_SIZES[each.coin.scriptPubKey.length] ?? 148) : BARE_INPUT_SIZE;
    const change = total - wanted - (BigInt(size) * feeRate + 999n) / 1000n;
    if (change < 0n) continue;
    const rest = { value: change, scriptPubKey: changeScript };
    return { coins: chosen, outputs: change < DUST ? outputs : [...outputs, rest] };
  }
  const why = `${name} has ${total} satoshis that can be spent, and needs ${wanted} and a fee`;
  throw new DevChainError("insufficient-funds", `${why}: fund it, or mine what waits`);
}

/** Coins that the next block can spend: confirmed ones first, the largest first. */
async function spendable(
  scripts: readonly Uint8Array[],
  chain: ChainManager,
): Promise<readonly DevCoin[]> {
  const { tip, params } = chain;
  const mature = ({ coin }: DevCoin) =>
    !coin.coinbase || coin.height + params.coinbaseMaturity <= tip.height + 1;
  const coins = await coinsOf(scripts, chain);
  return coins.filter(mature).sort((a, b) => {
    if (a.confirmed !== b.confirmed) return a.confirmed ? -1 : 1;
    return a.coin.value < b.coin.value ? 1 : a.coin.value > b.coin.value ? -1 : 0;
  });
}

function transactionOf(coins: readonly DevCoin[], outputs: readonly TxOutput[]): Transaction {
  return new Transaction({
    version: 2,
    inputs: coins.map(({ outpoint }) => ({
      prevout: outpoint,
      scriptSig: new Uint8Array(0),
      sequence: SEQUENCE,
      witness: [],
    })),
    outputs,
    lockTime: 0,
  });
}

/** Loaded once, because that checks them. */
const backend: { loaded: Promise<SignRawOptions> | undefined } = { loaded: undefined };

async function loadBackend(): Promise<SignRawOptions> {
  const [signer, verifier] = [await fastestSigner(), await fastestVerifier()];
  return { verifier, ...(signer !== undefined && { signer }) };
}

async function sign(
  coins: readonly DevCoin[],
  outputs: readonly TxOutput[],
  { provider, index }: Account,
): Promise<Transaction> {
  const transaction = transactionOf(coins, outputs);
  const spent = coins.map(({ coin }) => coin);
  backend.loaded ??= loadBackend();
  const options = await backend.loaded;
  const signed = signRawTransaction(transaction, spent, provider, options);
  if (signed.complete) return signed.transaction;
  const [error] = signed.errors;
  const { outpoint } = coins[error?.index ?? 0] ?? {};
  const which = outpoint === undefined ? "a coin" : outpointKey(outpoint);
  throw new DevChainError("refused", `account ${index} can't sign for ${which}: ${error?.reason}`);
}
