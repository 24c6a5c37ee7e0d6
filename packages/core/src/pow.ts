/** Proof of work: targets, their compact form, and how they change. Core: pow.cpp, arith_uint256.cpp, chain.cpp. */

import { requireBigint, requireFields, requireNumber } from "./arguments.ts";
import type { AncestorView } from "./chain/ancestorView.ts";
import { CoreError } from "./errors.ts";
import type { BlockHash } from "./ids.ts";
import type { ChainParams } from "./params.ts";
import { requireAncestor, requireId, requireParams } from "./shapes.ts";
import type { Seconds } from "./units.ts";

/** A decoded compact target. Negative and overflowing ones can be written, but no block can have them. */
export interface Target {
  /** The number that a block's hash must not exceed, cut to 256 bits. */
  readonly target: bigint;
  readonly negative: boolean;
  readonly overflow: boolean;
}

/**
 * The target behind a header's `bits`: one byte of size and three of mantissa, like a floating point number of base
 * 256 with a sign bit.
 * @example compactToTarget(0x1d00ffff).target === 0xffffn << 208n
 */
export function compactToTarget(bits: number): Target {
  requireNumber(bits, "bits");

  const size = bits >>> 24;
  const mantissa = bits & 0x7f_ffff;
  const word = size <= 3 ? mantissa >>> (8 * (3 - size)) : mantissa;
  const target = size <= 3 ? BigInt(word) : BigInt(word) << BigInt(8 * (size - 3));
  return {
    target: BigInt.asUintN(256, target),
    negative: word !== 0 && (bits & 0x80_0000) !== 0,
    overflow:
      word !== 0 && (size > 34 || (word > 0xff && size > 33) || (word > 0xffff && size > 32)),
  };
}

/**
 * The compact form of a target; what does not fit in three bytes of mantissa is cut off.
 * @throws CoreError `out-of-range` for a target below 0 or beyond 256 bits.
 * @example targetToCompact(0xffffn << 208n) // 0x1d00ffff
 */
export function targetToCompact(target: bigint): number {
  requireBigint(target, "target");

  if (target < 0n || BigInt.asUintN(256, target) !== target) {
    throw new CoreError("out-of-range", "a target has 256 bits");
  }
  let size = target === 0n ? 0 : Math.ceil(target.toString(16).length / 2);
  let mantissa = Number(
    size <= 3 ? target << BigInt(8 * (3 - size)) : target >> BigInt(8 * (size - 3)),
  );
  if ((mantissa & 0x80_0000) !== 0) {
    // That bit is the sign.
    mantissa >>>= 8;
    size++;
  }
  return ((size << 24) | mantissa) >>> 0;
}

/**
 * Hashes that it takes on average to find a block with this target; 0 for a target no block can have.
 * @example workOfBits(0x1d00ffff) // 4_295_032_833n
 */
export function workOfBits(bits: number): bigint {
  requireNumber(bits, "bits");

  const { target, negative, overflow } = compactToTarget(bits);
  if (negative || overflow || target === 0n) return 0n;
  return (1n << 256n) / (target + 1n);
}

/**
 * Whether the hash meets the target, and the target is one that this network allows. Core: CheckProofOfWork.
 * @example checkProofOfWork(block.hash, block.header.bits, params) // true
 */
export function checkProofOfWork(
  hash: BlockHash,
  bits: number,
  params: Pick<ChainParams, "powLimit">,
): boolean {
  requireId(hash, "hash");
  requireNumber(bits, "bits");
  requireFields(params, "params", { powLimit: "bigint" });

  const { target, negative, overflow } = compactToTarget(bits);
  if (negative || overflow || target === 0n || target > params.powLimit) return false;
  return BigInt(`0x${hash}`) <= target;
}

/**
 * The `bits` that the block after `parent` must have. Core: GetNextWorkRequired.
 * @param newTime the time of that block in seconds: testnets allow an easy block after a long wait
 * @example nextBits(tree.tip, tree.tip.time + 600, params) // 0x1d00ffff
 */
export function nextBits(parent: AncestorView, newTime: Seconds, params: ChainParams): number {
  requireAncestor(parent, "parent");
  requireNumber(newTime, "newTime");
  requireParams(params, "params");

  const limit = params.powLimitBits;
  const { bits, time } = parent;
  const interval = retargetInterval(params);
  if ((parent.height + 1) % interval !== 0) {
    if (!params.allowMinDifficultyBlocks) return bits;
    if (newTime > time + 2 * params.targetSpacing) return limit;
    // Where nothing ever retargets, a chain that begins at the limit stays there: spare the walk below.
    if (params.noRetargeting && params.genesis.header.bits === limit) return limit;
    return lastRegularBits(parent, interval, limit);
  }
  if (params.noRetargeting) return bits;
  const first = parent.ancestor(parent.height - (interval - 1));
  if (first === undefined)
    throw new CoreError("unknown-header", "a retargeting period has a start");
  // An easy block at the end of a period must not make all of the next one easy (BIP-0094).
  const from = params.enforceBip94 ? first.bits : bits;
  return retarget(from, time - first.time, params);
}

/**
 * Whether a block may have these `bits` after a parent with those, at any times that blocks can have. It tells cheap
 * headers from real ones before all their ancestors are known. Core: PermittedDifficultyTransition.
 * @param height of the block
 * @example isPermittedTransition(2016, 0x1d00ffff, 0x1c00ffff, mainnet) // false: 256 times harder at once
 */
export function isPermittedTransition(
  height: number,
  parentBits: number,
  bits: number,
  params: ChainParams,
): boolean {
  requireNumber(height, "height");
  requireNumber(parentBits, "parentBits");
  requireNumber(bits, "bits");
  requireParams(params, "params");
  if (params.allowMinDifficultyBlocks) return true;
  if (params.noRetargeting || height % retargetInterval(params) !== 0) return bits === parentBits;
  const { target } = compactToTarget(bits);
  const after = (seconds: number) => compactToTarget(retarget(parentBits, seconds, params)).target;
  return after(0) <= target && target <= after(Number.POSITIVE_INFINITY);
}

/** Blocks in a retargeting period. */
export function retargetInterval({
  targetTimespan,
  targetSpacing,
}: Pick<ChainParams, "targetTimespan" | "targetSpacing">): number {
  return Math.floor(targetTimespan / targetSpacing);
}

/** The target in force before easy blocks were let in: at most one period back. */
function lastRegularBits(parent: AncestorView, interval: number, limit: number): number {
  let block = parent;
  while (block.height % interval !== 0 && block.bits === limit) {
    const before = block.ancestor(block.height - 1);
    if (before === undefined) break;
    block = before;
  }
  return block.bits;
}

/** Core: CalculateNextWorkRequired. One period that took `seconds` moves the target by a factor of 4 at most. */
function retarget(bits: number, seconds: number, params: ChainParams): number {
  const { targetTimespan } = params;
  const least = Math.floor(targetTimespan / 4);
  const clamped = Math.min(Math.max(seconds, least), targetTimespan * 4);
  const product = BigInt.asUintN(256, compactToTarget(bits).target * BigInt(clamped));
  const target = product / BigInt(targetTimespan);
  return targetToCompact(target > params.powLimit ? params.powLimit : target);
}
