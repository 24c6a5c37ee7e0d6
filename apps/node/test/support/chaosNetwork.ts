/** Many nodes, each a process, with lines between them that can fail. */

import { type ControlClient, type Identity, openControl } from "@chain/fullnode";
import type { Rng } from "@chain/testing/random";
import { nodeArguments, Program } from "./process.ts";
import { Relay } from "./relay.ts";

/** Within this, a node has written down what it was given: it gathers for a second, or longer on a busy machine. Milliseconds. */
export const KEPT_AFTER = 5_000;

/**
 * Where they listen: an address of their own, where the system has more than one. The port of a dead node on 127.0.0.1
 * is one that the system gives to others, the control ports of nodes that start meanwhile among them.
 */
const HOST = process.platform === "linux" ? "127.0.0.2" : "127.0.0.1";

type LogLine = Program["lines"][number];

/** One node, over all its lives. */
export class ChaosNode {
  readonly identity: Identity;
  /** Ends that nobody asked for, and what was logged that should not have been. */
  readonly complaints: string[] = [];
  /** How often it took blocks back, in the lives that are over. */
  reorganisations = 0;
  /** When a kill came while blocks were taken back, or soon after: transactions of those may not be kept. */
  readonly unkeptAt: number[] = [];
  /** Its lines about transactions and about blocks taken back, and its ends, in the lives that are over. */
  readonly #history: { readonly txid: unknown; readonly text: string }[] = [];
  /** The tip of the life before, as far as it was told of. */
  #lastTip: unknown;
  #killedAt = 0;
  readonly #arguments: readonly string[];
  #program: Program | undefined;
  #ready = false;
  #asked = false;

  constructor(identity: Identity, more: readonly string[]) {
    this.identity = identity;
    // A port of its own choice for the RPC: 10,000 above its own may be that of somebody's connection, which is a warning.
    this.#arguments = nodeArguments(identity, "--bind", HOST, "--rpcport", "0", ...more);
  }

  get name(): string {
    return `node ${this.identity.nodeId}`;
  }

  get running(): boolean {
    return this.#program !== undefined;
  }

  /** Whether it listens, and ends in peace when asked to. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The lines that it has logged in this life. */
  get lines(): readonly LogLine[] {
    return this.#program?.lines ?? [];
  }

