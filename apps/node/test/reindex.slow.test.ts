/** Damage of a node's database, from the command line: it is told in one line, and reindex makes all of it again. */

import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Block } from "@chain/core";
import { type Identity, mineBlock, openChain, openControl, parseIdentity } from "@chain/fullnode";
import { testKey } from "@chain/testing/blockFactory";
import { startTestNode } from "@chain/testing/nodes";
import { addressOf, asNode, newIdentity, temporaryDirectory } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../src/cli.ts";
import { nodeArguments } from "./support/process.ts";

const HEIGHT = 12;
let whole: Identity;
let coins: string;

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "chain-reindex-"));
  const env = { NODE_ID: "3907", CHAIN_DATADIR: dataDir };
  expect(await command(env, "createblockchain", "--address", addressOf(1))).toMatchObject({
    code: 0,
  });
  whole = parseIdentity({}, env);
  const { chain } = await openChain(whole, { log: () => {} });
  for (let height = 1; height <= HEIGHT; height++) await mineBlock(chain, testKey(1).script);
  ({ hash: coins } = await chain.coinStatistics());
  await chain.close();
});

afterAll(async () => {
  await rm(whole.dataDir, { recursive: true, force: true });
});

/** A copy of the node's files, to be damaged. */
async function copy(): Promise<{
  readonly database: string;
  readonly env: Record<string, string>;
}> {
  const dataDir = await temporaryDirectory();
  const database = join(dataDir, `blockchain_${whole.nodeId}.db`);
  await cp(whole.paths.database, database, { recursive: true });
  return { database, env: { NODE_ID: String(whole.nodeId), CHAIN_DATADIR: dataDir } };
}

async function command(env: Record<string, string>, ...args: string[]) {
  const io = new TestIo();
  const code = await run(args, env, io);
  return { code, out: io.out, error: io.error };
}

async function first(folder: string, pattern: RegExp): Promise<string> {
  const name = (await readdir(folder)).find((each) => pattern.test(each));
  return join(folder, name ?? expect.unreachable(`no ${pattern} in ${folder}`));
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] as number) ^ 0x10;
  await writeFile(path, bytes);
}

