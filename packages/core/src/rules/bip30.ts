import type { BlockHash } from "../ids.ts";
import { type BlockContext, heightOf } from "./blockContext.ts";

/**
 * From here on a coinbase may repeat one from before BIP-0034 whose bytes happened to name this height.
 * Core: BIP34_IMPLIES_BIP30_LIMIT.
 */
const BIP34_IMPLIES_BIP30_LIMIT = 1_983_702;

/**
 * Whether no transaction of a block may have the id of one with unspent outputs (BIP-0030), so that this must be
 * looked up. Where every coinbase names its height (BIP-0034), from the first block after the genesis block on, no two
 * are equal, and so no two transactions: there is nothing to look up, though Core does. Core: the start of ConnectBlock.
 */
export function enforcesBip30(hash: BlockHash, context: BlockContext): boolean {
  const { parent, params } = context;
  const height = heightOf(context);
  if (height >= BIP34_IMPLIES_BIP30_LIMIT) return true;
  if (params.deployments.bip34 <= 1) return false;
  if (params.bip30Exceptions.get(height) === hash) return false;
  const anchor = parent?.ancestor(params.deployments.bip34);
  return anchor === undefined || anchor.hash !== params.bip34Hash;
}
