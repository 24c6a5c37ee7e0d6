import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { RPC_WALLET_ERROR, RPC_WALLET_WRONG_ENC_STATE } from "../../errors.ts";
import { walletMethod } from "../method.ts";
import { requireEncrypted, requireNoScan } from "./errors.ts";

export const walletlock: Method = walletMethod({
  name: "walletlock",
  description:
    "Removes the wallet encryption key from memory, locking the wallet.\nAfter calling this method, you will need to call walletpassphrase again\nbefore being able to call any methods which require the wallet to be unlocked.",
  arguments: [],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_WALLET_WRONG_ENC_STATE, when: "the wallet is not encrypted" },
    { code: RPC_WALLET_ERROR, when: "the wallet is being rescanned" },
  ],
  examples: [[]],
  waits: false,
  run: (_, wallet) => {
    requireEncrypted(wallet, "walletlock");
    requireNoScan(wallet, "locking the wallet");
    wallet.encryption.lock();
    return null;
  },
});
