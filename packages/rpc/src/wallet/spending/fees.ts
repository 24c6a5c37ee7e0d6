/** Fee rates of a node's wallets. Core: wallet/fees.cpp, and the chain interface behind it. */
import { DEFAULT_FEE_SETTINGS, type FeeSettings } from "@chain/wallet/spending";
import type { RpcHost } from "../../host.ts";
import type { RpcWallet } from "../host.ts";

/** Core: DEFAULT_TX_CONFIRM_TARGET. */
const CONFIRM_TARGET = 6;

export function feeSettingsOf(
  { settings }: Pick<RpcWallet, "settings">,
  { chain, fees }: Pick<RpcHost, "chain" | "fees">,
): FeeSettings {
  const { policy } = chain.mempool;
  const mempoolMinimum = chain.mempool.minFeeRate(chain.now);
  return {
    ...DEFAULT_FEE_SETTINGS,
    estimate: (target, isConservative) => {
      const { fixed, estimator } = fees ?? {};
      // Without a rate of its own, a network for tests has no estimate: then the fallback says what is paid.
      if (fixed?.rate !== undefined) return { feeRate: fixed.rate };
      const feeRate = estimator?.estimateSmart(target, isConservative).feeRate;
      return feeRate === undefined ? undefined : { feeRate };
    },
    confirmTarget: CONFIRM_TARGET,
    fallback: settings.fallbackFee,
    relayMinimum: policy.minRelayFeeRate,
    mempoolMinimum,
    dustRelay: policy.dustRelayFeeRate,
    incremental: policy.incrementalRelayFeeRate,
    maxFee: settings.maxFee,
  };
}
