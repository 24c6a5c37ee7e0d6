import { RPC_MISC_ERROR, RpcError } from "../errors.ts";
import type { RpcHost, SnapshotFiles } from "../host.ts";

/** @throws RpcError -1 where the node has no files */
export function snapshotFilesOf({ snapshots }: Pick<RpcHost, "snapshots">): SnapshotFiles {
  if (snapshots !== undefined) return snapshots;
  throw new RpcError(RPC_MISC_ERROR, "This node has no files");
}
