/** Many payments at the same moment, from one wallet and from two with the same key: each is made, and made once. */

import { copyFile, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openControl, parseIdentity } from "@chain/fullnode";
import type { ProgramIo } from "@chain/terminal";
import { told } from "@chain/testing/loopback";
import { anyPorts, NodeProcess, runProgram } from "@chain/testing/processes";
import { parseAmount } from "@chain/wallet";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli.ts";

/** @param count of payments at the same moment, 60 at most: their coins are in four chains of 25 */
export function paymentsAtOnce(count: number): void {
  let dataDir: string;
  let ports: readonly number[];
  const running: NodeProcess[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "chain-at-once-"));
    ports = await anyPorts(2);
  });
  afterEach(async () => {
    // Of a test that has failed: the next one needs its database.
    await Promise.all(running.splice(0).map((node) => node.stop()));
  });
  afterAll(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  const environment = (port: number) => ({ NODE_ID: String(port), CHAIN_DATADIR: dataDir });

  async function wallet(port: number, ...args: string[]) {
    return walletIn(dataDir, port, ...args);
  }

  async function walletIn(folder: string, port: number, ...args: string[]) {
    let [out, error] = ["", ""];
    const io: ProgramIo = {
      write: async (text) => {
        out += text;
      },
      writeError: (text) => {
        error += text;
      },
      colour: false,
      onStop: () => () => {},
    };
    const code = await run(args, { ...environment(port), CHAIN_DATADIR: folder }, io);
    return { code, out: out.trim(), error };
  }

  async function printed(port: number, ...args: string[]): Promise<string> {
    const { code, out, error } = await wallet(port, ...args);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    return out;
  }

  async function start(port: number, ...args: string[]): Promise<NodeProcess> {
    const node = new NodeProcess(told(args), { env: environment(port) });
    running.push(node);
    await node.waitFor("listening", ({ event }) => event === "ready");
    // The payments of the last run are handed in again by and by, and count only then.
    const control = await openControl(parseIdentity({}, environment(port)).paths);
    const isLoaded = async () => (await control?.call("getmempoolinfo"))?.loaded;
    await expect.poll(isLoaded, { timeout: 60_000 }).toBe(true);
    return node;
  }

  async function mine(port: number, address: string, nblocks: number): Promise<void> {
    const control = await openControl(parseIdentity({}, environment(port)).paths);
    await control?.call("generatetoaddress", { nblocks, address }, { timeout: 120_000 });
  }

  async function balance(port: number, address: string): Promise<bigint> {
    const [row] = JSON.parse(await printed(port, "getbalance", "--json", "--address", address));
    const amount = parseAmount(row.balance, { allowZero: true });
    return amount.ok ? amount.amount : expect.unreachable(amount.reason);
  }

  /** A payment by a process of its own. @returns its output */
  async function process(port: number, args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await runProgram("chain-wallet", args, { env: environment(port) });
    return stdout || stderr;
  }

  const COIN = 100_000_000n;
  const send = (from: string, to: string, amount: string) => [
    ...["send", "--from", from, "--to", to, "--amount", amount, "--json"],
  ];

  describe(`${count} payments at once`, { timeout: 120_000 }, () => {
    let [from, to] = ["", ""];
    const port = () => ports[0] as number;

    beforeAll(async () => {
      from = await printed(port(), "createwallet");
      to = await printed(port(), "createwallet");
      const args = ["createblockchain", "--address", from];
      const { code, stderr } = await runProgram("chain-node", args, { env: environment(port()) });
      expect([code, stderr]).toEqual([0, ""]);
    });

    it("with the node up: equal ones and different ones, in this process and in others", async () => {
      const node = await start(port());
      await mine(port(), from, 3); // 40 coins in 4 pieces, with room for 4 chains of 25 payments
      const amounts = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? "0.1" : `0.1${i}`));
      const results = await Promise.all(
        amounts.map(async (amount, i) =>
          i < 4
            ? process(port(), send(from, to, amount))
            : (await wallet(port(), ...send(from, to, amount))).out,
        ),
      );
      const txids = results.map((text) => JSON.parse(text).txid);
      expect(new Set(txids).size).toBe(count);
      const total = amounts.reduce((sum, text) => {
        const amount = parseAmount(text);
        return sum + (amount.ok ? amount.amount : 0n);
      }, 0n);
      expect([await balance(port(), from), await balance(port(), to)]).toEqual([
        40n * COIN - total,
        total,
      ]);
      await mine(port(), to, 1);
      expect(await balance(port(), from)).toBe(40n * COIN - total);
      await node.stop();
    });

    it("more than there is money for: the others fail for lack of it, and say so", async () => {
      const node = await start(port());
      const before = await balance(port(), from);
      const results = await Promise.all(
        Array.from({ length: 12 }, () => wallet(port(), ...send(from, to, "5"))),
      );
      const good = results.filter(({ code }) => code === 0);
      expect(good.length).toBe(Number(before / (5n * COIN)));
      for (const { code, error } of results) {
        if (code !== 0)
          expect(error).toMatch(
            /^(\{"notice":"waiting, .+\n)?\{"error":\{.*: not enough: .*\}\}\n$/,
          );
      }
      await mine(port(), to, 1);
      expect(await balance(port(), from)).toBe(before - 5n * COIN * BigInt(good.length));
      await node.stop();
    });

    it("with the node down: another one takes them", async () => {
      // The same wallet and chain, under another name, whose node does not run.
      const [first, second] = [port(), ports[1] as number];
      const node = await start(first);
      await mine(first, from, 4);
      const late = await start(
        second,
        "--addnode",
        `127.0.0.1:${first}`,
        "--genesis",
        await genesis(),
      );
      await late.waitFor("the chain", ({ height }) => height === 9);
      await late.stop();
      await copyFile(join(dataDir, `wallet_${first}.db`), join(dataDir, `wallet_${second}.db`));
      const before = await balance(first, to);
      const central = ["--central", `127.0.0.1:${first}`];
      const results = await Promise.all(
        Array.from({ length: count }, (_, i) =>
          i < 2
            ? process(second, [...send(from, to, "0.4"), ...central])
            : wallet(second, ...send(from, to, "0.4"), ...central).then(
                ({ out, error }) => out || error,
              ),
        ),
      );
      expect(new Set(results.map((text) => JSON.parse(text).txid)).size).toBe(count);
      expect(await balance(first, to)).toBe(before + (BigInt(count) * 4n * COIN) / 10n);
      await node.stop();
    });

    it("from two wallets with the same key: the node says whose turn it is", async () => {
      const node = await start(port());
      await mine(port(), from, 2);
      const before = await balance(port(), to);
      const copy = join(dataDir, "copy");
      await mkdir(copy);
      for (const name of [`wallet_${port()}.db`, basename(controlFile(dataDir))]) {
        await copyFile(join(dataDir, name), join(copy, name));
      }
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          walletIn(i % 2 === 0 ? dataDir : copy, port(), ...send(from, to, "0.5")),
        ),
      );
      expect(results.map(({ error }) => error).filter((text) => text.includes("error"))).toEqual(
        [],
      );
      expect(new Set(results.map(({ out }) => JSON.parse(out).txid)).size).toBe(20);
      expect(await balance(port(), to)).toBe(before + 10n * COIN);
      await node.stop();
    });

    it("from two wallets with the same key, while the nodes of both are down", async () => {
      const [first, second] = [port(), ports[1] as number];
      const node = await start(first);
      await mine(first, from, 12);
      const tip = await height(first);
      const args = ["--addnode", `127.0.0.1:${first}`];
      const late = await start(second, ...args);
      await late.waitFor("the chain", ({ height }) => height === tip);
      await late.stop();
      const copy = join(dataDir, "twin");
      await mkdir(copy);
      // Both know the coins of the chain, and nothing of each other.
      for (const folder of [dataDir, copy]) {
        const { wallet: file } = parseIdentity(
          {},
          { ...environment(second), CHAIN_DATADIR: folder },
        ).paths;
        await copyFile(join(dataDir, `wallet_${first}.db`), file);
      }
      const { database } = parseIdentity({}, environment(second)).paths;
      await cp(database, join(copy, basename(database)), { recursive: true });
      const before = await balance(first, to);
      const order = [...send(from, to, "0.5"), "--central", `127.0.0.1:${first}`];
      // Of the same coins both choose the same, so the second has to choose again, with one new address for its change.
      const keys = async () =>
        (await walletIn(copy, second, "listaddresses")).out.split("\n").length;
      const keysBefore = await keys();
      const inTurn = [
        await walletIn(dataDir, second, ...order),
        await walletIn(copy, second, ...order, "--change", "fresh"),
      ];
      expect(await keys()).toBe(keysBefore + 1);
      const atOnce = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          walletIn(i % 2 === 0 ? dataDir : copy, second, ...order),
        ),
      );
      const results = [...inTurn, ...atOnce];
      expect(results.map(({ error }) => error).filter((text) => text.includes("error"))).toEqual(
        [],
      );
      expect(new Set(results.map(({ out }) => JSON.parse(out).txid)).size).toBe(8);
      expect(await balance(first, to)).toBe(before + 4n * COIN);
      await node.stop();
    });

    async function height(of: number): Promise<number> {
      const control = await openControl(parseIdentity({}, environment(of)).paths);
      return (await control?.info())?.height ?? expect.unreachable("it runs");
    }

    function controlFile(folder: string): string {
      return parseIdentity({}, { ...environment(port()), CHAIN_DATADIR: folder }).paths.control;
    }

    async function genesis(): Promise<string> {
      const file = join(dataDir, "genesis.hex");
      await runProgram("chain-node", ["genesis", "--out", file], { env: environment(port()) });
      return file;
    }
  });
}
