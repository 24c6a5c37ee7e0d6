import { defineMethod, type Method } from "../../define/method.ts";
import { string } from "../../define/types.ts";
import {
  RPC_WALLET_ALREADY_LOADED,
  RPC_WALLET_ERROR,
  RPC_WALLET_NOT_FOUND,
  RpcError,
} from "../../errors.ts";
import { walletsOf } from "../method.ts";
import { LOAD_ON_STARTUP, LOADED, loadedOf } from "./outcome.ts";

export const loadwallet: Method = defineMethod({
  name: "loadwallet",
  category: "wallet",
  description: "Loads a wallet from its directory.",
  arguments: [
    string("filename", {
      text: 'The path to the directory of the wallet to be loaded, either absolute or relative to the "wallets" directory. The "wallets" directory is set by the -walletdir option and defaults to the "wallets" folder within the data directory.',
    }),
    LOAD_ON_STARTUP,
  ],
  results: [{ schema: LOADED }],
  errors: [
    { code: RPC_WALLET_NOT_FOUND, when: "there is no such wallet" },
    { code: RPC_WALLET_ALREADY_LOADED, when: "it is loaded" },
    { code: RPC_WALLET_ERROR, when: "it can't be read" },
  ],
  examples: [["walletname"], ["/path/to/walletname/"]],
  run: async ({ filename, load_on_startup }, host) => {
    const wallets = walletsOf(host);
    if (wallets.loaded().some(({ name }) => name === filename)) {
      const message = `Wallet "${filename}" is already loaded.`;
      throw new RpcError(RPC_WALLET_ALREADY_LOADED, message);
    }
    return loadedOf(await wallets.load(filename, load_on_startup));
  },
});
