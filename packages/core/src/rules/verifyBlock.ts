import { requireFields } from "../arguments.ts";
import type { Block } from "../block.ts";
import type { AncestorView } from "../chain/ancestorView.ts";
import type { CoinsView } from "../coin.ts";
import type { ChainParams } from "../params.ts";
import { runScriptCheck } from "../script/scriptCheck.ts";
import { nobleVerifier, type SignatureVerifier } from "../script/signatureVerifier.ts";
import { requireAncestor, requireBlock, requireCoinsView, requireParams } from "../shapes.ts";
import type { Seconds } from "../units.ts";
import { refuse, type Verdict } from "../verdict.ts";
import { checkBlock } from "./checkBlock.ts";
import { checkBlockContext } from "./checkBlockContext.ts";
import { checkHeaderContext } from "./checkHeaderContext.ts";
import { type ConnectedBlock, connectBlock } from "./connectBlock.ts";

export interface VerifyBlockContext {
  /** The block before it, with its ancestors: a node of a `HeaderTree`. */
  readonly parent: AncestorView;
  readonly params: ChainParams;
  /** Has those coins of `prevoutsOf(block, { parent, params })` that exist. */
  readonly coins: CoinsView;
  /** Our time in seconds since 1970. */
  readonly now: Seconds;
  /** Default: `nobleVerifier`. */
  readonly verifier?: SignatureVerifier;
}

/**
 * Whether a block is valid at its place: header, body, coins and every script, in the order in which Core checks them.
 * Changes nothing: apply `changes` to go on with the next block.
 * @example
 * const verdict = verifyBlock(block, { parent, params, coins: view, now: 1_800_000_000 });
 * if (!verdict.ok) return verdict.reason; // such as bad-cb-amount
 * verdict.changes.spent.length // 1
 */
export function verifyBlock(block: Block, context: VerifyBlockContext): Verdict<ConnectedBlock> {
  requireBlock(block, "block");
  requireFields(context, "context", {
    parent: "object",
    params: "object",
    coins: "object",
    now: "number",
    verifier: "object?",
  });
  requireAncestor(context.parent, "context.parent");
  requireParams(context.params, "context.params");
  requireCoinsView(context.coins, "context.coins");

  const { parent, params, coins, now, verifier = nobleVerifier } = context;
  const { header } = block;
  const body = checkBlock(block, params, verifier);
  if (!body.ok) return body;
  if (header.previousHash !== parent.hash) {
    return refuse("missing-parent", "prev-blk-not-found", header.previousHash);
  }
  const placed = checkHeaderContext(header, parent, params, now);
  if (!placed.ok) return placed;
  const inContext = checkBlockContext(block, parent, params);
  if (!inContext.ok) return inContext;
  const connected = connectBlock(block, { parent, params }, coins);
  if (!connected.ok) return connected;
  for (const check of connected.checks) {
    const verdict = runScriptCheck(check, verifier);
    if (!verdict.ok) return verdict;
  }
  return connected;
}
