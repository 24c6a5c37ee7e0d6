/** Many nodes, each a process, with lines between them that can fail. */
import { type ControlClient, openControl } from "../../src/control/client.ts";
import type { Identity } from "../../src/identity.ts";
import type { Dice } from "./dice.ts";
import { nodeArguments, Program } from "./process.ts";
import { Relay } from "./relay.ts";

type LogLine = Program["lines"][number];

/** One node, over all its lives. */
export class ChaosNode {
  readonly identity: Identity;
  /** Ends that nobody asked for, and what was logged that should not have been. */
  readonly complaints: string[] = [];
  /** How often it took blocks back, in the lives that are over. */
  reorganisations = 0;
  readonly #arguments: readonly string[];
  #program: Program | undefined;
  #ready = false;
  #asked = false;

  constructor(identity: Identity, more: readonly string[]) {
    this.identity = identity;
    this.#arguments = nodeArguments(identity, ...more);
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

  /** What it has logged in this life. */
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
      () => {
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
      if (line["event"] === "reorganisation") this.reorganisations++;
    }
    this.#program = undefined;
  }

  #complain(program: Program, what: string): void {
    const tail = program.lines.slice(-10).map((line) => `\n  ${JSON.stringify(line)}`);
    this.complaints.push(`${this.name} ${what}: ${program.error}${tail.join("")}`);
  }

  /** Its control connection, if it runs. */
  async control(): Promise<ControlClient | undefined> {
    return this.#ready ? openControl(this.identity.paths) : undefined;
  }

  /** When it last took blocks back. Milliseconds since 1970; 0: not in this life. */
  get lastReorganisation(): number {
    const last = this.lines.findLast(({ event }) => event === "reorganisation");
    return last === undefined ? 0 : Date.parse(String(last["time"]));
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
  /** What to start the i-th node with, besides. */
  readonly arguments: (i: number) => readonly string[];
  readonly dice: Dice;
}

/** The nodes, in a ring with chords, so that no one of them holds it together. They meet by way of relays only. */
export class ChaosNetwork {
  readonly nodes: readonly ChaosNode[];
  readonly #lines: readonly Line[];
  readonly #dice: Dice;
  /** Which side of a split network each node is on. */
  #sides: readonly boolean[] | undefined;

  private constructor(nodes: readonly ChaosNode[], lines: readonly Line[], dice: Dice) {
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
        const relay = await Relay.open(identities[to]?.nodeId ?? 0);
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
      return i < this.nodes.length - 1 && this.#dice.chance(0.5);
    });
    for (const { from, to, relay } of this.#lines) {
      if (this.#sides[from] !== this.#sides[to]) relay.set("cut");
    }
  }

  /** Does something to one line. */
  disturb(state: "cut" | "stalled"): void {
    this.#dice.pick(this.#lines.filter(({ relay }) => relay.state === "open"))?.relay.set(state);
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
