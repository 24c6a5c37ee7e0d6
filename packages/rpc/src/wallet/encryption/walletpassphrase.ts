import type { Seconds } from "@chain/core";
import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { long, string } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_WALLET_PASSPHRASE_INCORRECT,
  RPC_WALLET_WRONG_ENC_STATE,
  RpcError,
} from "../../errors.ts";
import { walletMethod } from "../method.ts";
import { requireEncrypted, requirePassphrase } from "./errors.ts";

/** About three years. */
const LONGEST: Seconds = 100_000_000;
const WRONG = "Error: The wallet passphrase entered was incorrect.";
/** Core before 25.0 ended a passphrase at such a character. */
const WRONG_WITH_NULL =
  "Error: The wallet passphrase entered is incorrect. It contains a null character (ie - a zero byte). If the passphrase was set with a version of this software prior to 25.0, please try again with only the characters up to — but not including — the first null character. If this is successful, please set a new passphrase to avoid this issue in the future.";

export const walletpassphrase: Method = walletMethod({
  name: "walletpassphrase",
  description:
    "Stores the wallet decryption key in memory for 'timeout' seconds.\nThis is needed prior to performing transactions related to private keys such as sending bitcoins\n\nNote:\nIssuing the walletpassphrase command while the wallet is already unlocked will set a new unlock\ntime that overrides the old one.",
  arguments: [
    string("passphrase", { text: "The wallet passphrase" }),
    long("timeout", {
      text: "The time to keep the decryption key in seconds; capped at 100000000 (~3 years).",
    }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_WALLET_WRONG_ENC_STATE, when: "the wallet is not encrypted" },
    { code: RPC_WALLET_PASSPHRASE_INCORRECT, when: "the passphrase is wrong" },
    { code: RPC_INVALID_PARAMETER, when: "the time is negative, or the passphrase empty" },
  ],
  examples: [["my pass phrase", 60]],
  waits: false,
  run: async ({ passphrase, timeout }, wallet) => {
    requireEncrypted(wallet, "walletpassphrase");
    if (timeout < 0n) throw new RpcError(RPC_INVALID_PARAMETER, "Timeout cannot be negative.");
    requirePassphrase(passphrase);
    const seconds = timeout > LONGEST ? LONGEST : Number(timeout);
    if (await wallet.encryption.unlock(passphrase, seconds)) return null;
    const message = passphrase.includes("\0") ? WRONG_WITH_NULL : WRONG;
    throw new RpcError(RPC_WALLET_PASSPHRASE_INCORRECT, message);
  },
});
