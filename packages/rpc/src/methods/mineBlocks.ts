/** Blocks that callers of test networks ask for. */
import type { BlockHash } from "@chain/core";
import { EngineError } from "@chain/engine";
import type { CallSignal } from "../define/method.ts";
import { RPC_MISC_ERROR, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";

/** Mines one after the other, until there are so many or the caller has gone. @throws RpcError -1 */
export async function mineBlocks(
  count: number,
  payTo: Uint8Array,
  { mining }: Pick<RpcHost, "mining">,
  signal: CallSignal,
): Promise<readonly BlockHash[]> {
  const hashes: BlockHash[] = [];
  while (hashes.length < count) hashes.push(await refusable(() => mining.mine(payTo, signal)));
  return hashes;
}

/** Mines; a refusal of the engine becomes a sentence for the caller: the clock may have been set back. @throws RpcError -1 */
async function refusable<Result>(mine: () => Promise<Result>): Promise<Result> {
  try {
    return await mine();
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "refused") throw error;
    throw new RpcError(RPC_MISC_ERROR, error.message, { cause: error });
  }
}
