import type { ScriptHash } from "@chain/core";
import type { ScriptHistoryIndex } from "@chain/indexes";
import { badRequest } from "./errors.ts";

/** A session that hears of scripts. */
export interface Watcher {
  /** The status of the script may be another one. Must be quick. */
  touched(script: ScriptHash): void;
}

interface Watched {
  readonly watchers: Set<Watcher>;
  readonly unsubscribe: () => void;
  /** Computed once for all sessions, until the script is touched. */
  status: Promise<string | undefined> | undefined;
}

/** The scripts that sessions subscribe to. */
export class WatchedScripts {
  readonly #index: ScriptHistoryIndex;
  readonly #most: number;
  readonly #maxHistory: number;
  readonly #watched = new Map<ScriptHash, Watched>();
  #count = 0;

  constructor(index: ScriptHistoryIndex, most: number, maxHistory: number) {
    this.#index = index;
    this.#most = most;
    this.#maxHistory = maxHistory;
  }

  /** @throws ElectrumError 1 where too many are watched */
  add(script: ScriptHash, watcher: Watcher): void {
    if (this.#count >= this.#most) throw badRequest("the server has too many subscriptions");
    const watched = this.#watched.get(script) ?? this.#begin(script);
    if (watched.watchers.has(watcher)) return;
    watched.watchers.add(watcher);
    this.#count++;
  }

  #begin(script: ScriptHash): Watched {
    const watchers = new Set<Watcher>();
    const watched: Watched = {
      watchers,
      status: undefined,
      unsubscribe: this.#index.subscribe(script, () => {
        watched.status = undefined;
        for (const each of watchers) each.touched(script);
      }),
    };
    this.#watched.set(script, watched);
    return watched;
  }

  remove(script: ScriptHash, watcher: Watcher): void {
    const watched = this.#watched.get(script);
    if (watched?.watchers.delete(watcher) !== true) return;
    this.#count--;
    if (watched.watchers.size > 0) return;
    watched.unsubscribe();
    this.#watched.delete(script);
  }

  /** The status of a script. @throws IndexError `too-many`, `behind` */
  status(script: ScriptHash): Promise<string | undefined> {
    const watched = this.#watched.get(script);
    if (watched?.status !== undefined) return watched.status;
    const status = this.#index.scriptStatus(script, this.#maxHistory);
    if (watched !== undefined) {
      watched.status = status;
      status.catch(() => {
        if (watched.status === status) watched.status = undefined;
      });
    }
    return status;
  }
}
