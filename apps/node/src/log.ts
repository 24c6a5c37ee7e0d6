/** The engine's log, for people or for programs. */

import type { Milliseconds } from "@chain/core";
import type { Log, LogCategory } from "@chain/engine";
import { oneLine } from "@chain/fullnode";
import { createColors } from "picocolors";
import { type LevelWithSilent, pino } from "pino";
import { prettyFactory } from "pino-pretty";
import type { LogOptions } from "./logOptions.ts";

/** Lines in a second that peers may cause: a peer that sends all the time must not fill the disk. */
const MAX_PEER_LINES = 200;
const BY_PEERS: ReadonlySet<LogCategory> = new Set(["net", "relay"]);

/**
 * A log that writes at once, so that nothing is lost at the end. As JSON, each line has `level` (`debug`, `info`,
 * `warn`, `error`), `time` (ISO 8601), `category`, `msg`, where it is one of the events that a program may wait for
 * `event`, and the data that the sentence mentions as further fields.
 */
export function createLog(options: LogOptions): Log {
  const { format, level, debug = [], colour, write, now } = options;
  const { dim, red, yellow } = createColors(colour);
  const paint = { warn: yellow, error: red } as const;
  const pretty = prettyFactory({
    colorize: false, // done here
    hideObject: true,
    ignore: "pid,hostname,level,time",
    messageFormat: (line) => {
      const time = dim(clockTime(now()));
      const category = dim(String(line["category"]).padEnd(7));
      const text = String(line["msg"]);
      const alarm = line["level"];
      const sentence =
        alarm === "warn" || alarm === "error" ? paint[alarm](`${alarm}: ${text}`) : text;
      return `${time} ${category} ${sentence}`;
    },
  });
  const logger = pino(
    {
      base: null,
      level: (debug.length > 0 ? "debug" : level) satisfies LevelWithSilent,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: format === "json" ? write : (line: string) => write(pretty(line)) },
  );
  const limiter = new LineLimiter(now);
  const least = logger.levels.values[level] ?? Number.POSITIVE_INFINITY; // silent
  return (lineLevel, category, message, fields = {}) => {
    const isLoud = (logger.levels.values[lineLevel] ?? 0) >= least;
    if (!isLoud && !debug.includes(category)) return;
    if (BY_PEERS.has(category)) {
      const { allowed, leftOut } = limiter.take();
      if (leftOut > 0) {
        const fields = { category, event: "lines-left-out", count: leftOut };
        logger.warn(fields, `${leftOut} lines about peers left out`);
      }
      if (!allowed) return;
    }
    logger[lineLevel]({ category, ...plain(fields) }, oneLine(message));
  };
}

/** Of the place where the reader is: `14:05:09`. */
function clockTime(now: Milliseconds): string {
  return new Date(now).toTimeString().slice(0, 8);
}

/**
 * The fields that both formats can show, with names in the spelling of all JSON of the programs: `forkHeight` is `fork_height`.
 */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const spelled = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    shown[spelled] = typeof value === "bigint" ? String(value) : value;
  }
  return shown;
}

class LineLimiter {
  readonly #now: () => number;
  #second = 0;
  #lines = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `leftOut`: how many lines of the second before were not allowed. */
  take(): { readonly allowed: boolean; readonly leftOut: number } {
    const second = Math.floor(this.#now() / 1000);
    let leftOut = 0;
    if (second !== this.#second) {
      leftOut = Math.max(0, this.#lines - MAX_PEER_LINES);
      this.#second = second;
      this.#lines = 0;
    }
    this.#lines++;
    return { allowed: this.#lines <= MAX_PEER_LINES, leftOut };
  }
}