  /** @returns when it listens, or has ended before that */
  start(): Promise<void> {
    const program = new Program(this.#arguments);
    this.#program = program;
    this.#asked = false;
    void program.ended.then((code) => {
      if (!this.#asked) this.#complain(program, `ended with ${code} unasked`);
    });
    return program.event("ready").then(
      ({ hash }) => {
        // It was killed with a change on disk that it had no time to tell of.
        if (this.#lastTip !== undefined && hash !== this.#lastTip) {
          this.unkeptAt.push(this.#killedAt);
        }
        this.#ready = this.#program === program && !this.#asked;
      },
      () => {},
    );
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const program = this.#program;
    if (program === undefined) return;
    this.#asked = true;
    this.#ready = false;
    program.child.kill(signal);
    const code = await program.ended;
    const expected = signal === "SIGTERM" ? 0 : signal;
    if (code !== expected) this.#complain(program, `ended with ${code} on ${signal}`);
    if (program.error !== "") this.#complain(program, `wrote ${program.error}`);
    // Nothing breaks in a node, and none accuses another: all are honest. Much to say at once is no accusation.
    for (const line of program.lines) {
      const isAlarm = line["level"] === "warn" || line["level"] === "error";
      if (isAlarm && line["event"] !== "lines-left-out") {
        this.complaints.push(`${this.name}: ${JSON.stringify(line)}`);
      }
      this.#remember(line);
    }
    this.#history.push({ txid: undefined, text: `${new Date().toISOString()} ${signal}` });
    if (signal === "SIGKILL") {
      this.#killedAt = Date.now();
      const reorganisation = program.lines.findLast(({ event }) => event === "reorganisation");
      const since = this.#killedAt - Date.parse(String(reorganisation?.["time"] ?? 0));
      if (since < KEPT_AFTER) this.unkeptAt.push(this.#killedAt);
    }
    this.#program = undefined;
  }

  #remember({ time, event, txid, hash, why = "", reason = "", ...more }: LogLine): void {
    if (event === "tip" || event === "ready") this.#lastTip = hash;
    if (event === "reorganisation") this.reorganisations++;
    if (event !== "reorganisation" && txid === undefined) return;
    const detail = event === "reorganisation" ? JSON.stringify(more) : `${why}${reason}`;
    this.#history.push({ txid, text: `${time} ${event} ${detail}` });
  }

  /** All lines about a transaction that is gone. */
  historyOf(txid: string): string {
    const texts = this.#history.filter((each) => (each.txid ?? txid) === txid);
    return texts.map(({ text }) => `\n  ${this.name}: ${text}`).join("");
  }

  #complain(program: Program, what: string): void {
    const tail = program.lines.slice(-10).map((line) => `\n  ${JSON.stringify(line)}`);
    this.complaints.push(`${this.name} ${what}: ${program.error}${tail.join("")}`);
  }

  /** Its control connection, if it runs. */
  async control(): Promise<ControlClient | undefined> {
    return this.#ready ? openControl(this.identity.paths) : undefined;
  }
}

interface Line {
  readonly from: number;
  readonly to: number;
  readonly relay: Relay;
}

export interface ChaosNetworkOptions {
  readonly identities: readonly Identity[];
  /** Calls that each node makes. */
  readonly calls: number;
  /** Arguments to start the i-th node with, besides. */
  readonly arguments: (i: number) => readonly string[];
  readonly dice: Rng;
}

/** The nodes, in a ring with chords, so that no one of them holds it together. They meet by way of relays only. */
export class ChaosNetwork {
  readonly nodes: readonly ChaosNode[];
  readonly #lines: readonly Line[];
  readonly #dice: Rng;
  /** Which side of a split network each node is on. */
  #sides: readonly boolean[] | undefined;

  private constructor(nodes: readonly ChaosNode[], lines: readonly Line[], dice: Rng) {
    this.nodes = nodes;
    this.#lines = lines;
    this.#dice = dice;
  }

  static async create(options: ChaosNetworkOptions): Promise<ChaosNetwork> {
    const { identities, calls, dice } = options;
    const count = identities.length;
    const lines: Line[] = [];
    const nodes: ChaosNode[] = [];
    for (const [from, identity] of identities.entries()) {
      const others = Array.from({ length: count - 2 }, (_, i) => (from + i + 2) % count);
      const targets = [(from + 1) % count, ...dice.shuffled(others).slice(0, calls - 1)];
      const connect: string[] = [];
      for (const to of targets) {
        const relay = await Relay.open({ host: HOST, port: identities[to]?.nodeId ?? 0 });
        lines.push({ from, to, relay });
        connect.push("--connect", `127.0.0.1:${relay.port}`);
      }
      nodes.push(new ChaosNode(identity, [...connect, ...options.arguments(from)]));
    }
    return new ChaosNetwork(nodes, lines, dice);
  }

  get isSplit(): boolean {
    return this.#sides !== undefined;
  }

  get ready(): readonly ChaosNode[] {
    return this.nodes.filter(({ ready }) => ready);
  }

  get dead(): readonly ChaosNode[] {
    return this.nodes.filter(({ running }) => !running);
  }

  /** Cuts every line between two halves; the first and the last node are never in the same. */
  split(): void {
    this.#sides = this.nodes.map((_, i) => {
      if (i === 0) return true;
      return i < this.nodes.length - 1 && this.#dice.chance(50);
    });
    for (const { from, to, relay } of this.#lines) {
      if (this.#sides[from] !== this.#sides[to]) relay.set("cut");
    }
  }

  /** Does something to one line. */
  disturb(state: "cut" | "stalled"): void {
    this.#dice.oneOf(this.#lines.filter(({ relay }) => relay.state === "open"))?.relay.set(state);
  }

  heal(): void {
    this.#sides = undefined;
    for (const { relay } of this.#lines) if (relay.state !== "open") relay.set("open");
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end("SIGKILL")));
    await Promise.all(this.#lines.map(({ relay }) => relay.close()));
  }
}