describe("damage", () => {
  it.each<[string, (database: string) => Promise<void>]>([
    ["CURRENT", async (db) => flip(join(db, "index", "CURRENT"), 3)],
    ["no CURRENT", async (db) => rm(join(db, "index", "CURRENT"))],
    ["the manifest", async (db) => flip(await first(join(db, "index"), /^MANIFEST/), 20)],
    ["no manifest", async (db) => rm(await first(join(db, "index"), /^MANIFEST/))],
    ["the whole index", async (db) => rm(join(db, "index"), { recursive: true })],
  ])("of %s is told in one line, and made good by reindex", async (_, damage) => {
    const { database, env } = await copy();
    await damage(database);
    for (const name of ["printchain", "reindexutxo"]) {
      const { code, error } = await command(env, name);
      expect([code, error]).toEqual([
        1,
        expect.stringMatching(/^error: [^\n]*chain-node reindex[^\n]*\n$/),
      ]);
    }
    const { code, out, error } = await command(env, "reindex", "--json");
    expect([code, error]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({
      height: HEIGHT,
      blocks: HEIGHT + 1,
      damaged: 0,
      orphans: 0,
    });
    const after = await command(env, "reindexutxo", "--json");
    expect(JSON.parse(after.out)).toMatchObject({ height: HEIGHT, coins_hash: coins });
  });

  it("of the end of LevelDB's log after a kill costs no block, with nobody to ask", async () => {
    const { database, env } = await copy();
    const identity = parseIdentity({}, env);
    const { chain, store } = await openChain(identity, { log: () => {} });
    for (let n = 0; n < 5; n++) await mineBlock(chain, testKey(1).script);
    const { tip } = chain;
    const { hash } = await chain.coinStatistics();
    // As a process leaves it that is killed.
    const killed = `${database}.killed`;
    await cp(database, killed, { recursive: true });
    await chain.close();
    await store.close();
    const log = await first(join(killed, "index"), /\.log$/);
    await truncate(log, Math.floor((await stat(log)).size / 3));

    // The marks work for the first program that opens it, the node or another.
    for (const starts of [false, true]) {
      await rm(database, { recursive: true });
      await cp(killed, database, { recursive: true });
      if (!starts) {
        const { code, out } = await command(env, "printchain", "--json", "--limit", "1");
        expect(code).toBe(0);
        expect(out).toContain(tip.hash);
      }
      const lines: string[] = [];
      const again = await openChain(identity, {
        log: (level, _, sentence) => void lines.push(`${level} ${sentence}`),
      });
      expect(again.chain.tip.hash).toBe(tip.hash);
      expect((await again.chain.coinStatistics()).hash).toBe(hash);
      const told = expect.stringMatching(/^info the database lacked \d blocks .*taken in again$/);
      expect(lines).toEqual(starts ? [told] : []);
      await again.chain.close();
    }
  });

  it("of the end of a block file after a kill is told", async () => {
    const { database, env } = await copy();
    await writeFile(join(database, "process.pid"), "1 0:0\n");
    const file = await first(join(database, "blocks"), /^blk/);
    await truncate(file, (await stat(file)).size - 10);
    const lines: string[] = [];
    const { chain } = await openChain(parseIdentity({}, env), {
      log: (level, _, sentence) => void lines.push(`${level} ${sentence}`),
    });
    expect(chain.tip.height).toBe(HEIGHT - 1);
    expect(lines).toEqual([
      expect.stringMatching(/^warn 1 block can't be read any more .* from peers again$/),
      expect.stringMatching(/^warn the coins are made again/),
    ]);
    await chain.close();
  });

  it("of undo data is made good by reindex as well", async () => {
    const { database, env } = await copy();
    await truncate(await first(join(database, "blocks"), /^rev/), 40);
    const { code, out } = await command(env, "reindex", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ height: HEIGHT, damaged: 0 });
  });

  it("of a block is told in one line that names the way back, and made good by the block itself", async () => {
    const { database, env } = await copy();
    const file = await first(join(database, "blocks"), /^blk/);
    const healthy = await openChain(
      { ...whole, paths: { ...whole.paths, database } },
      { log: () => {} },
    );
    const { hash } = healthy.chain.tip;
    const block = (await healthy.chain.getBlock(hash)) as Block;
    await healthy.chain.close();
    await flip(file, -10);
    const { code, error } = await command(env, "printchain");
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(/^error: [^\n]*chain-node reindex[^\n]*\n$/),
    ]);
    const lines: string[] = [];
    const { chain } = await openChain(
      { ...whole, paths: { ...whole.paths, database } },
      { log: (_, __, sentence) => void lines.push(sentence) },
    );
    await expect(chain.getBlock(hash)).rejects.toMatchObject({ code: "corrupt" });
    await expect(chain.getBlock(hash)).rejects.toMatchObject({ code: "corrupt" });
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^block ${hash} can't be read.*chain-node reindex`)),
    ]);
    expect(await chain.acceptBlock(block)).toMatchObject({ ok: true, connected: true });
    await chain.close();
    const after = await command(env, "printchain");
    expect([after.code, after.error]).toEqual([0, ""]);
    expect((await command(env, "reindexutxo", "--json")).out).toContain(coins);
  });

  it("of a block ends when a peer gives it again, so that a newcomer gets all of them", async () => {
    const copyOfWhole = async () => {
      const identity = await newIdentity();
      await cp(whole.paths.database, identity.paths.database, { recursive: true });
      return identity;
    };
    const [ours, healthy] = [await copyOfWhole(), await copyOfWhole()];
    const file = await first(join(ours.paths.database, "blocks"), /^blk/);
    await flip(file, (await readFile(file)).length >> 1);
    const peer = await startTestNode({ identity: healthy });
    const peerAddress = { host: "127.0.0.1", port: peer.port };
    const us = await startTestNode({ identity: ours, connect: [peerAddress] });
    const hashes = Array.from({ length: HEIGHT + 1 }, (_, i) => us.chain.headers.activeAt(i)!.hash);
    // Until it knows of the peer's chain, it has nobody to ask.
    const reads = await Promise.allSettled(hashes.map((hash) => us.chain.getRawBlock(hash)));
    expect(reads.filter(({ status }) => status === "rejected")).toHaveLength(1);
    await expect.poll(() => [...us.chain.unreadableBlocks()], { timeout: 20_000 }).toEqual([]);
    const { chain } = await startTestNode({
      identity: await newIdentity(),
      genesis: us.params.genesis,
      connect: [{ host: "127.0.0.1", port: us.port }],
    });
    await expect.poll(() => chain.tip.height, { timeout: 20_000 }).toBe(HEIGHT);
    expect((await us.chain.coinStatistics()).hash).toBe(coins);
  });

  it("of a block leaves the chain before it, and says how much is lost", async () => {
    const { database, env } = await copy();
    const file = await first(join(database, "blocks"), /^blk/);
    await flip(file, -10);
    const { code, out } = await command(env, "reindex");
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${HEIGHT} blocks, .* at height ${HEIGHT - 1}; 1 places`));
  });

  it("of undo data that a reorganisation needs ends the node with the way back, also at the next start", async () => {
    const identity = await newIdentity();
    const { database } = identity.paths;
    await cp(whole.paths.database, database, { recursive: true });
    const env = { NODE_ID: String(identity.nodeId), CHAIN_DATADIR: identity.dataDir };
    const wayBack = /^error: [^\n]*rev00000.dat[^\n]*chain-node reindex[^\n]*\n$/;
    const io = new TestIo();
    const running = run(nodeArguments(identity), {}, io);
    await io.until('"event":"ready"');
    const control = await openControl(identity.paths);
    const blockhash = await control!.call("getblockhash", { height: HEIGHT });
    await flip(await first(join(database, "blocks"), /^rev/), -1);
    await expect(control!.call("invalidateblock", { blockhash })).rejects.toThrow("rev00000.dat");
    expect(await running).toBe(1);
    expect(io.error).toMatch(wayBack);
    expect(JSON.parse(io.out.trimEnd().split("\n").at(-1)!)).toMatchObject({
      event: "failed",
      msg: expect.stringContaining("chain-node reindex"),
    });
    expect(await command({}, ...nodeArguments(identity))).toMatchObject({
      code: 1,
      error: expect.stringMatching(wayBack),
    });
    expect(await command(env, "reindex")).toMatchObject({ code: 0 });
    expect(JSON.parse((await command(env, "reindexutxo", "--json")).out)).toMatchObject({
      height: HEIGHT,
      coins_hash: coins,
    });
  });

  it.each(["reindex", "reindexutxo", "startnode"])(
    "%s waits while a payment has the database",
    async (name) => {
      const identity = await newIdentity();
      await cp(whole.paths.database, identity.paths.database, { recursive: true });
      const { chain } = await openChain(identity, { log: () => {} });
      const io = new TestIo();
      const [, ...flags] = nodeArguments(identity);
      const args = name === "startnode" ? flags : asNode(identity);
      const ended = run([name, ...args], {}, io);
      await io.until("waiting, because");
      expect(io.out + io.error).toMatch(/waiting, because [^\n]* is in use by process \d+/);
      await chain.close();
      if (name === "startnode") {
        await io.until('"event":"ready"');
        io.stop();
      }
      expect(await ended).toBe(0);
    },
  );
});
