import { outputTemplate } from "@chain/core";
import { signMessage } from "@chain/wallet/message";
import type { Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_TYPE_ERROR,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../../errors.ts";
import { requireScript } from "../../methods/addresses.ts";
import { requireUnlocked, walletMethod } from "../method.ts";

/** Core: SigningResultString. */
const NO_KEY = "Private key not available";

export const signmessage: Method = walletMethod({
  name: "signmessage",
  description:
    "Sign a message with the private key of an address\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    string("address", { text: "The bitcoin address to use for the private key." }),
    string("message", { text: "The message to create a signature of." }),
  ],
  results: [{ schema: text("The signature of the message encoded in base 64") }],
  errors: [
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none, or not of the wallet" },
    { code: RPC_TYPE_ERROR, when: "it is none of a key (P2PKH)" },
  ],
  examples: [["1D1ZrZNe3JUo7ZycKEYQQiQAWd9y54F4XX", "my message"]],
  waits: false,
  run: ({ address, message }, wallet, { host }) => {
    requireUnlocked(wallet);
    const script = requireScript(address, host, "Invalid address");
    const template = outputTemplate(script);
    if (template.type !== "pubkeyhash") {
      throw new RpcError(RPC_TYPE_ERROR, "Address does not refer to key");
    }
    const provider = wallet.ledger.provider([script], true);
    const publicKey = provider?.publicKey(template.hash);
    const key = publicKey && provider?.privateKey(publicKey);
    if (key === undefined) throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, NO_KEY);
    return signMessage(message, key);
  },
});
