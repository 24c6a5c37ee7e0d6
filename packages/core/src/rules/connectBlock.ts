import type { Block } from "../block.ts";
import { type Coin, type CoinChanges, CoinsOverlay, type CoinsView } from "../coin.ts";
import { isMoney, MAX_BLOCK_SIGOPS_COST } from "../limits.ts";
import { scriptFlags } from "../script/flags.ts";
import { isUnspendable } from "../script/script.ts";
import { type ScriptCheck, scriptChecks } from "../script/scriptCheck.ts";
import { sigopCost } from "../script/sigops.ts";
import { requireBlock, requireBlockContext, requireCoinsView } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import type { BlockUndo } from "../undo.ts";
import { type Refusal, refuse, type Verdict } from "../verdict.ts";
import { enforcesBip30 } from "./bip30.ts";
import { type BlockContext, heightOf, makesCoins } from "./blockContext.ts";
import { blockSubsidy } from "./blockSubsidy.ts";
import { checkTxInputs } from "./checkTxInputs.ts";
import { isSequenceFinal } from "./isSequenceFinal.ts";
import { outputsOf } from "./prevouts.ts";

/** The changes that connecting a block makes; none has been applied yet. */
export interface ConnectedBlock {
  /** Net effect on the coins. */
  readonly changes: CoinChanges;
  /** The coins that disconnecting the block brings back. */
  readonly undo: BlockUndo;
  /** The block is valid only if all of these are; they can run in any order. */
  readonly checks: readonly ScriptCheck[];
  /** Base units that its transactions leave to the miner. */
  readonly fees: bigint;
}

/**
 * Whether a block may change the set of coins, and how. It must have passed `checkBlock` and `checkBlockContext`.
 * Core: ConnectBlock.
 *
 * @param coins has those coins of `prevoutsOf(block, context)` that exist
 * @example
 * const connected = connectBlock(block, { parent, params }, view);
 * if (!connected.ok) return connected;
 * for (const check of connected.checks) {
 *   const verdict = runScriptCheck(check, nobleVerifier);
 *   if (!verdict.ok) return verdict;
 * }
 * connected.changes.created.length // 3
 */
export function connectBlock(
  block: Block,
  context: BlockContext,
  coins: CoinsView,
): Verdict<ConnectedBlock> {
  requireBlock(block, "block");
  requireBlockContext(context, "context");
  requireCoinsView(coins, "coins");

  if (!makesCoins(context)) {
    return { ok: true, changes: { spent: [], created: [] }, undo: [], checks: [], fees: 0n };
  }
  const { parent, params } = context;
  const height = heightOf(context);
  if (enforcesBip30(block.hash, context) && outputsOf(block).some((o) => coins.get(o))) {
    return refuse("consensus", "bad-txns-BIP30", "tried to overwrite transaction");
  }

  const flags = scriptFlags(height, params, block.hash);
  const view = new CoinsOverlay(coins);
  const undo: (readonly Coin[])[] = [];
  const checks: ScriptCheck[] = [];
  let fees = 0n;
  let sigops = 0;

  for (const transaction of block.transactions) {
    let spent: readonly Coin[] = [];
    if (!transaction.isCoinbase) {
      const inputs = checkTxInputs(transaction, view, height, params);
      if (!inputs.ok) return inBlock(inputs, transaction);
      spent = inputs.coins;
      fees += inputs.fee;
      if (!isMoney(fees)) return refuse("consensus", "bad-txns-accumulated-fee-outofrange");
      if (
        parent !== undefined &&
        height >= params.deployments.csv &&
        !isSequenceFinal(transaction, spent, parent)
      ) {
        return refuse("consensus", "bad-txns-nonfinal", `sequence locks of ${transaction.txid}`);
      }
      undo.push(spent);
      for (const check of scriptChecks(transaction, spent, flags)) checks.push(check);
    }
    sigops += sigopCost(transaction, spent, flags);
    if (sigops > MAX_BLOCK_SIGOPS_COST) {
      return refuse("consensus", "bad-blk-sigops", "too many sigops");
    }
    updateCoins(view, transaction, height);
  }

  const reward = blockSubsidy(height, params) + fees;
  const paid = block.transactions[0]?.outputs.reduce((sum, { value }) => sum + value, 0n) ?? 0n;
  if (paid > reward) {
    const debug = `coinbase pays too much (actual=${paid} vs limit=${reward})`;
    return refuse("consensus", "bad-cb-amount", debug);
  }
  return { ok: true, changes: view.changes(), undo, checks, fees };
}

/** A fault that may be excused in a loose transaction, because its sender may know more than we do, is one in a block. */
function inBlock({ reason, debug }: Refusal, { txid }: Transaction): Refusal {
  return refuse("consensus", reason, `${debug ?? "inputs"}, in transaction ${txid}`);
}

/** Takes the coins that a transaction spends out of the view, puts in those that it makes. Core: UpdateCoins. */
function updateCoins(view: CoinsOverlay, transaction: Transaction, height: number): void {
  const { txid, isCoinbase: coinbase } = transaction;
  if (!coinbase) for (const { prevout } of transaction.inputs) view.spend(prevout);
  transaction.outputs.forEach(({ value, scriptPubKey }, vout) => {
    if (isUnspendable(scriptPubKey)) return;
    // A copy: the script is a view onto the whole block, which a coin would keep in memory.
    const coin = { value, scriptPubKey: scriptPubKey.slice(), height, coinbase };
    view.add({ txid, vout }, coin);
  });
}
