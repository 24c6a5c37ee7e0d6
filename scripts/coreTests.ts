/**
 * Runs Bitcoin Core's functional tests, unmodified, against `bin/chain-bitcoind`, two at once, and writes what came of
 * them into docs/core-tests.md, whose rows are the tests that are run by default.
 *
 *     pnpm core-tests DIR [NAME…]
 *     pnpm core-tests DIR --passing
 *
 * DIR holds Core's `test/functional`, of version 29 or later. `--passing` runs the tests that pass by the table, leaves
 * the table alone, and fails if one of them does not pass any more.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TABLE = join(ROOT, "docs", "core-tests.md");
const AT_ONCE = 2;
/** Of one test. Milliseconds. */
const TIMEOUT = 300_000;
/** Each test has ports of its own, because one that takes long would meet the tenth after it. Core: --portseed. */
const FIRST_SEED = process.pid % 3000;

interface Result {
  readonly verdict: "pass" | "fail" | "skipped";
  readonly reason: string;
}

const [folder, ...rest] = process.argv.slice(2);
const isCheck = rest.includes("--passing");
const given = rest.filter((argument) => argument !== "--passing");
if (isCheck && given.length > 0) fail("--passing chooses the tests by itself: give no names");
if (folder === undefined)
  fail("which tests? pnpm core-tests DIR [NAME…], DIR with Core's test/functional");
const functional = resolve(folder, "test", "functional");
if (!existsSync(functional))
  fail(`${functional} does not exist: name the folder that holds Core's test/functional`);
const rows = readRows();
const byTable = [...rows.keys()].filter((name) => !isCheck || rows.get(name)?.startsWith("pass"));
const names = given.length > 0 ? given.map((name) => name.replace(/\.py$/, "")) : byTable;
const unknown = names.find((name) => !existsSync(join(functional, `${name}.py`)));
if (unknown !== undefined) fail(`${functional} has no ${unknown}.py`);

/** Ends the tests that are running. */
const endings = new Set<() => void>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    for (const end of endings) end();
    process.exit(1);
  });
}
process.once("exit", () => rmSync(work, { recursive: true, force: true }));

const work = mkdtempSync(join(tmpdir(), "core-tests-"));
try {
  const config = writeConfig(work);
  const waiting = names.entries();
  await Promise.all(Array.from({ length: AT_ONCE }, () => runAll(waiting, config)));
} finally {
  rmSync(work, { recursive: true, force: true });
}
const failed = names.filter((name) => !rows.get(name)?.startsWith("pass"));
process.stdout.write(`${names.length - failed.length} of ${names.length} passed\n`);
if (isCheck && failed.length > 0) fail(`passed before, not now: ${failed.join(", ")}`);

async function runAll(waiting: Iterable<[number, string]>, config: string): Promise<void> {
  for (const [index, name] of waiting) {
    const { verdict, reason } = await runOne(index, name, config);
    process.stdout.write(`${name}: ${verdict}${reason && `, ${reason}`}\n`);
    rows.set(name, `${verdict} | ${reason}`);
    if (!isCheck) writeRows();
  }
}

/** Writes the file that Core's build makes for its tests. */
function writeConfig(directory: string): string {
  const path = join(directory, "config.ini");
  mkdirSync(join(directory, "bin"));
  const sections = {
    environment: {
      CLIENT_NAME: "chain-bitcoind",
      CLIENT_BUGREPORT: "docs/core-tests.md",
      SRCDIR: resolve(folder ?? "."),
      BUILDDIR: directory,
      EXEEXT: "",
      RPCAUTH: join(resolve(folder ?? "."), "share", "rpcauth", "rpcauth.py"),
    },
    components: {
      ...{ ENABLE_BITCOIND: "true", ENABLE_CLI: "true" },
      ...{ ENABLE_WALLET: "true", USE_SQLITE: "true" },
    },
  };
  const lines = Object.entries(sections).flatMap(([section, values]) => [
    `[${section}]`,
    ...Object.entries(values).map(([name, value]) => `${name}=${value}`),
  ]);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

function runOne(index: number, name: string, config: string): Promise<Result> {
  const directory = join(work, name);
  const args = [
    join(functional, `${name}.py`),
    `--configfile=${config}`,
    `--cachedir=${join(work, `cache-${index}`)}`,
    `--tmpdir=${directory}`,
    `--portseed=${FIRST_SEED + index}`,
  ];
  const bitcoind = join(ROOT, "bin", "chain-bitcoind");
  const bitcoinCli = join(ROOT, "bin", "chain-cli");
  const env = { ...process.env, BITCOIND: bitcoind, BITCOINCLI: bitcoinCli };
  const child = spawn("python3", args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const take = (text: Buffer) => {
    output = (output + text.toString()).slice(-200_000);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  let isLate = false;
  // It and the nodes that it has started.
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing of it is left.
    }
  };
  endings.add(end);
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, TIMEOUT);
  return new Promise((done) => {
    child.once("error", (error) => fail(`python3 can't be run: ${error.message}`));
    child.once("exit", (code) => {
      clearTimeout(timer);
      end();
      endings.delete(end);
      done(resultOf(code, isLate, output));
    });
  });
}

function resultOf(code: number | null, isLate: boolean, output: string): Result {
  if (isLate) return { verdict: "fail", reason: `took longer than ${TIMEOUT / 1000} s` };
  if (code === 0) return { verdict: "pass", reason: "" };
  const lines = output.split("\n").map((line) => line.trim());
  const skipped = lines.find((line) => line.includes("Test Skipped"));
  const isError = (line: string) =>
    /^(\[node \d+\] )?([\w.]*(Error|Exception|Failed)\b|Expected message)/.test(line);
  const first = lines.find(isError) ?? lines.find((line) => line.includes("(ERROR)")) ?? "";
  const reason = (skipped ?? first).replaceAll(work, "").replaceAll("|", "/").slice(0, 160);
  return { verdict: code === 77 ? "skipped" : "fail", reason };
}

/** The tests of the table, and what its other columns say. */
function readRows(): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of readFileSync(TABLE, "utf8").split("\n")) {
    const [, name, rest] = /^\| ([a-z0-9_]+) \| (.*) \|$/.exec(line) ?? [];
    if (name !== undefined && rest !== undefined && name !== "test") found.set(name, rest);
  }
  return found;
}

function writeRows(): void {
  const [head = ""] = readFileSync(TABLE, "utf8").split("| test |");
  const lines = [...rows].map(([name, rest]) => `| ${name} | ${rest.trimEnd()} |`);
  const title = "| test | result | reason |\n|---|---|---|";
  writeFileSync(TABLE, `${head}${title}\n${lines.join("\n")}\n`);
}

function fail(why: string): never {
  process.stderr.write(`error: ${why}\n`);
  process.exit(1);
}
