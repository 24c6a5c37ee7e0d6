import { existsSync } from "node:fs";
import { cp, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Block } from "@chain/core";
import { findNetwork, type Identity, mineBlock, openOffline, startNode } from "@chain/fullnode";
import { OutputClosed } from "@chain/terminal";
import { testKey } from "@chain/testing/blockFactory";
import { payAll, startTestNode } from "@chain/testing/nodes";
import { addressOf, asNode, newChain, newIdentity, OTHER_GENESIS } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { describe, expect, it, onTestFinished } from "vitest";
import { run } from "../src/cli.ts";
import { startProcess } from "./support/process.ts";
import { runProgram } from "./support/run.ts";

/** A chain of a few blocks, the last of which holds a payment of 10 from key 0 to key 1 (and a reward of key 2). */
async function chainWithPayment(): Promise<Identity> {
  const identity = await newChain();
  const offline = await openOffline(identity);
  await mineBlock(offline.chain, testKey(2).script);
  const verdict = await offline.chain.acceptTransaction(await payAll(offline));
  expect(verdict.ok).toBe(true);
  await mineBlock(offline.chain, testKey(2).script);
  await offline.close();
  return identity;
}

describe("createblockchain", () => {
  it("makes a chain whose genesis block pays the address, and a different one each time", async () => {
    const hashes: string[] = [];
    for (let i = 0; i < 2; i++) {
      const identity = await newIdentity();
      const args = ["createblockchain", "-address", addressOf(0), ...asNode(identity)];
      const { code, out, error } = await runProgram([...args, "--json"]);
      expect({ code, error }).toEqual({ code: 0, error: "" });
      const { genesis_hash, height, node_id, database } = JSON.parse(out);
      expect({ height, node_id, database }).toEqual({
        height: 0,
        node_id: identity.nodeId,
        database: identity.paths.database,
      });
      hashes.push(genesis_hash);
      const offline = await openOffline(identity);
      expect(offline.chain.tip).toMatchObject({ height: 0, hash: genesis_hash });
      const coins = await offline.coins(testKey(0).script);
      expect(coins).toMatchObject([
        { pending: false, coin: { value: 1_000_000_000n, height: 0, coinbase: true } },
      ]);
      await offline.close();
      // Nothing else is left over.
      expect(await readdir(identity.dataDir)).toEqual([`blockchain_${identity.nodeId}.db`]);
    }
    expect(new Set(hashes).size).toBe(2);
  });

  it("refuses to overwrite, and changes nothing by trying", async () => {
    const identity = await newChain();
    const before = await runProgram(["genesis", ...asNode(identity)]);
    const again = await runProgram([
      "createblockchain",
      "--address",
      addressOf(1),
      ...asNode(identity),
    ]);
    expect(again).toMatchObject({
      code: 1,
      error: expect.stringContaining("will not be overwritten"),
    });
    expect(await runProgram(["genesis", ...asNode(identity)])).toEqual(before);
  });
});

describe("genesis", () => {
  it("writes what another node can begin with", async () => {
    const first = await newChain();
    const { out } = await runProgram(["genesis", ...asNode(first)]);
    const block = Block.fromHex(out.trim());
    const file = join(first.dataDir, "genesis.hex");
    expect(await runProgram(["genesis", "-out", file, ...asNode(first)])).toMatchObject({
      code: 0,
      out: "",
    });
    expect(await readFile(file, "latin1")).toBe(out);
    const twice = await runProgram(["genesis", "--out", file, ...asNode(first)]);
    expect(twice).toMatchObject({ code: 1, error: expect.stringContaining("exists") });

    const second = await newIdentity(first.dataDir);
    const io = new TestIo();
    const running = run(
      ["startnode", "--genesis", file, "--connect", "127.0.0.1:1", ...asNode(second)],
      {},
      io,
    );
    await io.until("listens on");
    io.stop();
    expect(await running).toBe(0);
    const offline = await openOffline(second);
    expect(offline.params.genesis.hash).toBe(block.hash);
    await offline.close();

    // With a chain of another genesis block, the same file is refused.
    const third = await newChain(first.dataDir, OTHER_GENESIS);
    const refused = await runProgram(["startnode", "--genesis", file, ...asNode(third)]);
    expect(refused).toMatchObject({ code: 1, error: expect.stringContaining("another chain") });
  });
});

