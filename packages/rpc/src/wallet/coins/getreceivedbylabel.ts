import type { Method } from "../../define/method.ts";
import { coins } from "../../define/result.ts";
import { boolean, integer, string } from "../../define/types.ts";
import { RPC_WALLET_ERROR, RPC_WALLET_INVALID_LABEL_NAME, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { requireLabel, walletMethod } from "../method.ts";
import { receivedBy } from "./received.ts";

export const getreceivedbylabel: Method = walletMethod({
  name: "getreceivedbylabel",
  description:
    "Returns the total amount received by addresses with <label> in transactions with at least [minconf] confirmations.",
  arguments: [
    string("label", { text: 'The selected label, may be the default label using "".' }),
    integer("minconf", {
      text: "Only include transactions confirmed at least this many times.",
      fallback: 1,
    }),
    boolean("include_immature_coinbase", {
      text: "Include immature coinbase transactions.",
      fallback: false,
    }),
  ],
  results: [{ schema: coins("The total amount received for this label.") }],
  errors: [
    { code: RPC_WALLET_ERROR, when: "no address of the wallet has the label" },
    { code: RPC_WALLET_INVALID_LABEL_NAME, when: "the label is none" },
  ],
  examples: [[""], ["tabby", 6]],
  run: ({ label: given, minconf, include_immature_coinbase }, wallet) => {
    const label = requireLabel(given);
    const entries = wallet.ledger.addressEntries().filter((entry) => entry.label === label);
    if (entries.length === 0) throw new RpcError(RPC_WALLET_ERROR, "Label not found in wallet");
    const scripts = entries.map(({ script }) => script);
    const options = { minDepth: minconf, includeImmature: include_immature_coinbase };
    return coinsNumber(receivedBy(wallet, scripts, options));
  },
});
