import { present, requireArray } from "../arguments.ts";
import type { Block } from "../block.ts";
import { equalBytes } from "../bytes.ts";
import { type Coin, type CoinChanges, CoinsOverlay, type CoinsView } from "../coin.ts";
import { CoreError } from "../errors.ts";
import { isUnspendable } from "../script/script.ts";
import { requireBlock, requireBlockContext, requireCoins, requireCoinsView } from "../shapes.ts";
import type { BlockUndo } from "../undo.ts";
import { type BlockContext, heightOf, makesCoins } from "./blockContext.ts";

/**
 * The way back from a connected block: coin changes that restore what was there before, to the byte. Core:
 * DisconnectBlock.
 *
 * @param undo the undo data that `connectBlock` handed back for this block
 * @param coins the coins after the block, with those of `outputsOf(block)` that exist
 * @throws CoreError `inconsistent-undo` where undo data, block and coins don't belong together: the store is damaged.
 * @example
 * const connected = connectBlock(block, { parent, params }, view);
 * if (!connected.ok) return;
 * const after = new CoinsOverlay(view);
 * after.apply(connected.changes);
 * const changes = disconnectBlock(block, connected.undo, { parent, params }, after);
 * changes.created[0].coin // coin
 */
export function disconnectBlock(
  block: Block,
  undo: BlockUndo,
  context: BlockContext,
  coins: CoinsView,
): CoinChanges {
  requireBlock(block, "block");
  requireArray(undo, "undo", requireCoins);
  requireBlockContext(context, "context");
  requireCoinsView(coins, "coins");

  if (!makesCoins(context)) return { spent: [], created: [] };
  const { transactions } = block;
  if (undo.length !== transactions.length - 1) {
    throw inconsistent(block, `${undo.length} transactions to undo of ${transactions.length}`);
  }
  const height = heightOf(context);
  // A coinbase of old may be gone without having been spent: a later one with the same id took its place (BIP-0030).
  const { bip30Exceptions, deployments } = context.params;
  const mayBeGone = bip30Exceptions.size > 0 && height < deployments.bip34;

  const view = new CoinsOverlay(coins);
  for (let i = transactions.length - 1; i >= 0; i--) {
    const transaction = present(transactions[i], "transactions[i]");
    const { txid, isCoinbase: coinbase } = transaction;
    transaction.outputs.forEach(({ value, scriptPubKey }, vout) => {
      if (isUnspendable(scriptPubKey)) return;
      const coin = view.spend({ txid, vout });
      if (coin === undefined && coinbase && mayBeGone) return;
      if (coin === undefined || !isSame(coin, { value, scriptPubKey, height, coinbase })) {
        throw inconsistent(block, `output ${txid}:${vout} is not among the coins`);
      }
    });
    if (i === 0) break;
    const spent = present(undo[i - 1], "undo[i - 1]");
    if (spent.length !== transaction.inputs.length) {
      throw inconsistent(block, `${spent.length} coins for the inputs of ${txid}`);
    }
    transaction.inputs.forEach(({ prevout }, n) => {
      if (view.get(prevout) !== undefined) {
        throw inconsistent(block, `input ${n} of ${txid} is not spent`);
      }
      view.add(prevout, present(spent[n], "spent[n]"));
    });
  }
  return view.changes();
}

function isSame(a: Coin, b: Coin): boolean {
  return (
    a.value === b.value &&
    a.height === b.height &&
    a.coinbase === b.coinbase &&
    equalBytes(a.scriptPubKey, b.scriptPubKey)
  );
}

function inconsistent(block: Block, message: string): CoreError {
  return new CoreError("inconsistent-undo", `block ${block.hash}: ${message}`);
}
