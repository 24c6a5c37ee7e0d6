/**
 * First use, as the walkthrough has it: its own commands, in each of its languages, in an empty folder outside of the
 * repository, with the programs of `bin/` and a registry that nobody can reach.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { anyPorts } from "@chain/testing/processes";
import { expect, onTestFinished, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Line {
  /** Number of the section that it stands in. */
  readonly section: number;
  /** The node whose terminal it is typed in. */
  readonly terminal: string;
  readonly command: string;
  /** The last words that it prints, where the walkthrough says so. */
  readonly prints: string | undefined;
}

/** The commands of the numbered sections, in order. */
function linesOf(walkthrough: string): Line[] {
  const lines: Line[] = [];
  const sections = walkthrough.split(/^## /m).filter((text) => /^\d\./.test(text));
  for (const text of sections) {
    let terminal = "";
    for (const [, marked, block = ""] of text.matchAll(/\*\*\D+(\d+)\.\*\*|```sh\n(.*?)```/gs)) {
      if (marked !== undefined) terminal = marked;
      for (const typed of block.trim().split("\n").filter(Boolean)) {
        const [command = "", prints] = typed.split(/\s+# /);
        lines.push({ section: Number(text[0]), terminal, command, prints });
      }
    }
  }
  return lines;
}

/** Of all commands that end, in each language: two thirds of what was promised for commands and nodes. */
const MAX_PROCESSOR_SECONDS = 20;

/** The seconds of a shell's children, by the second line of its `times`: "0m0.34s 0m0.05s". */
function secondsOf(times: string): number {
  const [, children = ""] = times.split("\n");
  const found = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  expect(found, times).toHaveLength(2);
  return found.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
}

interface RunningNode {
  readonly child: ChildProcess;
  /** Whether more is typed in its terminal while it runs. */
  readonly inBackground: boolean;
  height: number;
}

/** The terminals, and what their shells and nodes know. */
class Desk {
  readonly #central: number;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder: string;
  /** Variables that were set in some terminal: placeholders of the same name stand for their values in others. */
  readonly #values = new Map<string, string>();
  readonly #nodes = new Map<string, RunningNode>();
  #changed: () => void = () => {};
  /** Of the processor, by the commands that have ended. Other work on the machine moves the time of a clock far more. */
  processorSeconds = 0;

  constructor(folder: string, central: number) {
    this.#central = central;
    this.#folder = folder;
    this.#environment = {
      PATH: `${join(ROOT, "bin")}:${process.env["PATH"]}`,
      HOME: folder,
      CHAIN_DATADIR: join(folder, "data"),
      npm_config_registry: "http://127.0.0.1:1/",
      NO_COLOR: "1",
    };
  }

  /** Types a line, and waits for what it starts. */
  async type({ terminal, command, prints, section }: Line): Promise<void> {
    // The wallet's node is stopped with Ctrl-C once it has caught up: two blocks at first, three after the payments.
    if (this.#nodes.get(terminal)?.inBackground !== true) {
      await this.stop(terminal, section < 4 ? 2 : 3);
    }
    const [, name, inner] = /^(\w+)=\$\((.*)\)$/.exec(command) ?? [];
    const line = this.#told(inner ?? command, terminal);
    if (line.includes(" startnode")) return this.#start(terminal, line);
    const times = join(this.#folder, "times");
    const script = `${line}\nstatus=$?\ntimes > "${times}"\nexit $status`;
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", script], this.#in(terminal));
    this.processorSeconds += secondsOf(readFileSync(times, "utf8"));
    expect(stderr, line).toBe("");
    if (name !== undefined) this.#values.set(name, stdout.trim());
    const [, txid] = /^Transaction ([0-9a-f]{64})/m.exec(stdout) ?? [];
    if (txid !== undefined) this.#values.set("TXID", txid);
    if (prints !== undefined) expect(stdout.trim().split(/\s+/).at(-1), line).toBe(prints);
  }

  /** The ports of the walkthrough may be somebody's, so that nobody may be called there in tests. */
  #told(command: string, terminal: string): string {
    const line = command.replace(/"<(\w+)>"/g, (_, name: string) => this.#value(name));
    const address = `127.0.0.1:${this.#central}`;
    if (line.includes("chain-wallet send")) return `${line} --central ${address}`;
    // On port 3000 it is one by itself.
    const role = terminal === String(this.#central) ? " --role central" : "";
    return line.replace("chain-node startnode", `$&${role} --log json --connect ${address}`);
  }

  #value(name: string): string {
    return this.#values.get(name) ?? expect.unreachable(`nobody has printed ${name}`);
  }

  #in(terminal: string) {
    const env = { ...this.#environment, ...Object.fromEntries(this.#values), NODE_ID: terminal };
    return { cwd: this.#folder, env };
  }

  async #start(terminal: string, line: string): Promise<void> {
    const inBackground = line.endsWith(" &");
    const child = spawn("sh", ["-c", `exec ${line.replace(/ &$/, "")}`], {
      ...this.#in(terminal),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const node: RunningNode = { child, inBackground, height: -1 };
    this.#nodes.set(terminal, node);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (text) => {
      const { event, height } = JSON.parse(text);
      if (event !== "ready" && event !== "tip") return;
      node.height = height;
      this.#changed();
    });
    child.once("exit", () => this.#changed());
    await this.reaches(terminal, 0);
  }

  /** Resolves when a node has come so far. */
  async reaches(terminal: string, height: number): Promise<void> {
    const node = this.#nodes.get(terminal);
    while (node !== undefined && node.height < height) {
      expect(node.child.exitCode, `node ${terminal}`).toBeNull();
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async stop(terminal: string, height: number): Promise<void> {
    const node = this.#nodes.get(terminal);
    if (node === undefined) return;
    await this.reaches(terminal, height);
    this.#nodes.delete(terminal);
    node.child.kill("SIGINT");
    expect(await once(node.child, "exit")).toEqual([0, null]);
  }

  close(): void {
    for (const { child } of this.#nodes.values()) child.kill("SIGKILL");
  }
}

test.each(["walkthrough.md", "walkthrough.ko.md"])(
  "the commands of docs/%s do what it says",
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "chain-first-use-"));
    const [central = 0, wallet = 0, miner = 0, light = 0] = await anyPorts(4);
    const ports: Readonly<Record<string, number>> = {
      ...{ 3000: central, 3001: wallet, 3002: miner, 3003: light },
    };
    const text = readFileSync(join(ROOT, "docs", name), "utf8");
    const lines = linesOf(text.replace(/300[0-3]/g, (port) => String(ports[port])));
    const desk = new Desk(folder, central);
    onTestFinished(() => {
      desk.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const began = performance.now();
    for (const [i, line] of lines.entries()) {
      await desk.type(line);
      // The two payments are mined, and both nodes show it, before the wallet's node is started again.
      if (line.section !== 4 || lines[i + 1]?.section === 4) continue;
      await desk.reaches(String(miner), 3);
      await desk.reaches(String(central), 3);
    }
    for (const port of [wallet, miner]) await desk.stop(String(port), 3);
    // The light node and the central one have the block that pays it.
    for (const port of [light, central]) await desk.stop(String(port), 4);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const spent = desk.processorSeconds.toFixed(1);
    console.log(
      `${lines.length} commands of docs/${name} took ${seconds} s, ${spent} s of the processor`,
    );
    expect(desk.processorSeconds).toBeGreaterThan(1);
    expect(desk.processorSeconds).toBeLessThan(MAX_PROCESSOR_SECONDS);
    expect(lines.length).toBeGreaterThan(22);
    expect(lines.filter(({ prints }) => prints !== undefined)).toHaveLength(9);
  },
  300_000,
);
