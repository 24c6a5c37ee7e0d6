import type { Method } from "../../define/method.ts";
import { coins } from "../../define/result.ts";
import { boolean, integer, string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_WALLET_ERROR } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { requireScript } from "../../methods/addresses.ts";
import { EXAMPLE_ADDRESS } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";
import { receivedBy } from "./received.ts";

export const getreceivedbyaddress: Method = walletMethod({
  name: "getreceivedbyaddress",
  description:
    "Returns the total amount received by the given address in transactions with at least minconf confirmations.",
  arguments: [
    string("address", { text: "The bitcoin address for transactions." }),
    integer("minconf", {
      text: "Only include transactions confirmed at least this many times.",
      fallback: 1,
    }),
    boolean("include_immature_coinbase", {
      text: "Include immature coinbase transactions.",
      fallback: false,
    }),
  ],
  results: [{ schema: coins("The total amount received at this address.") }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none" },
    { code: RPC_WALLET_ERROR, when: "it is not the wallet's" },
  ],
  examples: [[EXAMPLE_ADDRESS], [EXAMPLE_ADDRESS, 6, true]],
  run: ({ address, minconf, include_immature_coinbase }, wallet, { host }) => {
    const script = requireScript(address, host, "Invalid Bitcoin address");
    const options = { minDepth: minconf, includeImmature: include_immature_coinbase };
    return coinsNumber(receivedBy(wallet, [script], options));
  },
});