describe("printchain", () => {
  it("prints blocks from the tip down, with who paid whom", async () => {
    const identity = await chainWithPayment();
    const { code, out } = await runProgram(["printchain", ...asNode(identity)]);
    expect(code).toBe(0);
    const heights = [...out.matchAll(/^Block (\d+) {2}([0-9a-f]{64})$/gm)].map(
      ([, height]) => height,
    );
    expect(heights).toEqual(["2", "1", "0"]);
    expect(out.match(/work {6}valid/g)).toHaveLength(3);
    expect(out).toMatch(new RegExp(`in {3}${addressOf(0)} {2}10 {2}\\([0-9a-f]{64}:0\\)`));
    expect(out).toContain(`out  ${addressOf(1)}  10`);
  });

  it("prints JSON, a part of it, the same from a database and from a running node", async () => {
    const identity = await chainWithPayment();
    const print = (...args: string[]) =>
      runProgram(["printchain", "--json", ...args, ...asNode(identity)]);
    const offline = await print();
    const blocks = JSON.parse(offline.out);
    expect(blocks.map(({ height }: { height: number }) => height)).toEqual([2, 1, 0]);
    expect(blocks[0].previousblockhash).toBe(blocks[1].hash);
    expect(blocks[0].proof_of_work).toBe(true);
    expect(blocks[0].transactions[1]).toMatchObject({
      inputs: [{ address: addressOf(0), amount: "10", vout: 0 }],
      outputs: [{ address: addressOf(1), amount: "10" }],
    });
    expect(JSON.parse((await print("--limit", "1")).out)).toEqual(blocks.slice(0, 1));
    expect(JSON.parse((await print("--from", "1")).out)).toEqual(blocks.slice(1));
    expect(JSON.parse((await print("--from", "1", "--limit", "1")).out)).toEqual(
      blocks.slice(1, 2),
    );
    expect(await print("--from", "3")).toMatchObject({
      code: 1,
      error: expect.stringContaining("beyond the tip"),
    });

    await startTestNode({ identity });
    expect(await print()).toEqual(offline);
    expect(await print("--from", "3")).toMatchObject({
      code: 1,
      error: expect.stringContaining("beyond the tip"),
    });
  });

  it("ends without a word when nobody reads on", async () => {
    const identity = await newChain();
    class Head extends TestIo {
      override write(): Promise<void> {
        return Promise.reject(new OutputClosed("EPIPE", "head has seen enough"));
      }
    }
    const io = new Head();
    expect(await run(["printchain", ...asNode(identity)], {}, io)).toBe(0);
    expect(io.error).toBe("");
    // And the database is free again.
    await (await openOffline(identity)).close();
  });
});

describe("verify", () => {
  it("says how much is good, and which block is not", async () => {
    const identity = await chainWithPayment();
    const verify = (...more: readonly string[]) =>
      runProgram(["verify", ...more, ...asNode(identity)]);
    const good = "2 blocks below height 2 are good at level 4, 2 of them with their coins\n";
    expect(await verify("--level", "4", "--blocks", "0")).toMatchObject({ code: 0, out: good });
    const damaged = await openOffline(identity);
    const { tip } = damaged.chain;
    const block = await damaged.chain.getBlock(tip.hash);
    const txid = block?.transactions[0]?.txid ?? expect.unreachable();
    const [coin] = await damaged.chain.getCoins([{ txid, vout: 0 }]);
    if (coin === undefined) expect.unreachable();
    await damaged.store.commit({
      ...{ tip: tip.hash, connected: [], records: [], durable: true },
      coins: { spent: [{ outpoint: { txid, vout: 0 }, coin }], created: [] },
    });
    await damaged.close();
    expect(await verify("--level", "2")).toMatchObject({ code: 0 });
    const why = `block ${tip.hash} at height 2: block ${tip.hash}: output ${txid}:0 is not among the coins`;
    const bad = await verify();
    expect(bad.code).toBe(1);
    expect(bad.error).toContain(why);
  });
});

