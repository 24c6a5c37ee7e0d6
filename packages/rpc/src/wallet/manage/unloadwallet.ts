import { defineMethod, type Method } from "../../define/method.ts";
import { obj } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RPC_WALLET_ERROR,
  RPC_WALLET_NOT_FOUND,
  RpcError,
} from "../../errors.ts";
import { requireLoaded, walletsOf } from "../method.ts";
import { LOAD_ON_STARTUP, uniqueName, WARNINGS, withWarnings } from "./outcome.ts";

export const unloadwallet: Method = defineMethod({
  name: "unloadwallet",
  category: "wallet",
  description:
    "Unloads the wallet referenced by the request endpoint or the wallet_name argument.\nIf both are specified, they must be identical.",
  arguments: [
    string("wallet_name", {
      text: "The name of the wallet to unload. If provided both here and in the RPC endpoint, the two must be identical.",
      hint: "the wallet name from the RPC endpoint",
    }),
    LOAD_ON_STARTUP,
  ],
  results: [{ schema: obj({ warnings: WARNINGS }) }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "no wallet is named, or two" },
    { code: RPC_WALLET_NOT_FOUND, when: "it is not loaded" },
    { code: RPC_WALLET_ERROR, when: "it is being rescanned" },
  ],
  examples: [["wallet_name"]],
  run: async ({ wallet_name, load_on_startup }, host, { wallet: ofPath }) => {
    const wallets = walletsOf(host);
    const wallet = requireLoaded(host, uniqueName(ofPath, wallet_name));
    if (wallet.rescans.current() !== undefined) {
      const message = "Wallet is currently rescanning. Abort existing rescan or wait.";
      throw new RpcError(RPC_WALLET_ERROR, message);
    }
    const warnings = await wallets.unload(wallet, load_on_startup);
    if (warnings !== undefined) return withWarnings(warnings);
    throw new RpcError(RPC_MISC_ERROR, "Requested wallet already unloaded");
  },
});
