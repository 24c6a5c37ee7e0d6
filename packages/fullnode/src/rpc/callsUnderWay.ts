import type { ServerResponse } from "node:http";
import type { Milliseconds } from "@chain/core";
import type { CallSignal } from "@chain/rpc";

/** How long the calls that are under way have at the end: more than a wait needs to notice it. Milliseconds. */
const GRACE: Milliseconds = 10_000;

/** The signal of a call, as it is written. */
interface OwnSignal extends CallSignal {
  aborted: boolean;
  ending: boolean;
}

/**
 * The calls whose requests have come whole and that are not answered yet. A server that ends answers them first: what
 * they have done would remain unknown otherwise. Core: StopHTTPServer.
 */
export class CallsUnderWay {
  readonly #signals = new Set<OwnSignal>();
  #ended: (() => void) | undefined;
  #isEnding = false;

  /** Whether no more calls are to be taken. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** A call begins. @returns the signal that says whether its caller is still there, and whether the server ends */
  begin(response: ServerResponse): CallSignal {
    const signal = { aborted: false, ending: this.#isEnding };
    this.#signals.add(signal);
    response.once("close", () => {
      signal.aborted = true;
      this.#signals.delete(signal);
      if (this.#signals.size === 0) this.#ended?.();
    });
    return signal;
  }

  /** Ends those that wait for something. @returns when all are answered, or have had their time */
  async end(): Promise<void> {
    this.#isEnding = true;
    if (this.#signals.size === 0) return;
    for (const signal of this.#signals) signal.ending = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GRACE);
      this.#ended = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
