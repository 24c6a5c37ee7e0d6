import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import { walletMethod } from "../method.ts";

export const backupwallet: Method = walletMethod({
  name: "backupwallet",
  description:
    "Safely copies the current wallet to the specified destination, which can either be a directory or a path with a filename.",
  arguments: [string("destination", { text: "The destination directory or file" })],
  results: [{ schema: none() }],
  errors: [{ code: RPC_WALLET_ERROR, when: "the file can't be written" }],
  examples: [["backup.dat"]],
  run: async ({ destination }, wallet) => {
    if (await wallet.backup(destination)) return null;
    throw new RpcError(RPC_WALLET_ERROR, "Error: Wallet backup failed!");
  },
});
