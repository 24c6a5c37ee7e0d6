import type { ChainManager, Log } from "@chain/engine";

/** Milliseconds between two lines. */
const INTERVAL = 3_000;

/** Tells every few seconds how far a long download is. Silent while there is nothing to catch up with. */
export class Progress {
  readonly #chain: ChainManager;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #before: number;

  constructor(chain: ChainManager, log: Log) {
    this.#chain = chain;
    this.#log = log;
    this.#before = chain.tip.height;
    this.#timer = setInterval(() => this.#tell(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const { tip, bestHeader, initialDownload } = this.#chain;
    const { height } = tip;
    const headers = bestHeader.height;
    const blocksPerSecond = Math.round(((height - this.#before) * 1000) / INTERVAL);
    this.#before = height;
    if (!initialDownload) return;
    const percent = Math.floor((100 * height) / headers);
    const left =
      blocksPerSecond > 0 ? `, ${duration((headers - height) / blocksPerSecond)} left` : "";
    const sentence = `${height} of ${headers} blocks (${percent} %), ${blocksPerSecond} blocks/s${left}`;
    this.#log("info", "sync", sentence, {
      event: "progress",
      height,
      headers,
      blocksPerSecond,
    });
  }
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
