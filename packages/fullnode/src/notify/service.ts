/** Commands on blocks, alerts, start and end of a node. Core: -blocknotify, -alertnotify, -startupnotify, -shutdownnotify. */
import type { ChainEvent, ChainManager, Log } from "@chain/engine";
import type { Service } from "../node/service.ts";
import { Commands } from "./commands.ts";

/** Commands for the shell. */
export interface NotifyCommands {
  /** When the best chain has another tip, outside of initial download; `%s` is its hash. */
  readonly block?: string;
  /** When something is wrong that a person should know; `%s` is a sentence, in quotation marks. */
  readonly alert?: string;
  /** When the node is ready. */
  readonly startup?: string;
  /** Before the node ends: it waits for them. */
  readonly shutdown?: readonly string[];
}

/** Begins to watch; `ready` tells that the node has started. Stopped first of all parts, so that all else still runs. */
export interface NotifyService extends Service {
  readonly ready: () => void;
}

export function startNotify(
  chain: ChainManager,
  { block, alert, startup, shutdown = [] }: NotifyCommands,
  log: Log,
): NotifyService {
  const commands = new Commands(log);
  const run = (command: string, text: string) => commands.run(command.replaceAll("%s", () => text));
  const unsubscribe = chain.subscribe((event) => {
    if (event.type === "tip-changed") {
      if (block !== undefined && !chain.initialDownload) run(block, event.hash);
    } else if (alert !== undefined) {
      const sentence = alertOf(event);
      if (sentence !== undefined) run(alert, quoted(sentence));
    }
  });
  return {
    ready: () => {
      if (startup !== undefined) commands.run(startup);
    },
    stopping: "running the commands of shutdownnotify",
    stop: async () => {
      unsubscribe();
      for (const command of shutdown) commands.run(command);
      await commands.finished();
    },
  };
}

/** A warning for people that the event calls for, if it does. */
function alertOf(event: ChainEvent): string | undefined {
  switch (event.type) {
    case "chain-stopped":
      return `the node stops: ${event.why}`;
    case "unknown-rules":
      return event.warning;
    case "block-unreadable":
      return `block ${event.hash} at height ${event.height} is damaged on disk`;
    case "download-stalled":
      return `headers go on, but no block has come for long: the chain stays at height ${event.height}`;
    case "follower-failed":
      return `${event.name} has failed: ${event.why}`;
    default:
      return undefined;
  }
}

/** For the shell: without the signs that mean something to it. Core: AlertNotify with SanitizeString. */
function quoted(sentence: string): string {
  return `'${sentence.replace(/[^A-Za-z0-9 .,;\-_/:?@()]/g, "")}'`;
}
