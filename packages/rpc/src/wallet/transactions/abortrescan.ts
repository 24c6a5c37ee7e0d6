import type { Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import { walletMethod } from "../method.ts";

export const abortrescan: Method = walletMethod({
  name: "abortrescan",
  description:
    'Stops current wallet rescan triggered by an RPC call, e.g. by a rescanblockchain call.\nNote: Use "getwalletinfo" to query the scanning progress.',
  arguments: [],
  results: [{ schema: flag("Whether the abort was successful") }],
  examples: [[]],
  waits: false,
  run: (_, { rescans }) => rescans.abort(),
});
