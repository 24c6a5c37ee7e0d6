import type { Method } from "../../define/method.ts";
import { list, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { walletMethod } from "../method.ts";

/** Core: PurposeFromString. Refunds are from the time of BIP-0070. */
const PURPOSES = ["receive", "send", "refund"];
const UNKNOWN =
  "Invalid 'purpose' argument, must be a known purpose string, typically 'send', or 'receive'.";

export const listlabels: Method = walletMethod({
  name: "listlabels",
  description:
    "Returns the list of all labels, or labels that are assigned to addresses with a specific purpose.",
  arguments: [
    string("purpose", {
      text: "Address purpose to list labels for ('send','receive'). An empty string is the same as not providing this argument.",
      optional: true,
    }),
  ],
  results: [{ schema: list(text("Label name"), "The labels, sorted") }],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "there is no such purpose" }],
  examples: [[], ["receive"], ["send"]],
  waits: false,
  run: ({ purpose = "" }, { ledger }) => {
    if (purpose !== "" && !PURPOSES.includes(purpose)) {
      throw new RpcError(RPC_INVALID_PARAMETER, UNKNOWN);
    }
    const entries = ledger.addressEntries();
    const wanted = entries.filter((each) => purpose === "" || each.purpose === purpose);
    return [...new Set(wanted.map(({ label }) => label))].sort();
  },
});
