/** A log with the form of Core's debug.log. Core: logging.cpp. */
import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Milliseconds } from "@chain/core";
import type { Log } from "@chain/engine";
import { oneLine, UserError } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { coreLinesFor } from "./coreLines.ts";

/** Writes one line of Core's own, such as `Done loading`. */
export type Say = (line: string) => void;

/**
 * Opens the log of a run: a file in the network's directory, and standard output where that is wanted.
 * @throws UserError `io` with Core's text.
 */
export function openLog(
  settings: Settings,
  directory: string,
  print: (text: string) => void,
): {
  readonly say: Say;
  readonly log: Log;
  /** The file; empty: none. */
  readonly path: string;
  /** Whether a category of debug lines is wanted. */
  readonly isLoud: (category: string) => boolean;
} {
  const path = resolve(directory, settings.text("debuglogfile") || "debug.log");
  const isFile = !settings.isNegated("debuglogfile") && settings.text("debuglogfile") !== "0";
  const toConsole = settings.flag("printtoconsole", !settings.flag("daemon", false));
  const hasTime = settings.flag("logtimestamps", true);
  const digits = settings.flag("logtimemicros", false) ? 6 : 0;
  const isLoud = categories(settings);
  const append = (text: string) => {
    try {
      if (isFile) appendFileSync(path, text);
    } catch (error) {
      throw new UserError("io", `Could not open debug log file ${path}`, { cause: error });
    }
  };
  append("");
  const say = (line: string) => {
    const text = `${hasTime ? `${stamp(Date.now(), digits)} ` : ""}${oneLine(line)}\n`;
    append(text);
    if (toConsole) print(text);
  };
  const log: Log = (level, category, message, fields) => {
    if (isLoud("net")) for (const line of coreLinesFor(message, fields)) say(line);
    if (level === "debug") {
      if (isLoud(category)) say(`[${category}] ${message}`);
    } else if (level === "info") say(message);
    else say(`[${level === "warn" ? "warning" : "error"}] ${message}`);
  };
  return { say, log, isLoud, path: isFile ? path : "" };
}

/** `2026-11-28T08:31:01Z`, or with microseconds. */
function stamp(now: Milliseconds, digits: number): string {
  const [seconds = "", rest = ""] = new Date(now).toISOString().split(".");
  return digits === 0 ? `${seconds}Z` : `${seconds}.${rest.slice(0, 3).padEnd(digits, "0")}Z`;
}

function categories(settings: Settings): (category: string) => boolean {
  const wanted = new Set(settings.list("debug"));
  const unwanted = new Set(settings.list("debugexclude"));
  if (wanted.has("0") || wanted.has("none")) return () => false;
  const isAll = wanted.has("1") || wanted.has("all") || wanted.has("");
  return (category) => (isAll || wanted.has(category)) && !unwanted.has(category);
}
