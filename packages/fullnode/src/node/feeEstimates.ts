import { type ChainManager, FeeEstimator, feedEstimator } from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import type { NodeConfig } from "./config.ts";
import type { Service } from "./service.ts";

export interface FeeEstimates extends Service {
  /** What the RPC answers about fees. */
  readonly fees: NonNullable<RpcHost["fees"]>;
}

/** Begins to estimate fees, unless the node hears of no transactions that an estimate could come from. */
export function startFeeEstimates(config: NodeConfig, chain: ChainManager): FeeEstimates {
  const { network } = config.identity;
  const fixed = network.isMockable ? { rate: config.estimatedFee } : undefined;
  const stopping = "estimating fees";
  if (config.blocksOnly) return { fees: { fixed }, stopping, stop: async () => {} };
  const estimator = new FeeEstimator();
  const stopFeeding = feedEstimator(estimator, chain);
  return { fees: { fixed, estimator }, stopping, stop: async () => stopFeeding() };
}
