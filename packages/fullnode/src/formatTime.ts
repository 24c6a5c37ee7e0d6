import type { Seconds } from "@chain/core";
import { requireInteger } from "@chain/core/arguments";

/** The last second that a `Date` knows. */
const MAX_TIME: Seconds = 8_640_000_000_000;

/**
 * `2026-11-23 14:05:09`, UTC. @param time seconds since 1970
 * @example formatTime(1_800_000_000) // "2027-01-15 08:00:00"
 */
export function formatTime(time: Seconds): string {
  requireInteger(time, "time", 0, MAX_TIME);

  return new Date(time * 1000).toISOString().slice(0, 19).replace("T", " ");
}
