/** How miners agree on a new rule: BIP-0009, with the later minimum height of Core's versionbits.cpp. */

import { requireArray, requireFields, requireInteger, requireMap } from "./arguments.ts";
import type { AncestorView } from "./chain/ancestorView.ts";
import type { BlockHash } from "./ids.ts";
import type { ChainParams, VersionBitsDeployment } from "./params.ts";
import { requireAncestor } from "./shapes.ts";
import type { Seconds } from "./units.ts";

/** Where a deployment stands for a block; the same for all blocks of a period. */
export type VersionBitsState = "defined" | "started" | "locked-in" | "active" | "failed";

/** In place of a start time: active from the genesis block on. */
export const ALWAYS_ACTIVE = -1;
/** In place of a start time: failed from the genesis block on. */
export const NEVER_ACTIVE = -2;
/** In place of a timeout: there is none. */
export const NO_TIMEOUT: Seconds = /* @__PURE__ */ (() => Number.MAX_SAFE_INTEGER)();

/** The version of a block that signals for nothing, and the bits in which all that can signal are like it. */
const TOP_BITS = 0x2000_0000;
const TOP_MASK = 0xe000_0000;

/** States by deployment and the last block of a period. Grows by an entry a period; its maker may drop it. */
export type VersionBitsCache = Map<VersionBitsDeployment, Map<BlockHash, VersionBitsState>>;

/**
 * The state of a deployment for the block after `parent`. Core: GetStateFor.
 * @param parent `undefined` for the genesis block
 * @param cache remembers the end of each period, so that only what is new since the last call is counted
 * @example
 * const deployment = { name: "taproot", bit: 2, startTime: 0, timeout: NO_TIMEOUT, period: 2016, threshold: 1815 };
 * versionBitsState(tree.tip, { ...deployment, minActivationHeight: 0 }) // "defined": a state lasts a whole period
 */
export function versionBitsState(
  parent: AncestorView | undefined,
  deployment: VersionBitsDeployment,
  cache: VersionBitsCache = new Map(),
): VersionBitsState {
  if (parent !== undefined) requireAncestor(parent, "parent");
  requireDeployment(deployment, "deployment");
  requireMap(cache, "cache");

  const { startTime, period } = deployment;
  if (startTime === ALWAYS_ACTIVE) return "active";
  if (startTime === NEVER_ACTIVE) return "failed";
  const known = cache.get(deployment) ?? new Map<BlockHash, VersionBitsState>();
  cache.set(deployment, known);

  // Back, from the end of a period to the end of the one before, until the state is known.
  let end = parent?.ancestor(parent.height - ((parent.height + 1) % period));
  const unknown: AncestorView[] = [];
  while (end !== undefined && !known.has(end.hash) && end.medianTimePast >= startTime) {
    unknown.push(end);
    end = end.ancestor(end.height - period);
  }
  // Before the start time, as before the first period, nothing can have happened.
  let state: VersionBitsState = (end && known.get(end.hash)) ?? "defined";
  for (const next of unknown.toReversed()) {
    state = stateAfter(next, state, deployment);
    known.set(next.hash, state);
  }
  return state;
}

function requireDeployment(value: unknown, name: string): void {
  requireFields(value, name, {
    name: "string",
    startTime: "number",
    timeout: "number",
    minActivationHeight: "number",
    threshold: "number",
  });
  const { bit, period } = value as VersionBitsDeployment;
  requireInteger(bit, `${name}.bit`, 0, 28);
  requireInteger(period, `${name}.period`, 1); // or counting would never end
}

/** The state after the period that this block ends, from the one during it. */
function stateAfter(
  end: AncestorView,
  state: VersionBitsState,
  deployment: VersionBitsDeployment,
): VersionBitsState {
  const { startTime, timeout, threshold, minActivationHeight } = deployment;
  switch (state) {
    case "defined":
      return end.medianTimePast >= startTime ? "started" : "defined";
    case "started":
      if (countSignals(end, deployment) >= threshold) return "locked-in";
      return end.medianTimePast >= timeout ? "failed" : "started";
    case "locked-in":
      return end.height + 1 >= minActivationHeight ? "active" : "locked-in";
    default:
      return state;
  }
}

/** Blocks that signal in the period that this block ends. */
function countSignals(end: AncestorView, { bit, period }: VersionBitsDeployment): number {
  let count = 0;
  let block: AncestorView | undefined = end;
  for (let i = 0; i < period && block !== undefined; i++) {
    const { version } = block;
    if ((version & TOP_MASK) >>> 0 === TOP_BITS && (version & (1 << bit)) !== 0) count++;
    block = block.ancestor(block.height - 1);
  }
  return count;
}

/**
 * The version that the block after `parent` should have: with the bits of all deployments that want signals. Core:
 * ComputeBlockVersion.
 * @example computeBlockVersion(tree.tip, { versionBits: [] }) // 0x2000_0000
 */
export function computeBlockVersion(
  parent: AncestorView,
  params: Pick<ChainParams, "versionBits">,
  cache: VersionBitsCache = new Map(),
): number {
  requireAncestor(parent, "parent");
  requireFields(params, "params", { versionBits: "array" });
  requireArray(params.versionBits, "params.versionBits", requireDeployment);
  const { versionBits } = params;

  return versionBits.reduce((version, deployment) => {
    const state = versionBitsState(parent, deployment, cache);
    const signals = state === "started" || state === "locked-in";
    return signals ? version | (1 << deployment.bit) : version;
  }, TOP_BITS);
}
