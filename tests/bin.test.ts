/** The programs from source, as a user starts them: in any folder, by a link too, and with nothing installed. */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundled } from "@chain/testing/bundled";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache", "chain");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chain-bin-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = () => ({
  PATH: process.env["PATH"] ?? "",
  NODE_ID: "3999",
  CHAIN_DATADIR: folder,
  NO_COLOR: "1",
});

/** With the native parts, which a program in one file must still find. */
async function use(node: string, wallet: string): Promise<void> {
  const options = { cwd: folder, env: environment() };
  const { stdout: address } = await run(wallet, ["createwallet"], options);
  const made = await run(node, ["createblockchain", "--address", address.trim()], options);
  expect(made.stderr).toBe("");
  const balance = await run(wallet, ["getbalance", "--address", address.trim(), "--json"], options);
  expect(JSON.parse(balance.stdout)).toMatchObject([{ balance: "10" }]);
}

test("run in an empty folder", async () => {
  await use(join(ROOT, "bin", "chain-node"), join(ROOT, "bin", "chain-wallet"));
});

test("run by a link, and keep what they have made of the sources", async () => {
  const link = join(folder, "chain-wallet");
  symlinkSync(join(ROOT, "bin", "chain-wallet"), link);
  const before = readdirSync(CACHE);
  const { stdout } = await run(link, ["listaddresses"], { cwd: "/", env: environment() });
  expect(stdout.trim()).not.toBe("");
  expect(readdirSync(CACHE)).toEqual(before);
});

test("complete the addresses of the wallet in bash, by the line for .bashrc", async () => {
  const bin = join(ROOT, "bin");
  const env = { ...environment(), NODE_ID: "", PATH: `${bin}:${environment().PATH}` };
  const script = `source <(chain-wallet completion bash)
COMP_WORDS=(chain-wallet send --port 3999 --from ""); COMP_CWORD=5; _chain_wallet
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const completed = await run("bash", ["--norc", "-c", script], { cwd: folder, env });
  const listed = await run(join(bin, "chain-wallet"), ["listaddresses", "--port", "3999"], { env });
  expect(completed.stdout.trim()).not.toBe("");
  expect(completed.stdout).toBe(listed.stdout);
});

test("are made again when a source has changed, and nothing of the old is left", async () => {
  const launcher = join(ROOT, "bin", "launch.js");
  const node = join(ROOT, "bin", "chain-node");
  const now = new Date();
  utimesSync(launcher, now, now);
  const both = [1, 2].map(() => run(node, ["--version"], { cwd: folder, env: environment() }));
  for (const { stdout } of await Promise.all(both)) expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(readdirSync(CACHE).filter((name) => name.startsWith("node-"))).toHaveLength(1);
});

test("are called bitcoind and bitcoin-cli by links, and a program of another stays", async () => {
  const links = join(folder, "links");
  const make = [await bundled(join(ROOT, "scripts", "bitcoindLinks.ts"))];
  for (const _ of ["made", "made again"]) {
    const { stdout } = await run(process.execPath, [...make, "links"], {
      cwd: folder,
      env: environment(),
    });
    expect(stdout).toBe(`${join(links, "bitcoind")}\n${join(links, "bitcoin-cli")}\n`);
  }
  const options = { cwd: folder, env: environment() };
  const node = await run(join(links, "bitcoind"), ["-version"], options);
  expect(node.stdout).toMatch(/^chain-bitcoind version v\d/);
  const client = await run(join(links, "bitcoin-cli"), ["-version"], options);
  expect(client.stdout).toMatch(/^chain-cli, a Bitcoin Core RPC client version v\d/);
  writeFileSync(join(folder, "bitcoind"), "of another");
  await expect(run(process.execPath, [...make, "."], options)).rejects.toMatchObject({
    stderr: expect.stringContaining("is there already, and no link of ours"),
  });
  expect(readFileSync(join(folder, "bitcoind"), "utf8")).toBe("of another");
  expect(existsSync(join(folder, "bitcoin-cli"))).toBe(false);
});

test("say in one line what to do where nothing is installed", async () => {
  cpSync(join(ROOT, "bin"), join(folder, "clone", "bin"), { recursive: true });
  const node = join(folder, "clone", "bin", "chain-node");
  await expect(run(node, ["status", "--json"])).rejects.toMatchObject({
    stderr: expect.stringMatching(
      /^\{"error":\{"code":"io","message":"nothing is installed.*\}\n$/,
    ),
  });
  const started = run(node, ["--version"]);
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: nothing is installed yet: run "npx pnpm@12 install" in .*\n$/,
    ),
  });
});
