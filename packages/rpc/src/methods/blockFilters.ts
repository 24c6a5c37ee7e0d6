/** The filters of blocks, as methods and addresses ask for them. */
import type { BlockHash, FilterHeader } from "@chain/core";
import type { BlockFilterIndex, RunningIndex } from "@chain/indexes";
import {
  RPC_INTERNAL_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_MISC_ERROR,
  RpcError,
} from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { indexFailure } from "./indexFailure.ts";

/** The one type of filter that there is (BIP-0158). */
export const BASIC = "basic";

/** The index of filters of a type. @throws RpcError -5 where there is no such type, -1 where the index is off */
export function filterIndexOf(
  { indexes }: Pick<RpcHost, "indexes">,
  type: string,
): RunningIndex<BlockFilterIndex> {
  if (type !== BASIC) throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Unknown filtertype");
  if (indexes?.blockFilters !== undefined) return indexes.blockFilters;
  throw new RpcError(RPC_MISC_ERROR, `Index is not enabled for filtertype ${type}`);
}

export interface FoundFilter {
  readonly filter: Uint8Array;
  readonly header: FilterHeader;
}

/**
 * The filter of a block; waits for the index where that is at the tip. Core: getblockfilter.
 * @throws RpcError -5 where the block was never connected, -1 while the index is built or where it has failed, -32603
 */
export async function filterOf(
  host: Pick<RpcHost, "chain">,
  running: RunningIndex<BlockFilterIndex>,
  hash: BlockHash,
): Promise<FoundFilter> {
  const isReady = await running.isCaughtUp();
  const filter = await running.index.filter(hash);
  const [summary] = (await running.index.summaries([hash])) ?? [];
  if (filter !== undefined && summary !== undefined) return { filter, header: summary.header };
  const problem = "Filter not found.";
  if (!(await host.chain.wasConnected(hash))) {
    const message = `${problem} Block was not connected to active chain.`;
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
  }
  throw missingFilter(running, isReady);
}

/** The filter of a block that was connected is not there. */
export function missingFilter(running: RunningIndex<BlockFilterIndex>, isReady: boolean): RpcError {
  const problem = "Filter not found.";
  const failure = indexFailure(running);
  if (failure !== undefined) return new RpcError(RPC_MISC_ERROR, `${problem} ${failure}`);
  return isReady
    ? new RpcError(
        RPC_INTERNAL_ERROR,
        `${problem} This error is unexpected and indicates index corruption.`,
      )
    : new RpcError(
        RPC_MISC_ERROR,
        `${problem} Block filters are still in the process of being indexed.`,
      );
}
