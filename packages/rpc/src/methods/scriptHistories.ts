/** The history of output scripts, as methods ask for it. */
import { IndexError, type ScriptHistoryIndex } from "@chain/indexes";
import { RPC_MISC_ERROR, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { indexFailure } from "./indexFailure.ts";

/** An output script for examples: pay to an address by hash. */
export const EXAMPLE_SCRIPT = "76a914000000000000000000000000000000000000000088ac";

/**
 * Asks the index of script histories once it holds what the chain shows.
 * @throws RpcError -1 where the index is off, is being built, or has failed
 */
export async function askScriptHistory<Answer>(
  { indexes }: Pick<RpcHost, "indexes">,
  ask: (index: ScriptHistoryIndex) => Promise<Answer>,
): Promise<Answer> {
  const running = indexes?.scriptHistory;
  if (running === undefined) {
    throw new RpcError(
      RPC_MISC_ERROR,
      "The index of script histories is not enabled (scripthistoryindex)",
    );
  }
  try {
    if (await running.isCaughtUp()) return await ask(running.index);
  } catch (error) {
    if (!(error instanceof IndexError) || error.code !== "behind") throw error;
  }
  const message = indexFailure(running) ?? "The index of script histories is still being built";
  throw new RpcError(RPC_MISC_ERROR, message);
}
