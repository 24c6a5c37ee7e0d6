/** The outpoints to read before a block is connected or disconnected, so that it can be one batched read. */

import type { Block } from "../block.ts";
import { type Outpoint, type OutpointKey, outpointKey } from "../outpoint.ts";
import { isUnspendable } from "../script/script.ts";
import { requireBlock, requireBlockContext } from "../shapes.ts";
import { enforcesBip30 } from "./bip30.ts";
import { type BlockContext, makesCoins } from "./blockContext.ts";

/**
 * The outpoints whose coins `connectBlock` asks for: what the block spends of others, and where BIP-0030 has to be
 * watched, the outputs it makes. None twice.
 * @example prevoutsOf(block, { parent, params })[0] // input.prevout
 */
export function prevoutsOf(block: Block, context: BlockContext): readonly Outpoint[] {
  requireBlock(block, "block");
  requireBlockContext(context, "context");

  const found = new Map<OutpointKey, Outpoint>();
  if (!makesCoins(context)) return [];
  const own = new Set(block.transactions.map(({ txid }) => txid));
  for (const transaction of block.transactions) {
    if (transaction.isCoinbase) continue;
    for (const { prevout } of transaction.inputs) {
      if (!own.has(prevout.txid)) found.set(outpointKey(prevout), prevout);
    }
  }
  if (enforcesBip30(block.hash, context)) {
    for (const outpoint of outputsOf(block)) found.set(outpointKey(outpoint), outpoint);
  }
  return [...found.values()];
}

/**
 * The outpoints of the coins that a block makes: what `disconnectBlock` asks for.
 * @example outputsOf(block).length // 3
 */
export function outputsOf(block: Block): readonly Outpoint[] {
  requireBlock(block, "block");

  return block.transactions.flatMap(({ txid, outputs }) =>
    outputs.flatMap(({ scriptPubKey }, vout) =>
      isUnspendable(scriptPubKey) ? [] : [{ txid, vout }],
    ),
  );
}
