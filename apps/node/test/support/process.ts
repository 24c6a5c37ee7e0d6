import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Identity } from "@chain/fullnode";
import { told } from "@chain/testing/loopback";
import { asNode } from "@chain/testing/place";
import { PROGRAMS } from "@chain/testing/processes";
import { onTestFinished } from "vitest";

type LogLine = Readonly<Record<string, unknown>>;

/** The program as a process of its own. */
export class Program {
  readonly lines: LogLine[] = [];
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  out = "";
  error = "";
  readonly #watchers = new Set<() => void>();

  /**
   * @param nodeOptions for Node itself
   * @param output an open file that gets standard output, if not we
   */
  constructor(argv: readonly string[], nodeOptions: readonly string[] = [], output?: number) {
    const { NODE_ID: _id, CHAIN_DATADIR: _dir, CHAIN_NETWORK: _network, ...env } = process.env;
    this.child = spawn(process.execPath, [...nodeOptions, PROGRAMS["chain-node"], ...argv], {
      env,
      stdio: ["ignore", output ?? "pipe", "pipe"],
    });
    const { stdout, stderr } = this.child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on("line", (line) => {
        this.out += `${line}\n`;
        if (line.startsWith("{")) this.lines.push(JSON.parse(line) as LogLine);
        for (const watcher of this.#watchers) watcher();
      });
    }
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.error += text;
    });
    this.ended = once(this.child, "close").then(([code, signal]) => code ?? signal);
  }

  /** Runs it in a test, with no trace of it left after that. */
  static inTest(...args: ConstructorParameters<typeof Program>): Program {
    const program = new Program(...args);
    onTestFinished(() => program.kill());
    return program;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** The first line of the log, past or to come, that is so. */
  until(test: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.lines.find(test);
        if (found === undefined) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
      void this.ended.then((code) => reject(new TypeError(`ended with ${code}: ${this.error}`)));
    });
  }

  event(name: string): Promise<LogLine> {
    return this.until(({ event }) => event === name);
  }
}

/** Arguments of a node that tells what happens, and that calls nobody unless it is told to. */
export function nodeArguments(identity: Identity, ...more: readonly string[]): string[] {
  const role = more.includes("--connect") ? [] : ["--role", "central"];
  return told(["startnode", "--log", "json", ...asNode(identity), ...role, ...more]);
}

/** A node as a process, listening. */
export async function startProcess(identity: Identity, ...more: string[]): Promise<Program> {
  const program = Program.inTest(nodeArguments(identity, ...more));
  await program.event("ready");
  return program;
}
