import { requireFields } from "../arguments.ts";
import type { BlockHeader } from "../header.ts";
import type { ChainParams } from "../params.ts";
import { checkProofOfWork } from "../pow.ts";
import { requireHeader } from "../shapes.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";

/**
 * All that can be said of a header alone: that work was done for it. Core: CheckBlockHeader.
 * @example checkHeader(header, params) // { ok: true }
 */
export function checkHeader(header: BlockHeader, params: ChainParams): Verdict {
  requireHeader(header, "header");
  requireFields(params, "params", { powLimit: "bigint", powHash: "function?" });

  const hash = params.powHash?.(header) ?? header.hash;
  return checkProofOfWork(hash, header.bits, params)
    ? VALID
    : refuse("invalid-header", "high-hash", "proof of work failed");
}
