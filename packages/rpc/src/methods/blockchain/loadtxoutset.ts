import { coreNetworkName } from "@chain/core";
import { EngineError } from "@chain/engine";
import { SnapshotReader, StorageError } from "@chain/storage";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, num, obj, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INTERNAL_ERROR,
  RPC_INVALID_PARAMETER,
  RpcError,
} from "../../errors.ts";
import type { OpenedFile, RpcHost } from "../../host.ts";
import { snapshotFilesOf } from "../snapshots.ts";

export const loadtxoutset: Method = defineMethod({
  name: "loadtxoutset",
  category: "blockchain",
  description:
    "Load the serialized UTXO set from a file.\nOnce this snapshot is loaded, the node goes on from its block to the network's tip at once. Meanwhile, the blocks below it are downloaded and checked in the background, and in the end their UTXO set must be that of the snapshot.\nThe result is a usable node that is current with the network tip in a matter of minutes rather than hours. UTXO snapshots are typically obtained from third-party sources (HTTP, torrent, etc.) which is reasonable since their contents are always checked by hash.\nYou can find more information on this process in the `assumeutxo` design document (<https://github.com/bitcoin/bitcoin/blob/master/doc/design/assumeutxo.md>).",
  arguments: [
    string("path", {
      text: "path to the snapshot file. If relative, will be prefixed by datadir.",
    }),
  ],
  results: [
    {
      schema: obj({
        coins_loaded: num("the number of coins loaded from the snapshot"),
        tip_hash: hex("the hash of the base of the snapshot"),
        base_height: num("the height of the base of the snapshot"),
        path: text("the absolute path that the snapshot was loaded from"),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the file can't be opened" },
    { code: RPC_DESERIALIZATION_ERROR, when: "it does not begin as a snapshot of this network" },
    {
      code: RPC_INTERNAL_ERROR,
      when: "the network does not know the snapshot, its coins are others, or the chain can't go on with it",
    },
  ],
  examples: [["utxo.dat"]],
  run: async ({ path }, host) => {
    const files = snapshotFilesOf(host);
    const file = await files.open(path);
    if (file === undefined) {
      const message = `Couldn't open file ${files.resolve(path)} for reading.`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    try {
      const reader = await readerOf(file, host);
      const { hash, height } = await load(reader, file, host);
      return {
        coins_loaded: Number(reader.header.count),
        tip_hash: hash,
        base_height: height,
        path: file.path,
      };
    } finally {
      await file.close();
    }
  },
});

/** @throws RpcError -22 */
async function readerOf(
  { bytes }: OpenedFile,
  { chain }: Pick<RpcHost, "chain">,
): Promise<SnapshotReader> {
  const { magic } = chain.params;
  try {
    return await SnapshotReader.open(bytes, { magic, nameOf: coreNetworkName });
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "bad-snapshot-header") throw error;
    const message = `Unable to parse metadata: ${error.message}`;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, message, { cause: error });
  }
}

/** @throws RpcError -32603 */
async function load(
  reader: SnapshotReader,
  { path }: OpenedFile,
  { chain }: Pick<RpcHost, "chain">,
) {
  try {
    return await chain.snapshot.load(reader);
  } catch (error) {
    const isOfFile = error instanceof StorageError && error.code === "bad-snapshot";
    const isRefusal = error instanceof EngineError && error.code === "bad-snapshot";
    if (!isOfFile && !isRefusal) throw error;
    const why = isOfFile ? `Population failed: ${error.message}` : error.message;
    const message = `Unable to load UTXO snapshot: ${why}. (${path})`;
    throw new RpcError(RPC_INTERNAL_ERROR, message, { cause: error });
  }
}
