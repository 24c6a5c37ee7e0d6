/** How a log may look. Apart from the log itself, which takes time to load. */
import type { LogCategory } from "@chain/engine";

export const LOG_FORMATS = ["pretty", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Categories that are logged in full at any level. */
  readonly debug?: readonly LogCategory[];
  readonly colour: boolean;
  /** Gets whole lines. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const LOG_CATEGORIES: readonly LogCategory[] = [
  "chain",
  "mempool",
  "miner",
  "net",
  "relay",
  "store",
  "sync",
];
