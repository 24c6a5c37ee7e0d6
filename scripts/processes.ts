/** Starts the two programs as real processes, from source, and follows what they print. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAMS = {
  "chain-node": fileURLToPath(new URL("../apps/node/src/main.ts", import.meta.url)),
  "chain-wallet": fileURLToPath(new URL("../apps/wallet-cli/src/main.ts", import.meta.url)),
};
export type Program = keyof typeof PROGRAMS;

const FROM_SOURCE = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx")];

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
  // What the caller's shell says about nodes must not leak into a test.
  const {
    NODE_ID: _id,
    CHAIN_DATADIR: _dir,
    CHAIN_PASSPHRASE: _secret,
    ...inherited
  } = process.env;
  const child = spawn(process.execPath, [...FROM_SOURCE, PROGRAMS[program], ...args], {
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

/** The wanted ports of 127.0.0.1, or as many that the system chooses if any of them is taken. */
export async function freePorts(wanted: readonly number[]): Promise<number[]> {
  const chosen = await Promise.all(wanted.map(claimPort));
  if (chosen.every((port) => port !== undefined)) return [...wanted];
  const free: number[] = [];
  while (free.length < wanted.length) {
    const port = await claimPort(0);
    if (port !== undefined && !free.includes(port)) free.push(port);
  }
  return free;
}

/** Whether the port can be listened on now; 0 asks for any. */
function claimPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const claimed = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(claimed));
    });
  });
}
