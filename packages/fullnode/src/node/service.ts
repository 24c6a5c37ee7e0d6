import type { Log } from "@chain/engine";
import { messageOf } from "../errors.ts";

/** A part of a node that was started, and that can be stopped. */
export interface Service {
  /** The work of `stop`, for the line in the log where it fails: "closing the port". */
  readonly stopping: string;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** The parts of a running node. A part may use those that were added before it, so the last one is stopped first. */
export class Services {
  readonly #started: Service[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  add<Started extends Service>(service: Started): Started {
    this.#started.push(service);
    return service;
  }

  /** Stops all. One that fails does not keep the others from being stopped. */
  async stop(): Promise<void> {
    for (let next = this.#started.pop(); next !== undefined; next = this.#started.pop()) {
      try {
        await next.stop();
      } catch (error) {
        this.#log("error", "store", `${next.stopping}: ${messageOf(error)}`);
      }
    }
  }
}

/** Whether something that failed made a node end, and why. */
export type Stopped = { readonly failed: false } | { readonly failed: true; readonly why: string };

/** Stops a node once, however many ask for it. */
export class Ending {
  readonly stopped: Promise<Stopped>;
  readonly #stopAll: () => Promise<void>;
  #resolve: (result: Stopped) => void = () => {};
  #asked = false;

  constructor(stopAll: () => Promise<void>) {
    this.#stopAll = stopAll;
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @param why the failure; without it the node ends because it was asked to */
  stop(why?: string): Promise<Stopped> {
    if (!this.#asked) {
      this.#asked = true;
      const result: Stopped = why === undefined ? { failed: false } : { failed: true, why };
      void this.#stopAll().then(() => this.#resolve(result));
    }
    return this.stopped;
  }
}
