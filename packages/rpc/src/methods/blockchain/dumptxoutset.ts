import type { HeaderNode } from "@chain/core";
import { type CoinsAt, EngineError } from "@chain/engine";
import { snapshotBytes } from "@chain/storage";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, num, obj, text } from "../../define/result.ts";
import { hashOrHeightType, options, string } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { headerOfHashOrHeight, readable } from "../blocks.ts";
import { snapshotFilesOf } from "../snapshots.ts";

export const dumptxoutset: Method = defineMethod({
  name: "dumptxoutset",
  category: "blockchain",
  description:
    "Write the serialized UTXO set to a file. This can be used in loadtxoutset afterwards if this snapshot height is supported in the chainparams as well.\nThe coins of an earlier block are found by the undo data of the blocks above it, while the node goes on.\nThis call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0)",
  arguments: [
    string("path", { text: "Path to the output file. If relative, will be prefixed by datadir." }),
    string("type", {
      text: 'The type of snapshot to create. Can be "latest" to create a snapshot of the current UTXO set or "rollback" to create a snapshot of a historical UTXO set. This parameter can be omitted if a separate "rollback" named parameter is specified indicating the height or hash of a specific historical block. If "rollback" is specified and separate "rollback" named parameter is not specified, this will use the latest valid snapshot block that can currently be loaded with loadtxoutset.',
      fallback: "",
    }),
    options(
      "options",
      [
        argument("rollback", hashOrHeightType, {
          text: "Height or hash of the block whose UTXO set is written. Note: The further this number is from the tip, the longer this process will take.",
          optional: true,
        }),
      ],
      { text: "Which block", optional: true, oneLine: "options" },
      // Core reads the fields that it knows.
      false,
    ),
  ],
  results: [
    {
      schema: obj({
        coins_written: num("the number of coins written in the snapshot"),
        base_hash: hex("the hash of the base of the snapshot"),
        base_height: num("the height of the base of the snapshot"),
        path: text("the absolute path that the snapshot was written to"),
        txoutset_hash: hex("the hash of the UTXO set contents"),
        nchaintx: num("the number of transactions in the chain up to and including the base block"),
      }),
    },
  ],
  errors: [
    {
      code: RPC_INVALID_PARAMETER,
      when: "the type is none, the height is not one of the chain, the file exists or can't be written",
    },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the block is not known" },
    { code: RPC_MISC_ERROR, when: "a block or its undo data is not here" },
  ],
  examples: [
    ["utxo.dat", "latest"],
    ["utxo.dat", "rollback"],
    ["utxo.dat", "rollback", { rollback: 853_456 }],
  ],
  run: async ({ path, type, options: given = {} }, host) => {
    const { chain } = host;
    const target = targetOf(host, type, given["rollback"]);
    const file = await snapshotFilesOf(host).create(path);
    if (file.type !== "created") {
      const message =
        file.type === "exists"
          ? `${file.path} already exists. If you are sure this is what you want, move it out of the way first`
          : `Couldn't open file ${file.path} for writing.`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    let coins: CoinsAt["coins"] | undefined;
    try {
      const found = await coinsOf(host, target);
      coins = found.coins;
      const { count, hash } = found.statistics;
      const header = { magic: chain.params.magic, baseHash: target.hash, count: BigInt(count) };
      await file.write(snapshotBytes(header, coins));
      return {
        coins_written: count,
        base_hash: target.hash,
        base_height: target.height,
        path: file.path,
        txoutset_hash: hash,
        nchaintx: target.chainTransactionCount,
      };
    } finally {
      await coins?.return();
      await file.close();
    }
  },
});

/** The block whose coins are asked for. @throws RpcError -5, -8 */
function targetOf(
  host: Pick<RpcHost, "chain">,
  type: string,
  rollback: Json | undefined,
): HeaderNode {
  const { tip, params } = host.chain;
  const refuse = (message: string) => new RpcError(RPC_INVALID_PARAMETER, message);
  if (rollback !== undefined) {
    if (type === "" || type === "rollback") return headerOfHashOrHeight(host, rollback);
    throw refuse(`Invalid snapshot type "${type}" specified with rollback option`);
  }
  if (type === "latest") return tip;
  if (type === "rollback") {
    const heights = (params.assumedUtxo ?? []).map(({ height }) => height);
    if (heights.length > 0) return headerOfHashOrHeight(host, Math.max(...heights));
    throw refuse("This network has no snapshot height: name a block by the rollback option");
  }
  const hint = 'Please specify "rollback" or "latest"';
  throw refuse(`Invalid snapshot type "${type}" specified. ${hint}`);
}

/** @throws RpcError -1 */
async function coinsOf({ chain }: Pick<RpcHost, "chain">, target: HeaderNode): Promise<CoinsAt> {
  const failure = "Could not roll back to requested height";
  if (target.height < (chain.prunedHeight ?? 0)) {
    const why = "since necessary block data is already pruned";
    throw new RpcError(RPC_MISC_ERROR, `${failure} ${why}.`);
  }
  try {
    return await readable(() => chain.coinsAt(target));
  } catch (error) {
    const isMissing = error instanceof EngineError && error.code === "missing-data";
    if (!isMissing && !(error instanceof RpcError)) throw error;
    throw new RpcError(RPC_MISC_ERROR, `${failure}.`, { cause: error });
  }
}
