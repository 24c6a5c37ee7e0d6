import type { Block } from "../block.ts";
import { MAX_BLOCK_SIGOPS_COST, MAX_BLOCK_WEIGHT, WITNESS_SCALE_FACTOR } from "../limits.ts";
import { merkleRoot } from "../merkle.ts";
import type { ChainParams } from "../params.ts";
import { nobleVerifier, type SignatureVerifier } from "../script/signatureVerifier.ts";
import { legacySigops } from "../script/sigops.ts";
import { requireBlock, requireParams, requireVerifier } from "../shapes.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import { checkHeader } from "./checkHeader.ts";
import { checkTransaction } from "./checkTransaction.ts";
import { checkSignetSolution } from "./signetSolution.ts";

/**
 * Checks a block alone, without its ancestors. Core: CheckBlock.
 * @param verifier for the solution of a signet's challenge (BIP-0325); nothing else needs it
 * @example checkBlock(block, params) // { ok: true }
 */
export function checkBlock(
  block: Block,
  params: ChainParams,
  verifier: SignatureVerifier = nobleVerifier,
): Verdict {
  requireBlock(block, "block");
  requireParams(params, "params");
  requireVerifier(verifier, "verifier");

  const header = checkHeader(block.header, params);
  if (!header.ok) return header;

  const { transactions } = block;
  const { root, mutated } = merkleRoot(transactions.map(({ txid }) => txid));
  const solved = checkSignetSolution(block, params, verifier);
  if (!solved.ok) {
    // Core's order; but another body with a good header must not make us remember that header as bad.
    const isOther = mutated || root !== block.header.merkleRoot;
    return isOther ? { ...solved, kind: "mutated" } : solved;
  }
  if (root !== block.header.merkleRoot) {
    return refuse("mutated", "bad-txnmrklroot", "hashMerkleRoot mismatch");
  }
  // The root is right, but the list may be longer than the one the miner meant (CVE-2012-2459).
  if (mutated) return refuse("mutated", "bad-txns-duplicate", "duplicate transaction");

  // Without witnesses, whose weight counts only once the commitment to them was checked.
  const [coinbase] = transactions;
  if (
    coinbase === undefined ||
    transactions.length * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT ||
    block.baseSize * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT
  ) {
    return refuse("consensus", "bad-blk-length", "size limits failed");
  }
  if (!coinbase.isCoinbase) {
    return refuse("consensus", "bad-cb-missing", "first tx is not coinbase");
  }
  if (transactions.some((transaction, i) => i > 0 && transaction.isCoinbase)) {
    return refuse("consensus", "bad-cb-multiple", "more than one coinbase");
  }

  let sigops = 0;
  for (const transaction of transactions) {
    const verdict = checkTransaction(transaction);
    if (!verdict.ok) {
      return refuse("consensus", verdict.reason, `transaction ${transaction.txid}`);
    }
    sigops += legacySigops(transaction);
  }
  if (sigops * WITNESS_SCALE_FACTOR > MAX_BLOCK_SIGOPS_COST) {
    return refuse("consensus", "bad-blk-sigops", "out-of-bounds SigOpCount");
  }
  return VALID;
}
