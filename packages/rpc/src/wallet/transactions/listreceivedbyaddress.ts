import { addressOfScript, decodeAddress } from "@chain/wallet";
import type { Method } from "../../define/method.ts";
import { coins, hex, list, num, obj, text } from "../../define/result.ts";
import { boolean, integer, string } from "../../define/types.ts";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { walletMethod } from "../method.ts";
import { listReceived } from "./listReceived.ts";

export const listreceivedbyaddress: Method = walletMethod({
  name: "listreceivedbyaddress",
  description: "List balances by receiving address.",
  arguments: [
    integer("minconf", {
      text: "The minimum number of confirmations before payments are included.",
      fallback: 1,
    }),
    boolean("include_empty", {
      text: "Whether to include addresses that haven't received any payments.",
      fallback: false,
    }),
    boolean("include_watchonly", { text: "(DEPRECATED) No longer used", fallback: false }),
    string("address_filter", {
      text: "If present and non-empty, only return information on this address.",
      optional: true,
    }),
    boolean("include_immature_coinbase", {
      text: "Include immature coinbase transactions.",
      fallback: false,
    }),
  ],
  results: [
    {
      schema: list(
        obj({
          address: text("The receiving address"),
          amount: coins("The total amount received by the address"),
          confirmations: num("The number of confirmations of the most recent transaction included"),
          label: text('The label of the receiving address. The default label is ""'),
          txids: list(hex("A transaction id"), "The ids of transactions received with the address"),
        }),
        "The addresses",
      ),
    },
  ],
  errors: [{ code: RPC_WALLET_ERROR, when: "the filter is no address" }],
  examples: [[], [6, true]],
  run: (given, wallet, { host }) => {
    const { params } = host.chain;
    const only = given.address_filter ? decodeAddress(given.address_filter, params) : undefined;
    if (only?.ok === false) {
      throw new RpcError(RPC_WALLET_ERROR, "address_filter parameter was invalid");
    }
    const received = listReceived(wallet, {
      minDepth: given.minconf,
      includeEmpty: given.include_empty,
      includeImmature: given.include_immature_coinbase,
      ...(only !== undefined && { only: only.script }),
    });
    return received.map(({ script, label, amount, confirmations, txids }) => ({
      address: addressOfScript(script, params) ?? "",
      amount: coinsNumber(amount),
      confirmations,
      label,
      txids,
    }));
  },
});
