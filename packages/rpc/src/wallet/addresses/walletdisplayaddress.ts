import type { Method } from "../../define/method.ts";
import { obj, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import { requireScript } from "../../methods/addresses.ts";
import { walletMethod } from "../method.ts";

/** Core: CWallet::DisplayAddress of a wallet without an external signer. */
const NO_SIGNER = "There is no ScriptPubKeyManager for this address";

export const walletdisplayaddress: Method = walletMethod({
  name: "walletdisplayaddress",
  description:
    "Display address on an external signer for verification. No signer can be connected to this node, so the call is always refused.",
  arguments: [string("address", { text: "bitcoin address to display" })],
  results: [{ schema: obj({ address: text("The address as confirmed by the signer") }) }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none" },
    { code: RPC_MISC_ERROR, when: "there is no signer" },
  ],
  examples: [["bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"]],
  waits: false,
  run: ({ address }, _, { host }) => {
    requireScript(address, host, "Invalid address");
    throw new RpcError(RPC_MISC_ERROR, NO_SIGNER);
  },
});
