import type { Outpoint } from "@chain/core";
import {
  requireFields,
  requireInteger,
  requireOptions,
  requireOutpoint,
} from "@chain/core/arguments";
import type { Place } from "./records.ts";

/** A part holds no more: it is in memory whole. */
export const MAX_PAGE = 10_000;
const DEFAULT_PAGE = 100;

export interface HistoryOptions {
  /** The most that are wanted: 1 to 10,000. Default: 100. */
  readonly limit?: number;
  /** Whether the history is read from its end. Default: no. */
  readonly newestFirst?: boolean;
  /** Begins behind this place. Default: from the first on. */
  readonly after?: Place | undefined;
}

export interface UnspentOptions {
  /** The most that are wanted: 1 to 10,000. Default: 100. */
  readonly limit?: number;
  /** Begins behind this output. Default: from the first on. */
  readonly after?: Outpoint | undefined;
}

export function requireHistoryOptions(options: HistoryOptions): Required<HistoryOptions> {
  requireOptions(options, "options", {
    limit: "number?",
    newestFirst: "boolean?",
    after: "object?",
  });
  const { limit = DEFAULT_PAGE, newestFirst = false, after } = options;
  requireInteger(limit, "options.limit", 1, MAX_PAGE);
  if (after !== undefined) requirePlace(after);
  return { limit, newestFirst, after };
}

function requirePlace(after: Place): void {
  requireFields(after, "options.after", { height: "number", position: "number" });
  requireInteger(after.height, "options.after.height", 0, 0xffff_ffff);
  requireInteger(after.position, "options.after.position", 0, 0xff_ffff);
}

export function requireUnspentOptions(options: UnspentOptions): Required<UnspentOptions> {
  requireOptions(options, "options", { limit: "number?", after: "object?" });
  const { limit = DEFAULT_PAGE, after } = options;
  requireInteger(limit, "options.limit", 1, MAX_PAGE);
  if (after !== undefined) requireOutpoint(after, "options.after");
  return { limit, after };
}
