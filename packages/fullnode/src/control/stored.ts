import { StorageError } from "@chain/storage";
import { isRepairable, REPAIR } from "../chain/repair.ts";
import { RPC_MISC_ERROR, RpcError } from "./protocol.ts";

/** Says what is wrong with stored data that can't be read, in place of an internal error. @throws RpcError */
export async function readable<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StorageError) || error.code === "closed") throw error;
    const hint = isRepairable(error) ? `: ${REPAIR}` : "";
    throw new RpcError(RPC_MISC_ERROR, `Can't read block from disk: ${error.message}${hint}`);
  }
}
