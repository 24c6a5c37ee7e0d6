import type { ChainManager } from "@chain/engine";
import { RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";

/**
 * Hashes per second that the blocks before a height took. Core: GetNetworkHashPS.
 * @param count blocks; -1: since the target changed
 * @param height -1: the tip's
 * @throws RpcError -8
 */
export function networkHashRate(
  { headers, params, tip }: Pick<ChainManager, "headers" | "params" | "tip">,
  count: number,
  height: number,
): number {
  if (count < -1 || count === 0) {
    const message = "Invalid nblocks. Must be a positive number or -1.";
    throw new RpcError(RPC_INVALID_PARAMETER, message);
  }
  const last = height === -1 ? tip : headers.activeAt(height);
  if (last === undefined) {
    throw new RpcError(RPC_INVALID_PARAMETER, "Block does not exist at specified height");
  }
  if (last.height === 0) return 0;
  const interval = Math.floor(params.targetTimespan / params.targetSpacing);
  const wanted = count === -1 ? (last.height % interval) + 1 : count;
  let first = last;
  let [least, most] = [last.time, last.time];
  for (let i = 0; i < wanted && first.parent !== undefined; i++) {
    first = first.parent;
    least = Math.min(least, first.time);
    most = Math.max(most, first.time);
  }
  return least === most ? 0 : Number(last.chainWork - first.chainWork) / (most - least);
}
