import { RPC_INTERNAL_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";

/** Core: LONG_BLOCK_PERIODS times LONG_SCALE (policy/fees/block_policy_estimator.h). */
const MOST_BLOCKS = 1008;

/** Core: EnsureAnyFeeEstimator. @throws RpcError -32603 */
export function estimatesDisabled(): RpcError {
  return new RpcError(RPC_INTERNAL_ERROR, "Fee estimation disabled");
}

/** Core: ParseConfirmTarget. @throws RpcError -8 */
export function checkConfirmTarget(target: number): void {
  if (target >= 1 && target <= MOST_BLOCKS) return;
  const message = `Invalid conf_target, must be between 1 and ${MOST_BLOCKS}`;
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}
