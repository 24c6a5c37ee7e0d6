import type { Milliseconds } from "@chain/core";
import type { Log, Node } from "@chain/engine";

/** Milliseconds between two lines. */
const INTERVAL: Milliseconds = 3_000;

/** Tells every few seconds how far a long download is. Silent while there is nothing to catch up with. */
export class Progress {
  readonly #node: Pick<Node, "chain" | "peers">;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #before: number;
  /** The last line about headers. */
  #said = "";

  constructor(node: Pick<Node, "chain" | "peers">, log: Log) {
    this.#node = node;
    this.#log = log;
    this.#before = node.chain.tip.height;
    this.#timer = setInterval(() => this.#tell(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const { tip, bestHeader, initialDownload } = this.#node.chain;
    const { height } = tip;
    const headers = bestHeader.height;
    const blocksPerSecond = Math.round(((height - this.#before) * 1000) / INTERVAL);
    this.#before = height;
    if (!initialDownload) return;
    if (headers === height) {
      this.#tellOfHeaders(height);
      return;
    }
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

  /** All blocks are here that are known of, and their chain has too little work to be the real one. */
  #tellOfHeaders(height: number): void {
    const peers = this.#node.peers();
    const shown = Math.max(...peers.map(({ presyncHeight = 0 }) => presyncHeight), 0);
    const waiting = `no chain with enough work is known yet, and ${peers.length} peers are connected`;
    const sentence =
      shown > height ? `headers up to ${shown} were shown, not yet with enough work` : waiting;
    if (sentence === this.#said) return;
    this.#said = sentence;
    const fields = { event: "progress", height, headers: height, blocksPerSecond: 0 };
    this.#log("info", "sync", sentence, shown > height ? { ...fields, shown } : fields);
  }
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
