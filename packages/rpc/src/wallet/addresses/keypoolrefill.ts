import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_WALLET_UNLOCK_NEEDED, RpcError } from "../../errors.ts";
import { requireUnlocked, walletMethod } from "../method.ts";

export const keypoolrefill: Method = walletMethod({
  name: "keypoolrefill",
  description:
    "Refills each descriptor keypool in the wallet up to the specified number of new keys.\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    integer("newsize", { text: "The new keypool size", hint: "1000, or as set by -keypool" }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the size is negative" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
  ],
  examples: [[]],
  waits: false,
  run: async ({ newsize = 0 }, wallet) => {
    if (newsize < 0) {
      const message = "Invalid parameter, expected valid size.";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    requireUnlocked(wallet);
    wallet.ledger.topUp(newsize || undefined);
    await wallet.save();
    return null;
  },
});