describe("export and import", () => {
  it("carry a chain of devnet, its genesis block included, to a node that has none", async () => {
    const identity = await chainWithPayment();
    const file = join(identity.dataDir, "bootstrap.dat");
    const exported = ["export", file, ...asNode(identity)];
    const text = `blocks of heights 0 to 2 are in ${file}\n`;
    expect(await runProgram(exported)).toEqual({ code: 0, out: text, error: "" });
    const again = await runProgram(exported);
    expect(again).toMatchObject({ code: 1, error: expect.stringContaining("exists already") });

    const other = await newIdentity();
    const taken = await runProgram(["import", file, "--stop-height", "1", ...asNode(other)]);
    expect(taken).toEqual({
      code: 0,
      out: "1 blocks were taken in, 1 were here already; the chain is at height 1\n",
      error: "",
    });
    const rest = await runProgram(["import", file, "--json", ...asNode(other)]);
    const offline = await openOffline(identity);
    const { hash } = offline.chain.tip;
    await offline.close();
    const counts = { taken: 1, known: 2, refused: 0, orphans: 0 };
    expect(JSON.parse(rest.out)).toEqual({ height: 2, bestblock: hash, ...counts });
  });

  it("say in one line why not", async () => {
    const identity = await chainWithPayment();
    const file = join(identity.dataDir, "bootstrap.dat");
    await runProgram(["export", file, ...asNode(identity)]);
    const stranger = await newChain(undefined, OTHER_GENESIS);
    const none = join(identity.dataDir, "none.dat");
    const nowhere = join(identity.dataDir, "nowhere", "file.dat");
    for (const [args, error] of [
      [["import", file, ...asNode(stranger)], /another chain/],
      [["import", none, ...asNode(identity)], /can't read the blocks of .*: there is no such file/],
      [["import", file, "--stop-height", "x", ...asNode(identity)], /--stop-height/],
      [["export", nowhere, ...asNode(identity)], /can't write the file of blocks .*: there is no/],
      [["export", none, "--to", "3", ...asNode(identity)], /heights 0 to 2, not 0 to 3/],
      [["export", none, ...asNode(await newIdentity())], /no chain yet/],
      [["import", none, ...asNode(await newIdentity())], /no such file/],
    ] as const) {
      const ended = await runProgram(args);
      expect(ended).toMatchObject({ code: 1, error: expect.stringMatching(error) });
      expect(ended.error.trimEnd()).not.toContain("\n");
    }
  });
});

describe("reindexutxo", () => {
  it("makes the same coins again", async () => {
    const identity = await chainWithPayment();
    const before = await openOffline(identity);
    const { hash, count } = await before.chain.coinStatistics();
    await before.close();
    const { code, out } = await runProgram(["reindexutxo", "--json", ...asNode(identity)]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      height: 2,
      bestblock: expect.stringMatching(/^[0-9a-f]{64}$/),
      txouts: count,
      total_amount: "30",
      coins_hash: hash,
    });
    const text = await runProgram(["reindexutxo", ...asNode(identity)]);
    expect(text.out).toBe(`${count} unspent outputs of 30 coins at height 2\n`);
  });

  it("is completed by the next start where it was killed in the middle", async () => {
    const identity = await chainWithPayment();
    const before = await openOffline(identity);
    const { hash } = await before.chain.coinStatistics();
    // The state that a kill right after the first write of it leaves: no coins, no tip.
    await before.store.resetChainState();
    await before.close();
    const node = await startTestNode({ identity });
    expect(node.chain.tip.height).toBe(2);
    expect((await node.chain.coinStatistics()).hash).toBe(hash);
  });
});

describe("a running node", () => {
  it("tells its state and its peers, mines, and stops", async () => {
    const identity = await newChain();
    const io = new TestIo();
    const args = ["startnode", "--role", "central", "--log", "json", ...asNode(identity)];
    const running = run(args, {}, io);
    await io.until('"event":"ready"');
    expect((await stat(identity.paths.control)).mode & 0o777).toBe(0o600);

    const status = await runProgram(["status", "--json", ...asNode(identity)]);
    expect(JSON.parse(status.out)).toMatchObject({
      node_id: identity.nodeId,
      role: "central",
      network: "devnet",
      height: 0,
      mempool: 0,
      connections_in: 0,
      connections_out: 0,
    });
    const table = await runProgram(["status", ...asNode(identity)]);
    expect(table.out).toMatch(/^height +0 of 0$/m);
    expect((await runProgram(["peers", ...asNode(identity)])).out).toBe("no peers\n");

    const mine = ["mine", "--address", addressOf(1), ...asNode(identity)];
    const mined = await runProgram([...mine, "--blocks", "2"]);
    expect(mined.out).toMatch(/^block 1: [0-9a-f]{64}\nblock 2: [0-9a-f]{64}\n$/);
    const [hash] = JSON.parse((await runProgram([...mine, "--json"])).out);
    expect(
      JSON.parse((await runProgram(["status", "--json", ...asNode(identity)])).out),
    ).toMatchObject({
      height: 3,
      bestblockhash: hash,
    });
    const taken = await runProgram(["reindexutxo", ...asNode(identity)]);
    expect(taken).toMatchObject({
      code: 1,
      error: expect.stringContaining(`process ${process.pid}`),
    });

    io.stop();
    expect(await running).toBe(0);
    expect(existsSync(identity.paths.control)).toBe(false);
    const events = io.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event).filter(Boolean)).toEqual([
      "index-started",
      "index-synced",
      "ready",
      "signatures",
      "rpc",
      ...Array(3).fill(["tip", "mined"]).flat(),
      "stopped",
    ]);
    for (const line of events) {
      expect(line).toMatchObject({
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        category: expect.any(String),
        msg: expect.any(String),
      });
    }
    expect(events.find(({ event }) => event === "ready")).toMatchObject({
      port: identity.nodeId,
      height: 0,
      role: "central",
    });
  });

  it("is told to stop by another process in the same words", async () => {
    const identity = await newChain();
    const node = await startTestNode({ identity });
    const { openControl } = await import("@chain/fullnode");
    const control = await openControl(identity.paths);
    expect(await control?.call("stop")).toBe("Bitcoin Core stopping");
    expect(await node.stopped).toEqual({ failed: false });
    expect(existsSync(identity.paths.control)).toBe(false);
    expect(await openControl(identity.paths)).toBeUndefined();
  });

  it("begins from a copied database, like the tutorial's", async () => {
    const first = await chainWithPayment();
    const second = await newIdentity(first.dataDir);
    await cp(first.paths.database, second.paths.database, { recursive: true });
    const tips = [];
    for (const identity of [first, second]) {
      tips.push((await startTestNode({ identity })).chain.tip.hash);
    }
    expect(tips[0]).toBe(tips[1]);
  });

  it("calls nobody on regtest but whom it is told", async () => {
    const identity = { ...(await newIdentity()), network: findNetwork({ network: "regtest" }) };
    // Not the central role, which calls nobody anyway.
    const running = await startNode({ identity, role: "wallet" });
    onTestFinished(() => running.stop());
    expect(running.node.addedPeers).toEqual([]);
  });

  it("calls nobody with --connect 0", async () => {
    const named = await newIdentity();
    const program = await startProcess(named, "--network", "regtest", "--connect", "0");
    const { openControl, parseIdentity } = await import("@chain/fullnode");
    const { nodeId, dataDir: datadir } = named;
    const { paths } = parseIdentity({ port: String(nodeId), datadir, network: "regtest" }, {});
    const control = await openControl(paths);
    expect(await control?.call("getaddednodeinfo")).toEqual([]);
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
  });

  it("makes regtest's chain by itself", async () => {
    const identity = { ...(await newIdentity()), network: findNetwork({ network: "regtest" }) };
    const node = await startTestNode({ identity });
    expect(node.chain.tip.hash).toBe(
      "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    );
    expect(node.role).toBe("wallet");
    const { openControl } = await import("@chain/fullnode");
    const control = await openControl(identity.paths);
    expect(control?.params.name).toBe("regtest");
    // Core names no port in its user agent. Clients compare what stands behind /Satoshi:.
    expect(await control?.call("getnetworkinfo")).toMatchObject({
      version: 310_100,
      subversion: expect.stringMatching(/^\/Satoshi:31\.1\.0\/chain-node:[^()]+\/$/),
    });
  });
});
