import { addressOfScript } from "@chain/wallet";
import type { Method } from "../../define/method.ts";
import { dict, obj, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_WALLET_INVALID_LABEL_NAME, RpcError } from "../../errors.ts";
import { requireLabel, walletMethod } from "../method.ts";

export const getaddressesbylabel: Method = walletMethod({
  name: "getaddressesbylabel",
  description: "Returns the list of addresses assigned the specified label.",
  arguments: [string("label", { text: "The label." })],
  results: [
    {
      schema: dict(
        obj({
          purpose: text(
            'Purpose of address ("send" for sending address, "receive" for receiving address)',
          ),
        }),
        "The addresses",
        "address",
      ),
    },
  ],
  errors: [{ code: RPC_WALLET_INVALID_LABEL_NAME, when: "no address has the label" }],
  examples: [["tabby"]],
  waits: false,
  run: ({ label: given }, { ledger }, { host }) => {
    const label = requireLabel(given);
    const found = ledger.addressEntries().filter((entry) => entry.label === label);
    if (found.length === 0) {
      throw new RpcError(RPC_WALLET_INVALID_LABEL_NAME, `No addresses with label ${label}`);
    }
    const { params } = host.chain;
    return Object.fromEntries(
      found.map(({ script, purpose }) => [addressOfScript(script, params) ?? "", { purpose }]),
    );
  },
});
