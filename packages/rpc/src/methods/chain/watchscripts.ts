import { defineMethod, type Method } from "../../define/method.ts";
import { num, obj } from "../../define/result.ts";
import { hexText, integer, list } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "../../errors.ts";

export const watchscripts: Method = defineMethod({
  name: "watchscripts",
  category: "chain",
  description:
    "Has a light node look for payments to output scripts, from a time on. It remembers them.\nA full node knows the payments of all scripts, and refuses it.",
  arguments: [
    list("scripts", hexText("script", { text: "An output script", optional: true }), {
      text: "The output scripts",
    }),
    integer("timestamp", {
      text: "When the first of their keys was made, in seconds since 1970: blocks from two hours before are searched",
      fallback: 0,
    }),
  ],
  results: [
    {
      schema: obj({
        height: num("The first block that is searched for them"),
        watched: num("The scripts that are watched now"),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "a script is not in hex, or too many are watched" },
    { code: RPC_MISC_ERROR, when: "it is a full node" },
  ],
  examples: [[["76a914000000000000000000000000000000000000000088ac"], 1_800_000_000]],
  run: () => {
    throw new RpcError(RPC_MISC_ERROR, "a full node knows all scripts: there is none to watch");
  },
});
