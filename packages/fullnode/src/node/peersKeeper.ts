import type { Milliseconds } from "@chain/core";
import { AddressBook, type Log, type NetAddress, type Random } from "@chain/engine";
import { messageOf } from "../errors.ts";
import { keptAs } from "../files.ts";
import { readPeersFile, type SavedPeers, writePeersFile } from "./peersFile.ts";

/** How often the file is written. Core: DUMP_PEERS_INTERVAL. Milliseconds. */
const INTERVAL: Milliseconds = 15 * 60_000;

/** Keeps the addresses of nodes in a file, so that a node that starts again knows peers to call. */
export class PeersKeeper {
  readonly #path: string;
  readonly #saved: SavedPeers;
  readonly #log: Log;
  #anchors: () => readonly NetAddress[] = () => [];
  #timer: NodeJS.Timeout | undefined;
  #dueAt: Milliseconds = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, saved: SavedPeers, log: Log) {
    this.#path = path;
    this.#saved = saved;
    this.#log = log;
  }

  /** A file that can't be read is worth a warning: the node finds its peers again. */
  static async open(path: string, random: Random, log: Log): Promise<PeersKeeper> {
    try {
      return new PeersKeeper(path, await readPeersFile(path, random), log);
    } catch (error) {
      log(
        "warn",
        "net",
        `the addresses of peers are lost: ${messageOf(error)}; ${await keptAs(path)}`,
      );
      return new PeersKeeper(path, { book: new AddressBook(random), anchors: [] }, log);
    }
  }

  get book(): AddressBook {
    return this.#saved.book;
  }

  /** Peers of the last run. */
  get anchors(): readonly NetAddress[] {
    return this.#saved.anchors;
  }

  /** @param anchors peers of this run, when they are asked for */
  start(anchors: () => readonly NetAddress[]): void {
    this.#anchors = anchors;
    this.#schedule(INTERVAL);
  }

  #schedule(wait: Milliseconds): void {
    clearTimeout(this.#timer);
    this.#dueAt = performance.now() + wait;
    this.#timer = setTimeout(() => {
      this.#schedule(INTERVAL);
      void this.write();
    }, wait);
  }

  /** Writes by so many milliseconds sooner than planned. */
  forward(by: number): void {
    if (this.#timer !== undefined)
      this.#schedule(Math.max(0, this.#dueAt - by - performance.now()));
  }

  write(): Promise<void> {
    const anchors = this.#anchors();
    this.#writing = this.#writing.then(async () => {
      try {
        await writePeersFile(this.#path, { book: this.book, anchors });
      } catch (error) {
        this.#log("warn", "net", `can't keep the addresses of peers: ${messageOf(error)}`);
      }
    });
    return this.#writing;
  }

  /** While the node still has its peers. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.write();
  }
}
