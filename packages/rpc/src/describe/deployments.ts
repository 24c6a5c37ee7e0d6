/** Where changes of the rules stand. Core: DeploymentInfo (rpc/blockchain.cpp), VersionBitsCache::Info. */
import {
  ALWAYS_ACTIVE,
  type ChainParams,
  type HeaderNode,
  NEVER_ACTIVE,
  NO_TIMEOUT,
  type VersionBitsCache,
  type VersionBitsDeployment,
  type VersionBitsState,
  versionBitsState,
} from "@chain/core";
import { bigNumber } from "../json/number.ts";

interface DeploymentDescription {
  readonly type: string;
  readonly height?: number | undefined;
  readonly active: boolean;
  readonly bip9?: Bip9Description | undefined;
}

interface Bip9Description {
  readonly bit?: number | undefined;
  readonly start_time: number;
  readonly timeout: number;
  readonly min_activation_height: number;
  readonly status: string;
  readonly since: number;
  readonly status_next: string;
  readonly statistics?: Statistics | undefined;
  readonly signalling?: string | undefined;
}

interface Statistics {
  readonly period: number;
  readonly elapsed: number;
  readonly count: number;
  readonly threshold?: number | undefined;
  readonly possible?: boolean | undefined;
}

/** Rules by their height, in Core's order and with Core's names. */
const BURIED = [
  ["bip34", "bip34"],
  ["bip66", "bip66"],
  ["bip65", "bip65"],
  ["csv", "csv"],
  ["segwit", "segwit"],
] as const;

/** Taproot holds here from the genesis block on, whatever miners once signalled. */
const TAPROOT: VersionBitsDeployment = {
  name: "taproot",
  bit: 2,
  startTime: ALWAYS_ACTIVE,
  timeout: NO_TIMEOUT,
  minActivationHeight: 0,
  period: 2016,
  threshold: 2016,
};

/** Deployments as they stand at a block, by name. */
export function deploymentsAt(
  node: HeaderNode,
  { deployments, versionBits }: Pick<ChainParams, "deployments" | "versionBits">,
): Readonly<Record<string, DeploymentDescription>> {
  const cache: VersionBitsCache = new Map();
  return Object.fromEntries([
    ...BURIED.map(([name, key]) => {
      const height = deployments[key];
      return [name, { type: "buried", active: node.height + 1 >= height, height }];
    }),
    ...[...versionBits, TAPROOT]
      .filter(({ startTime }) => startTime !== NEVER_ACTIVE)
      .map((each) => [each.name, describe(node, each, cache)]),
  ]);
}

function describe(
  node: HeaderNode,
  deployment: VersionBitsDeployment,
  cache: VersionBitsCache,
): DeploymentDescription {
  const state = versionBitsState(node.parent, deployment, cache);
  const next = versionBitsState(node, deployment, cache);
  const since = sinceHeight(node, deployment, cache);
  const counts = state === "started" || state === "locked-in";
  const activeSince = state === "active" ? since : next === "active" ? node.height + 1 : undefined;
  const { startTime, timeout, minActivationHeight, bit } = deployment;
  return {
    type: "bip9",
    ...(activeSince !== undefined && { height: activeSince }),
    active: activeSince !== undefined && activeSince <= node.height + 1,
    bip9: {
      ...(counts && { bit }),
      start_time: startTime,
      timeout: timeout === NO_TIMEOUT ? bigNumber((1n << 63n) - 1n) : timeout,
      min_activation_height: minActivationHeight,
      status: statusName(state),
      since,
      status_next: statusName(next),
      ...(counts && signals(node, deployment, state)),
    },
  };
}

function statusName(state: VersionBitsState): string {
  return state.replace("-", "_");
}

/** The first block with the state of this one. Core: GetStateSinceHeightFor. */
function sinceHeight(
  node: HeaderNode,
  deployment: VersionBitsDeployment,
  cache: VersionBitsCache,
): number {
  const { startTime, period } = deployment;
  const { parent } = node;
  if (startTime === ALWAYS_ACTIVE || parent === undefined) return 0;
  const state = versionBitsState(parent, deployment, cache);
  if (state === "defined") return 0;
  let end = parent.ancestor(parent.height - ((parent.height + 1) % period));
  for (;;) {
    const before = end?.ancestor(end.height - period);
    if (before === undefined || versionBitsState(before, deployment, cache) !== state) break;
    end = before;
  }
  return (end?.height ?? -1) + 1;
}

/** Blocks of the period up to this one that signal. Core: GetStateStatisticsFor. */
function signals(
  node: HeaderNode,
  { bit, period, threshold }: VersionBitsDeployment,
  state: VersionBitsState,
): Pick<Bip9Description, "statistics" | "signalling"> {
  const elapsed = 1 + (node.height % period);
  const marks: string[] = [];
  for (
    let at: HeaderNode | undefined = node;
    at !== undefined && marks.length < elapsed;
    at = at.parent
  ) {
    const isSignal = at.version >>> 29 === 1 && (at.version & (1 << bit)) !== 0;
    marks.push(isSignal ? "#" : "-");
  }
  const count = marks.filter((mark) => mark === "#").length;
  const goal = state === "started" && {
    threshold,
    possible: period - threshold >= elapsed - count,
  };
  return {
    statistics: { period, elapsed, count, ...goal },
    signalling: marks.reverse().join(""),
  };
}
