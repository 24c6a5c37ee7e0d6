import { requireNumber } from "../arguments.ts";
import type { AncestorView } from "../chain/ancestorView.ts";
import type { BlockHeader } from "../header.ts";
import { MAX_FUTURE_BLOCK_TIME, MAX_TIMEWARP } from "../limits.ts";
import type { ChainParams } from "../params.ts";
import { nextBits, retargetInterval } from "../pow.ts";
import { requireAncestor, requireHeader, requireParams } from "../shapes.ts";
import type { Seconds } from "../units.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";

/**
 * Whether a header may follow its parent. Core: ContextualCheckBlockHeader.
 * @param now our time in seconds since 1970
 * @example
 * checkHeaderContext(header, tree.genesis, params, header.time) // { ok: true }
 * const early = checkHeaderContext(header, tree.genesis, params, header.time - 7201);
 * early.ok || early.reason // "time-too-new"
 */
export function checkHeaderContext(
  header: BlockHeader,
  parent: AncestorView,
  params: ChainParams,
  now: Seconds,
): Verdict {
  requireHeader(header, "header");
  requireAncestor(parent, "parent");
  requireParams(params, "params");
  requireNumber(now, "now");

  const { bits, time, version } = header;
  const height = parent.height + 1;
  if (bits !== nextBits(parent, time, params)) {
    return refuse("invalid-header", "bad-diffbits", "incorrect proof of work");
  }
  if (time <= parent.medianTimePast) {
    return refuse("invalid-header", "time-too-old", "block's timestamp is too early");
  }
  // Or a period could be made to look longer than it was: its blocks count, the step between two periods does not.
  if (params.enforceBip94 && time < earliestAfterPeriod(parent, params)) {
    const debug = "block's timestamp is too early on diff adjustment block"; // BIP-0094
    return refuse("invalid-header", "time-timewarp-attack", debug);
  }
  if (time > now + MAX_FUTURE_BLOCK_TIME) {
    return refuse("time-future", "time-too-new", "block timestamp too far in the future");
  }
  const { bip34, bip66, bip65 } = params.deployments;
  if (
    (version < 2 && height >= bip34) ||
    (version < 3 && height >= bip66) ||
    (version < 4 && height >= bip65)
  ) {
    const hex = (version >>> 0).toString(16).padStart(8, "0");
    return refuse("invalid-header", `bad-version(0x${hex})`, "rejected block version");
  }
  return VALID;
}

/**
 * Least time that a miner may give to the block after `parent`. Keeps to BIP-0094 on every network, as it may come to
 * be a rule on more of them. Core: GetMinimumTime.
 * @example minimumBlockTime(tree.tip, params) === tree.tip.time + 1 // true
 */
export function minimumBlockTime(parent: AncestorView, params: ChainParams): number {
  requireAncestor(parent, "parent");
  requireParams(params, "params");

  return Math.max(parent.medianTimePast + 1, earliestAfterPeriod(parent, params));
}

/** The timewarp rule of BIP-0094, which only the first block of a retargeting period can break. */
function earliestAfterPeriod(parent: AncestorView, params: ChainParams): number {
  if ((parent.height + 1) % retargetInterval(params) !== 0) return Number.NEGATIVE_INFINITY;
  return parent.time - MAX_TIMEWARP;
}
