import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { DEVNET } from "@chain/core";
import { bundled } from "@chain/testing/bundled";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { walletFile } from "../src/file.ts";
import { withLock } from "../src/lock.ts";
import { Wallet } from "../src/wallet.ts";

const options = { params: DEVNET, now: () => 1 };
const root = mkdtempSync(join(tmpdir(), "chain-wallet-"));
let count = 0;
let directory = "";
let path = "";

beforeEach(() => {
  directory = join(root, `${count++}`);
  mkdirSync(directory);
  path = join(directory, "wallet_3000.db");
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

describe("the file", () => {
  test("is its owner's alone, and nothing is left beside it", async () => {
    const before = process.umask(0);
    try {
      const wallet = await Wallet.create(walletFile(path), options);
      expect(modeOf(path)).toBe("600");
      await wallet.newKey();
      expect(modeOf(path)).toBe("600");
    } finally {
      process.umask(before);
    }
    expect(readdirSync(directory)).toEqual(["wallet_3000.db"]);
  });

  test("that others may read is used with a warning, and made private by the next write", async () => {
    await Wallet.create(walletFile(path), options);
    chmodSync(path, 0o644);
    const warnings: string[] = [];
    const storage = walletFile(path, { onWarning: (warning) => warnings.push(warning) });
    const wallet = await Wallet.open(storage, options);
    expect(warnings).toEqual([`${path} can be read by other users; chmod 600 keeps it private`]);
    await wallet.newKey();
    expect(modeOf(path)).toBe("600");
  });

  test("behind a symbolic link is changed, and the link stays", async () => {
    const target = join(directory, "elsewhere.db");
    const wallet = await Wallet.create(walletFile(target), options);
    await wallet.newKey();
    symlinkSync(target, path);
    const linked = await Wallet.open(walletFile(path), options);
    await linked.newKey();
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect((await Wallet.open(walletFile(target), options)).keys).toEqual(linked.keys);
  });

  test("behind a link that leads nowhere is not made: the wallet may be on a disk that is missing", async () => {
    symlinkSync(join(directory, "no", "wallet.db"), path);
    await expect(Wallet.create(walletFile(path), options)).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("leads nowhere"),
    });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  test.skipIf(process.platform === "win32")(
    "that is a named pipe is refused at once (skipped: Windows has none in its file system)",
    async () => {
      execFileSync("mkfifo", [path]);
      await expect(Wallet.open(walletFile(path), options)).rejects.toMatchObject({
        code: "corrupt",
      });
    },
  );

  test("is not overwritten by another", async () => {
    const wallet = await Wallet.create(walletFile(path), options);
    await wallet.newKey();
    const before = readFileSync(path);
    await expect(Wallet.create(walletFile(path), options)).rejects.toMatchObject({
      code: "exists",
    });
    expect(readFileSync(path)).toEqual(before);
  });

  test("that is missing, foreign, a directory, far too large, or nowhere is refused by name", async () => {
    const open = (file: string): Promise<Wallet> => Wallet.open(walletFile(file), options);
    await expect(open(path)).rejects.toMatchObject({ code: "not-found" });
    writeFileSync(path, "PNG\0\0");
    await expect(open(path)).rejects.toMatchObject({ code: "corrupt" });
    truncateSync(path, 2 ** 40);
    await expect(open(path)).rejects.toMatchObject({ code: "corrupt" });
    const folder = join(directory, "folder");
    mkdirSync(folder);
    await expect(open(folder)).rejects.toMatchObject({ code: "corrupt" });
    await expect(open(join(directory, "no", "wallet.db"))).rejects.toMatchObject({
      name: "WalletError",
      code: "io",
      message: expect.stringContaining("its directory does not exist"),
    });
    expect(readdirSync(directory).sort()).toEqual(["folder", "wallet_3000.db"]);
  });
});

describe("the lock", () => {
  test("lets one in at a time, in one process too", async () => {
    await Wallet.create(walletFile(path), options);
    const wallets = await Promise.all(
      Array.from({ length: 5 }, () => Wallet.open(walletFile(path), options)),
    );
    const made = await Promise.all(wallets.map((wallet) => wallet.newKey()));
    const { keys } = await Wallet.open(walletFile(path), options);
    expect(keys.map(({ address }) => address).sort()).toEqual(
      made.map(({ address }) => address).sort(),
    );
  });

  test("names the process that keeps it, and the file to delete if that is no wallet", async () => {
    const wallet = await Wallet.create(walletFile(path, { timeout: 30 }), options);
    await withLock(path, { timeout: 1000 }, async () => {
      const [lock = ""] = readdirSync(directory).filter((name) => name.includes(".lock-"));
      await expect(wallet.newKey()).rejects.toMatchObject({
        code: "in-use",
        message: expect.stringContaining(`process ${process.pid}; if that is no wallet, delete`),
      });
      await expect(wallet.newKey()).rejects.toThrow(lock);
    });
    await wallet.newKey();
    expect(readdirSync(directory)).toEqual(["wallet_3000.db"]);
  });

  test("of a process on another machine is respected", async () => {
    const wallet = await Wallet.create(walletFile(path, { timeout: 30 }), options);
    const foreign = `${path}.lock-elsewhere-1-00`;
    writeFileSync(foreign, "");
    await expect(wallet.newKey()).rejects.toThrow("process 1 on elsewhere");
    rmSync(foreign);
    await wallet.newKey();
  });

  test("of a process on another machine that never ends is waited for a while, and named", async () => {
    const wallet = await Wallet.create(walletFile(path, { foreignTimeout: 30 }), options);
    const foreign = `${path}.payment.lock-container1-1-00`;
    writeFileSync(foreign, "");
    await expect(wallet.exclusively(async () => expect.unreachable("not alone"))).rejects.toThrow(
      `waited 0.03 s for process 1 on container1, which can't be asked from here whether it still lives: if it does not, delete ${foreign}`,
    );
    rmSync(foreign);
    expect(await wallet.exclusively(async () => "alone")).toBe("alone");
    expect(readdirSync(directory)).toEqual(["wallet_3000.db"]);
  });
});

const walletChild = fileURLToPath(new URL("./support/walletChild.ts", import.meta.url));
const crashChild = fileURLToPath(new URL("./support/crashChild.ts", import.meta.url));

async function start(script: string, ...args: readonly string[]): Promise<ChildProcess> {
  return spawn(process.execPath, [await bundled(script), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

interface Outcome {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly lines: readonly string[];
}

async function outcomeOf(started: Promise<ChildProcess>): Promise<Outcome> {
  const process = await started;
  if (process.stdout === null) expect.fail("no output");
  const [output, [code, signal]] = await Promise.all([
    text(process.stdout),
    once(process, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, lines: output.split("\n").filter((line) => line !== "") };
}

describe("processes", () => {
  test("two at once lose no key", async () => {
    await Wallet.create(walletFile(path), options);
    const outcomes = await Promise.all([1, 2].map(() => outcomeOf(start(walletChild, path, "8"))));
    const made = outcomes.flatMap(({ lines }) => lines);
    const { keys } = await Wallet.open(walletFile(path), options);
    expect(made.length).toBe(16);
    expect(keys.map(({ address }) => address).sort()).toEqual(made.sort());
    expect(readdirSync(directory)).toEqual(["wallet_3000.db"]);
  });

  test("one that is killed at any operation on files loses nothing that it said was safe", async () => {
    const undisturbed = await outcomeOf(start(crashChild, path, "0"));
    const operations = Number(undisturbed.lines.at(-1));
    expect(operations).toBeGreaterThan(6);

    const leftovers = new Set<string>();
    const killAt = async (fatal: number): Promise<number> => {
      const folder = join(directory, `${fatal}`);
      const file = join(folder, "wallet.db");
      mkdirSync(folder);
      const { signal, lines } = await outcomeOf(start(crashChild, file, `${fatal}`));
      for (const name of readdirSync(folder)) leftovers.add(name.replace(/-.*/, ""));
      const storage = walletFile(file);
      const text = (await storage.read()) ?? "";
      expect(signal).toBe("SIGKILL");
      expect(["first\n", "first\nsecond\n"]).toContain(text);
      expect(text.startsWith(lines.map((line) => `${line}\n`).join(""))).toBe(true);
      // The next write takes away what the dead left behind: secrets in temporary files, and locks.
      await storage.update((before = "") => `${before}third\n`);
      expect(readFileSync(file, "utf8")).toBe(`${text}third\n`);
      expect(readdirSync(folder)).toEqual(["wallet.db"]);
      return text.length;
    };
    const lengths = await Promise.all(Array.from({ length: operations }, (_, i) => killAt(i + 1)));
    // From one step on, the rename, the second line is there; it never comes and goes.
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(new Set(lengths)).toEqual(new Set([6, 13]));
    expect([...leftovers].sort()).toEqual(["wallet.db", "wallet.db.lock", "wallet.db.tmp"]);
  }, 30_000);
});
