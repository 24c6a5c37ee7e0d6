import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_WALLET_ERROR,
  RPC_WALLET_PASSPHRASE_INCORRECT,
  RPC_WALLET_WRONG_ENC_STATE,
  RpcError,
} from "../../errors.ts";
import { walletMethod } from "../method.ts";
import { requireEncrypted, requireNoScan, requirePassphrase } from "./errors.ts";

const WRONG = "Error: The wallet passphrase entered was incorrect.";
const WRONG_WITH_NULL =
  "Error: The old wallet passphrase entered is incorrect. It contains a null character (ie - a zero byte). If the old passphrase was set with a version of this software prior to 25.0, please try again with only the characters up to — but not including — the first null character.";

export const walletpassphrasechange: Method = walletMethod({
  name: "walletpassphrasechange",
  description: "Changes the wallet passphrase from 'oldpassphrase' to 'newpassphrase'.",
  arguments: [
    string("oldpassphrase", { text: "The current passphrase" }),
    string("newpassphrase", { text: "The new passphrase" }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_WALLET_WRONG_ENC_STATE, when: "the wallet is not encrypted" },
    { code: RPC_WALLET_PASSPHRASE_INCORRECT, when: "the old passphrase is wrong" },
    { code: RPC_INVALID_PARAMETER, when: "a passphrase is empty" },
    { code: RPC_WALLET_ERROR, when: "the wallet is being rescanned" },
  ],
  examples: [["old one", "new one"]],
  waits: false,
  run: async ({ oldpassphrase, newpassphrase }, wallet) => {
    requireEncrypted(wallet, "walletpassphrasechange");
    requireNoScan(wallet, "changing the passphrase");
    requirePassphrase(oldpassphrase, newpassphrase);
    if (await wallet.encryption.change(oldpassphrase, newpassphrase)) return null;
    const message = oldpassphrase.includes("\0") ? WRONG_WITH_NULL : WRONG;
    throw new RpcError(RPC_WALLET_PASSPHRASE_INCORRECT, message);
  },
});
