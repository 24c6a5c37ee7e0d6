import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_WALLET_INVALID_LABEL_NAME } from "../../errors.ts";
import { requireScript } from "../../methods/addresses.ts";
import { requireLabel, walletMethod } from "../method.ts";

export const setlabel: Method = walletMethod({
  name: "setlabel",
  description: "Sets the label associated with the given address.",
  arguments: [
    string("address", { text: "The bitcoin address to be associated with a label." }),
    string("label", { text: "The label to assign to the address." }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none" },
    { code: RPC_WALLET_INVALID_LABEL_NAME, when: "the label is none" },
  ],
  examples: [["bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl", "tabby"]],
  waits: false,
  run: async ({ address, label }, wallet, { host }) => {
    const script = requireScript(address, host, "Invalid Bitcoin address");
    const { ledger } = wallet;
    const purpose = ledger.ownerOf(script) === undefined ? "send" : "receive";
    ledger.setLabel(script, requireLabel(label), purpose);
    await wallet.save();
    return null;
  },
});
