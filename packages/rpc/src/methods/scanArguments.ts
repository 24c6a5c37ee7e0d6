/** Arguments that `scanblocks`, `scantxoutset` and `getdescriptoractivity` have in common. Core: scan_action_arg_desc, scan_objects_arg_desc. */
import type { Argument } from "../define/argument.ts";
import { any, list, string } from "../define/types.ts";
import type { Json } from "../json/parse.ts";

export const scanAction: Argument<"action", string> = string("action", {
  text: 'The action to execute: "start" for starting a scan, "abort" for aborting the current scan, "status" for a progress report (in %) of the current scan.',
});

/** One of the scan objects. */
export const scanObject: Argument<"descriptor", Json> = any("descriptor", {
  text: 'A descriptor, or an object {"desc": "descriptor", "range": n or [n,n]}; range defaults to 1000.',
});

/** Required by the action `start` alone. */
export const scanObjects: Argument<"scanobjects", readonly Json[] | undefined> = list(
  "scanobjects",
  scanObject,
  {
    text: 'Array of scan objects. Required for "start" action.',
    optional: true,
    oneLine: "[scanobjects,...]",
  },
);
