import { verifyMessage } from "@chain/wallet/message";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_TYPE_ERROR, RpcError } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { EXAMPLE_ADDRESS } from "../examples.ts";

export const verifymessage: Method<HeaderHost> = defineMethod({
  name: "verifymessage",
  category: "util",
  description: "Verify a signed message.",
  arguments: [
    string("address", { text: "The bitcoin address to use for the signature." }),
    string("signature", {
      text: "The signature provided by the signer in base 64 encoding (see signmessage).",
    }),
    string("message", { text: "The message that was signed." }),
  ],
  results: [{ schema: flag("If the signature is verified or not.") }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none of this network" },
    { code: RPC_TYPE_ERROR, when: "the address has no key, or the signature is not in base64" },
  ],
  examples: [[EXAMPLE_ADDRESS, "signature", "my message"]],
  run: ({ address, signature, message }, { chain }) => {
    const verified = verifyMessage(address, signature, message, chain.params);
    if (verified.ok) return verified.valid;
    const code = verified.code === "invalid-address" ? RPC_INVALID_ADDRESS_OR_KEY : RPC_TYPE_ERROR;
    throw new RpcError(code, verified.reason);
  },
});
