/** Starts the two programs as real processes, from source, and follows what they print. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Program = "chain-node" | "chain-wallet";

/** The files that run each program from its sources, put into one file: it begins in a fourth of the time that a loader of TypeScript takes. */
export const PROGRAMS: Readonly<Record<Program, string>> = {
  "chain-node": fileURLToPath(new URL("../../../bin/chain-node", import.meta.url)),
  "chain-wallet": fileURLToPath(new URL("../../../bin/chain-wallet", import.meta.url)),
};

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is closed after it. */
  readonly input?: string;
}

function launch(program: Program, args: readonly string[], options: LaunchOptions): ChildProcess {
  // The settings of the caller's shell about nodes must not leak into a test.
  const {
    NODE_ID: _id,
    CHAIN_DATADIR: _dir,
    CHAIN_NETWORK: _network,
    CHAIN_SIGNETCHALLENGE: _challenge,
    CHAIN_SIGNETBLOCKTIME: _blockTime,
    CHAIN_PASSPHRASE: _secret,
    ...inherited
  } = process.env;
  const child = spawn(process.execPath, [PROGRAMS[program], ...args], {
    env: { ...inherited, NO_COLOR: "1", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => {}); // the program may end before it has read anything
  child.stdin?.end(options.input ?? "");
  return child;
}

/** Runs a program to its end. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: LaunchOptions = {},
): Promise<Finished> {
  const child = launch(program, args, options);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** One line of `--log json`. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly msg?: string;
  readonly event?: string;
};

/** A `chain-node startnode` that runs, seen through its log. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #lines: LogLine[] = [];
  readonly #watchers = new Set<(line: LogLine) => void>();
  readonly #closed: Promise<number | null>;
  #stderr = "";
  #ended = false;

  constructor(args: readonly string[], options: LaunchOptions = {}) {
    this.#child = launch("chain-node", ["startnode", "--log", "json", ...args], options);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (text) => this.#take(text));
    }
    this.#closed = once(this.#child, "close").then(([code]) => {
      this.#ended = true;
      for (const watch of this.#watchers) watch({});
      return code as number | null;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get stderr(): string {
    return this.#stderr;
  }

  #take(text: string): void {
    let line: LogLine;
    try {
      line = JSON.parse(text) as LogLine;
    } catch {
      line = { msg: text };
    }
    this.#lines.push(line);
    for (const watch of this.#watchers) watch(line);
  }

  /** Calls back for each line from now on. */
  watch(watcher: (line: LogLine) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The first line, past or to come, for which `test` holds. Rejects if the process ends or time runs out first. */
  waitFor(what: string, test: (line: LogLine) => boolean, timeout = 30_000): Promise<LogLine> {
    const past = this.#lines.find(test);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        stop();
        act();
      };
      const fail = (why: string) => {
        const tail = this.#lines.slice(-15).map((line) => JSON.stringify(line));
        return new Error(`waiting for ${what}: ${why}\n${tail.join("\n")}\n${this.#stderr}`);
      };
      const timer = setTimeout(
        () => finish(() => reject(fail(`not within ${timeout / 1000} s`))),
        timeout,
      );
      const stop = this.watch((line) => {
        if (test(line)) finish(() => resolve(line));
        else if (this.#ended) finish(() => reject(fail("the process ended")));
      });
      if (this.#ended) finish(() => reject(fail("the process has ended")));
    });
  }

  /** Ends it and returns its exit code; `null` if the signal did it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (!this.#ended) this.#child.kill(signal);
    return this.#closed;
  }
}

/** The wanted ports of 127.0.0.1, or others that are free if any of them is taken. */
export async function freePorts(wanted: readonly number[]): Promise<number[]> {
  return (await claimAll(wanted)) ?? anyPorts(wanted.length);
}

/** Different ports that nobody listens on now, chosen by the system. */
export async function anyPorts(count: number): Promise<number[]> {
  const ports = await claimAll(Array.from({ length: count }, () => 0));
  if (ports === undefined) throw new Error("no free ports");
  return ports;
}

/** All at once, so that the system does not hand out one twice. */
async function claimAll(ports: readonly number[]): Promise<number[] | undefined> {
  const servers = await Promise.all(ports.map(claim));
  const claimed = servers.map((server) => {
    const address = server?.address();
    return typeof address === "object" ? address?.port : undefined;
  });
  await Promise.all(servers.map((server) => server && once(server.close(), "close")));
  return claimed.every((port) => port !== undefined) ? claimed : undefined;
}

function claim(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
