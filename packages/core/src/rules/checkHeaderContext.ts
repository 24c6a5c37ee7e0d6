import type { AncestorView } from "../chain/ancestorView.ts";
import type { BlockHeader } from "../header.ts";
import { MAX_FUTURE_BLOCK_TIME } from "../limits.ts";
import type { ChainParams } from "../params.ts";
import { nextBits } from "../pow.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";

/**
 * Whether a header may follow its parent. Core: ContextualCheckBlockHeader.
 * @param now our time in seconds since 1970
 */
export function checkHeaderContext(
  header: BlockHeader,
  parent: AncestorView,
  params: ChainParams,
  now: number,
): Verdict {
  const { bits, time, version } = header;
  if (bits !== nextBits(parent, time, params)) {
    return refuse("invalid-header", "bad-diffbits", "incorrect proof of work");
  }
  if (time <= parent.medianTimePast) {
    return refuse("invalid-header", "time-too-old", "block's timestamp is too early");
  }
  if (time > now + MAX_FUTURE_BLOCK_TIME) {
    return refuse("time-future", "time-too-new", "block timestamp too far in the future");
  }
  const height = parent.height + 1;
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
