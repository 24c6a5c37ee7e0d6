import type { Block } from "../block.ts";
import { equalBytes } from "../bytes.ts";
import type { AncestorView } from "../chain/ancestorView.ts";
import { MAX_BLOCK_WEIGHT } from "../limits.ts";
import type { ChainParams } from "../params.ts";
import { pushNumber } from "../script/script.ts";
import { requireAncestor, requireBlock, requireParams } from "../shapes.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import { isFinalTransaction } from "./isFinalTransaction.ts";
import { checkWitnessCommitment } from "./witnessCommitment.ts";

/**
 * Whether the body of a block may stand at its place in the chain, as far as that can be said without coins. Core:
 * ContextualCheckBlock.
 * @example checkBlockContext(block, parent, params) // { ok: true }
 */
export function checkBlockContext(
  block: Block,
  parent: AncestorView,
  params: ChainParams,
): Verdict {
  requireBlock(block, "block");
  requireAncestor(parent, "parent");
  requireParams(params, "params");

  const height = parent.height + 1;
  const { deployments } = params;

  // A miner sets the time of its own block, but hardly moves the median (BIP-0113).
  const time = height >= deployments.csv ? parent.medianTimePast : block.header.time;
  for (const transaction of block.transactions) {
    if (!isFinalTransaction(transaction, height, time)) {
      const debug = `non-final transaction ${transaction.txid}`;
      return refuse("consensus", "bad-txns-nonfinal", debug);
    }
  }

  if (height >= deployments.bip34) {
    const expected = pushNumber(height);
    const scriptSig = block.transactions[0]?.inputs[0]?.scriptSig;
    if (scriptSig === undefined || !equalBytes(scriptSig.subarray(0, expected.length), expected)) {
      return refuse("consensus", "bad-cb-height", "block height mismatch in coinbase");
    }
  }

  const witness = checkWitnessCommitment(block, height >= deployments.segwit);
  if (!witness.ok) return witness;

  // Only now: before, anybody could have made the block too heavy with a witness that its hash does not cover.
  if (block.weight > MAX_BLOCK_WEIGHT) {
    return refuse("consensus", "bad-blk-weight", "weight limit failed");
  }
  return VALID;
}
