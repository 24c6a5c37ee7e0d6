import { defineMethod, type Method } from "../../define/method.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_WALLET_ALREADY_EXISTS,
  RPC_WALLET_ERROR,
} from "../../errors.ts";
import { walletsOf } from "../method.ts";
import { LOAD_ON_STARTUP, LOADED, loadedOf } from "./outcome.ts";

export const restorewallet: Method = defineMethod({
  name: "restorewallet",
  category: "wallet",
  description:
    'Restores and loads a wallet from backup.\n\nThe rescan is significantly faster if block filters are available\n(using startup option "-blockfilterindex=1").',
  arguments: [
    string("wallet_name", { text: "The name that will be applied to the restored wallet" }),
    string("backup_file", {
      text: "The backup file that will be used to restore the wallet.",
    }),
    LOAD_ON_STARTUP,
  ],
  results: [{ schema: LOADED }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "there is no such file" },
    { code: RPC_WALLET_ALREADY_EXISTS, when: "there is a wallet of that name" },
    { code: RPC_WALLET_ERROR, when: "the file is no backup of a wallet" },
  ],
  examples: [["testwallet", "home/backups/backup-file.bak"]],
  run: async ({ wallet_name, backup_file, load_on_startup }, host) =>
    loadedOf(await walletsOf(host).restore(wallet_name, backup_file, load_on_startup)),
});
