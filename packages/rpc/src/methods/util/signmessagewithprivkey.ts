import { signMessage } from "@chain/wallet/message";
import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { requirePrivateKey } from "../privateKeys.ts";

export const signmessagewithprivkey: Method<HeaderHost> = defineMethod({
  name: "signmessagewithprivkey",
  category: "util",
  description: "Sign a message with the private key of an address",
  arguments: [
    string("privkey", { text: "The private key to sign the message with." }),
    string("message", { text: "The message to create a signature of." }),
  ],
  results: [{ schema: text("The signature of the message encoded in base 64") }],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "the key is none of this network" }],
  examples: [["privkey", "my message"]],
  run: ({ privkey, message }, host) => signMessage(message, requirePrivateKey(privkey, host)),
});
