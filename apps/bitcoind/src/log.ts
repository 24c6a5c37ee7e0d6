/** A log with the form of Core's debug.log. Core: logging.cpp. */
import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Milliseconds } from "@chain/core";
import type { Log } from "@chain/engine";
import { type NodeConfig, oneLine, UserError } from "@chain/fullnode";
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
  readonly logging: NonNullable<NodeConfig["logging"]>;
} {
  const path = resolve(directory, settings.text("debuglogfile") || "debug.log");
  const isFile = !settings.isNegated("debuglogfile") && settings.text("debuglogfile") !== "0";
  const toConsole = settings.flag("printtoconsole", !settings.flag("daemon", false));
  const hasTime = settings.flag("logtimestamps", true);
  const digits = settings.flag("logtimemicros", false) ? 6 : 0;
  const wanted = categories(settings);
  const isLoud = (category: string) => wanted.get(category) === true;
  // A line of a category begins with its name; Core always says the others.
  const isWanted = (line: string) => {
    const [, category] = /^\[([a-z]+)\] /.exec(line) ?? [];
    return category === undefined || isLoud(category);
  };
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
    for (const line of coreLinesFor(message, fields)) if (isWanted(line)) say(line);
    if (level === "debug") {
      if (isLoud(category)) say(`[${category}] ${message}`);
    } else if (level === "info") say(message);
    else say(`[${level === "warn" ? "warning" : "error"}] ${message}`);
  };
  const logging = {
    all: () => wanted,
    set: (category: string, isWanted: boolean) => void wanted.set(category, isWanted),
  };
  return { say, log, isLoud, logging, path: isFile ? path : "" };
}

/** `2026-11-28T08:31:01Z`, or with microseconds. */
function stamp(now: Milliseconds, digits: number): string {
  const [seconds = "", rest = ""] = new Date(now).toISOString().split(".");
  return digits === 0 ? `${seconds}Z` : `${seconds}.${rest.slice(0, 3).padEnd(digits, "0")}Z`;
}

/** Core: LOG_CATEGORIES_BY_STR (logging.cpp); those of version 29 as well. */
const CATEGORIES: ReadonlySet<string> = new Set(
  `net tor mempool http bench zmq walletdb rpc estimatefee addrman selectcoins reindex cmpctblock rand prune proxy
  mempoolrej libevent coindb qt leveldb validation i2p ipc lock blockstorage txreconciliation scan txpackages kernel
  privatebroadcast`.split(/\s+/),
);
/** Ours, which Core has not: `chain-node --debug` names them. */
const OWN_CATEGORIES: ReadonlySet<string> = new Set("chain miner sync relay store".split(" "));
const ALL: ReadonlySet<string> = new Set(["", "1", "all"]);
const NONE: ReadonlySet<string> = new Set(["0", "none"]);
const LEVELS: ReadonlySet<string> = new Set(["info", "debug", "trace"]);

/** Which debug lines are wanted. Core: init/common.cpp, SetLoggingCategories. @throws UserError `usage` */
function categories(settings: Settings): Map<string, boolean> {
  const all = settings.list("debug");
  // A `none` takes back all that stand before it, misspelt or not.
  const wanted = all.slice(all.findLastIndex((name) => NONE.has(name)) + 1);
  const unwanted = settings.list("debugexclude");
  for (const [option, names] of [
    ["debug", wanted],
    ["debugexclude", unwanted],
  ] as const) {
    const unknown = names.find(
      (name) => !ALL.has(name) && !CATEGORIES.has(name) && !OWN_CATEGORIES.has(name),
    );
    if (unknown !== undefined) {
      throw new UserError("usage", `Unsupported logging category -${option}=${unknown}.`);
    }
  }
  checkLevels(settings.list("loglevel"));
  const isAll = wanted.some((name) => ALL.has(name));
  const isNone = unwanted.some((name) => ALL.has(name));
  const isWanted = (name: string) =>
    !isNone && (isAll || wanted.includes(name)) && !unwanted.includes(name);
  return new Map([...CATEGORIES, ...OWN_CATEGORIES].map((name) => [name, isWanted(name)]));
}

/** Core: SetLoggingLevel. All levels that are wanted are shown here. */
function checkLevels(levels: readonly string[]): void {
  for (const level of levels) {
    const [category = "", own, ...more] = level.split(":");
    if (own === undefined && !LEVELS.has(level)) {
      const valid = "Valid values: info, debug, trace.";
      throw new UserError("usage", `Unsupported global logging level -loglevel=${level}. ${valid}`);
    }
    const isKnown = CATEGORIES.has(category) && own !== undefined && LEVELS.has(own);
    if (own !== undefined && (more.length > 0 || !isKnown)) {
      const what = `Unsupported category-specific logging level -loglevel=${level}.`;
      const form = "Expected -loglevel=<category>:<loglevel>.";
      throw new UserError("usage", `${what} ${form}`);
    }
  }
}
