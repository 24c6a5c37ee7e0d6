import { Block, bytesToHex, Transaction, type Txid } from "@chain/core";
import { EngineError, spendableCoins } from "@chain/engine";
import { createRpcClient } from "@chain/rpc/client";
import { MemoryStore, StorageError } from "@chain/storage";
import { makeBlock, payment, testKey } from "@chain/testing/blockFactory";
import { addressOf, freePort, GENESIS, temporaryDirectory } from "@chain/testing/place";
import { addressOfScript } from "@chain/wallet";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type CreateNodeOptions, createNode } from "../src/createNode.ts";
import type { InProcessNode } from "../src/inProcess/node.ts";

async function create(options?: CreateNodeOptions): Promise<InProcessNode> {
  const node = await createNode(options);
  onTestFinished(() => node.close());
  return node;
}

const isAt = (node: InProcessNode, other: InProcessNode) => () =>
  node.chain.tip.hash === other.chain.tip.hash;

/** Pays the first reward of a test key to the next. */
async function pay(node: InProcessNode): Promise<Transaction> {
  const coins = await spendableCoins(node.chain, testKey(0).script);
  const first = coins.sort((a, b) => a.coin.height - b.coin.height).slice(0, 1);
  const value = (first[0]?.coin.value ?? 0n) - 1_000n;
  const outputs = [{ value, scriptPubKey: testKey(1).script }];
  return payment({ coins: first, key: testKey(0), outputs });
}

describe("a node in process", () => {
  it("mines on regtest, and what it mines reaches those that are connected with it", async () => {
    const [alice, bob, carol] = [await create(), await create(), await create()];
    await Promise.all([bob.connect(alice), carol.connect(bob)]);
    expect([alice, bob, carol].map(({ port }) => port)).toEqual([undefined, undefined, undefined]);
    const blocks = await alice.mine(101, { to: testKey(0).script });
    expect(blocks).toHaveLength(101);
    await carol.until(isAt(carol, alice));
    expect(carol.chain.tip.height).toBe(101);

    const transaction = await pay(alice);
    expect(await carol.submit(transaction)).toMatchObject({ ok: true, fee: 1_000n });
    await alice.until(() => alice.mempool.get(transaction.txid) !== undefined);
    const [block] = await bob.mine();
    await Promise.all([alice, carol].map((node) => node.until(isAt(node, bob))));
    expect(block?.transactions[1]?.txid).toBe(transaction.txid);
    expect(alice.mempool.count).toBe(0);
  });

  it("is one of many in a row, through which blocks pass", async () => {
    const nodes: InProcessNode[] = [];
    for (let i = 0; i < 20; i++) nodes.push(await create());
    await Promise.all(nodes.slice(1).map((node, i) => node.connect(nodes[i] as InProcessNode)));
    const [first, last] = [nodes[0], nodes.at(-1)] as [InProcessNode, InProcessNode];
    await first.mine(3);
    await last.until(isAt(last, first));
    await last.mine(2);
    await first.until(isAt(first, last));
    expect(first.chain.tip.height).toBe(5);
  });

  it("names its own options, and no flag of a program", async () => {
    await expect(createNode({ network: "moon" })).rejects.toThrow(
      /^network must be one of devnet, .*, not "moon"$/,
    );
    const elsewhere = createNode({ host: "192.0.2.1", port: 0 });
    await expect(elsewhere).rejects.toThrow(/^192\.0\.2\.1 is not an address of this machine$/);
    const directory = createNode({ directory: "/proc/none" });
    await expect(directory).rejects.toThrow(/^(?!.*--)can't make the data directory/);
  });

  it("says why it refuses a transaction or a block", async () => {
    const node = await create();
    await node.mine(1, { to: testKey(0).script });
    const early = await pay(node);
    expect(await node.submit(early)).toMatchObject({
      ok: false,
      reason: "bad-txns-premature-spend-of-coinbase",
    });
    const { header, transactions } = (await node.mine())[0] ?? expect.unreachable();
    const bad = new Block(header, [...transactions, early]);
    expect(await node.submit(bad)).toMatchObject({ ok: false, reason: "bad-txnmrklroot" });
  });

  it("goes on from what is in its directory, the unconfirmed transactions included", async () => {
    const directory = await temporaryDirectory();
    const first = await create({ directory });
    await first.mine(101, { to: testKey(0).script });
    const transaction = await pay(first);
    expect(await first.submit(transaction)).toMatchObject({ ok: true });
    const { hash } = first.chain.tip;
    await expect(createNode({ directory })).rejects.toMatchObject({ code: "in-use" });
    await first.close();
    const second = await create({ directory });
    expect(second.chain.tip.hash).toBe(hash);
    await second.until(() => second.mempool.get(transaction.txid) !== undefined);
  });

  it("is on devnet with a genesis block, and pays to its addresses", async () => {
    await expect(createNode({ network: "devnet" })).rejects.toMatchObject({
      code: "no-chain",
      message: expect.stringContaining("mineGenesis"),
    });
    const node = await create({ network: "devnet", genesis: GENESIS });
    await node.mine(1, { to: addressOf(3) });
    expect(await spendableCoins(node.chain, testKey(3).script)).toHaveLength(1);
    await expect(node.mine(1, { to: "nonsense" })).rejects.toMatchObject({ code: "usage" });
  });

  it("listens where it is told, and is called from there", async () => {
    const called = await create({ port: 0 });
    const caller = await create();
    await caller.connect(`127.0.0.1:${called.port}`);
    await called.mine(2);
    await caller.until(isAt(caller, called));
    await expect(createNode({ port: called.port as number })).rejects.toMatchObject({
      code: "in-use",
    });
  });
});

it.each<[string, CreateNodeOptions, string, RegExp]>([
  ["an unknown network", { network: "moon" }, "usage", /must be one of devnet, .*not "moon"/],
  ["a port beyond all", { port: 70_000 }, "usage", /port .*70000/],
  ["half a port", { port: 0.5 }, "usage", /port/],
  ["a port for an RPC", { rpc: 18_443 as never }, "usage", /rpc must be true, false or settings/],
  ["an empty directory", { directory: "" }, "usage", /directory/],
  ["a directory that is a file", { directory: "/dev/null" }, "io", /dev\/null/],
  [
    "an address of others",
    { port: 0, host: "192.0.2.1" },
    "usage",
    /192\.0\.2\.1 is not an address of this machine/,
  ],
  [
    "the genesis block of another network",
    { genesis: GENESIS },
    "wrong-chain",
    /not the genesis block of regtest/,
  ],
])("createNode says what is wrong with %s", async (_, options, code, message) => {
  await expect(createNode(options)).rejects.toMatchObject({
    name: "UserError",
    code,
    message: expect.stringMatching(message),
  });
});

it("submit takes what it is for", async () => {
  const node = await create();
  await expect(node.submit("00" as never)).rejects.toMatchObject({ code: "usage" });
});

describe("connections", () => {
  it("are one, however often they are asked for, and from which side", async () => {
    const [alice, bob] = [await create(), await create()];
    await Promise.all([alice.connect(bob), alice.connect(bob)]);
    await bob.connect(alice);
    expect([alice.node.peers().length, bob.node.peers().length]).toEqual([1, 1]);
  });

  it("end when they are told to, and both sides go on alone until they are connected again", async () => {
    const [alice, bob] = [await create(), await create()];
    await bob.connect(alice);
    bob.disconnect(alice);
    await alice.until(() => alice.node.peers().length === 0);
    await alice.mine(2);
    await bob.mine(3);
    expect(isAt(alice, bob)()).toBe(false);
    await bob.connect(alice);
    await alice.until(isAt(alice, bob));
    expect(alice.chain.tip.height).toBe(3);
  });

  it("that can't be had say why", async () => {
    const [alice, bob] = [await create(), await create()];
    const other = await create({ network: "devnet", genesis: GENESIS });
    await bob.close();
    const refusals: [InProcessNode | string, string, RegExp][] = [
      [alice, "usage", /can't call itself/],
      ["127.0.0.1", "usage", /HOST:PORT/],
      [`127.0.0.1:${await freePort()}`, "unreachable", /connection refused/],
      [bob, "unreachable", /that node is closed/],
      [other, "wrong-chain", /its chain is devnet .*, and ours regtest /],
    ];
    for (const [to, code, message] of refusals) {
      await expect(alice.connect(to), String(message)).rejects.toMatchObject({
        name: "UserError",
        code,
        message: expect.stringMatching(message),
      });
    }
    expect(alice.node.peers()).toEqual([]);
    expect(alice.node.addedPeers).toEqual([]);
  });
});

describe("two callers at once", () => {
  it("mine one after the other, and no block is lost", async () => {
    const node = await create();
    const [a, b] = await Promise.all([node.mine(3), node.mine(2)]);
    const hashes = [...(a ?? []), ...(b ?? [])].map(({ hash }) => hash);
    expect(hashes).toHaveLength(5);
    expect(hashes.at(-1)).toBe(node.chain.tip.hash);
    expect([...node.chain.headers.stale(0)]).toEqual([]);
    await expect(node.mine(-1)).rejects.toMatchObject({ code: "usage" });
    await expect(node.mine(1.5)).rejects.toMatchObject({ code: "usage" });
    // A mistake of one keeps nobody from mining.
    expect(await node.mine()).toHaveLength(1);
  });

  it("hand in the same transaction, and one is told that it is known", async () => {
    const node = await create();
    await node.mine(101, { to: testKey(0).script });
    const transaction = await pay(node);
    const verdicts = await Promise.all([node.submit(transaction), node.submit(transaction)]);
    expect(verdicts.map(({ ok }) => ok)).toEqual([true, false]);
    expect(verdicts[1]).toMatchObject({ reason: "txn-already-in-mempool" });
  });
});

describe("the end", () => {
  it("comes while it mines: the blocks that were found stay, and the miner is told", async () => {
    const directory = await temporaryDirectory();
    const node = await create({ directory });
    const closed = {
      name: "EngineError",
      code: "closed",
      message: expect.stringMatching(/closed/),
    };
    const told = Promise.all(
      [node.mine(100_000), node.until(() => false)].map((promise) =>
        expect(promise).rejects.toMatchObject(closed),
      ),
    );
    await node.until(() => node.chain.tip.height >= 3);
    await Promise.all([told, node.close(), node.close()]);
    for (const act of [
      () => node.mine(),
      () => node.until(() => false),
      () => node.connect("127.0.0.1:1"),
      async () => node.setTime(5),
      () => node.submit(Transaction.fromHex("02000000000000000000")),
    ]) {
      await expect(act()).rejects.toThrow(EngineError);
    }
    const again = await create({ directory });
    expect(again.chain.tip.height).toBeGreaterThanOrEqual(3);
  });

  it("comes by itself where its store fails, with the reason", async () => {
    const said: string[] = [];
    const node = await create({ log: (level, _category, text) => said.push(`${level} ${text}`) });
    await node.mine(2);
    const told = expect(node.until(() => false)).rejects.toMatchObject({ code: "closed" });
    const full = new StorageError("io", "the disk is full");
    const commit = vi.spyOn(MemoryStore.prototype, "commit").mockRejectedValueOnce(full);
    onTestFinished(() => commit.mockRestore());
    const failed = { code: "closed", message: expect.stringMatching(/failed: .*the disk is full/) };
    await expect(node.mine()).rejects.toMatchObject(failed);
    await told;
    await expect(node.mine()).rejects.toMatchObject(failed);
    await node.close();
    expect(said.filter((line) => /^error .*disk is full/.test(line)).length).toBeGreaterThan(0);
  });

  it("comes by itself at the end of a scope", async () => {
    const node = await createNode();
    await node[Symbol.asyncDispose]();
    await expect(node.mine()).rejects.toMatchObject({ code: "closed" });
  });

  it("of one leaves the others as they are", async () => {
    const [alice, bob] = [await create(), await create()];
    await bob.connect(alice);
    await alice.close();
    await bob.until(() => bob.node.peers().length === 0);
    expect(await bob.mine(2)).toHaveLength(2);
  });
});

it("the clock can be set", async () => {
  const node = await create();
  const then = 1_700_000_000;
  node.setTime(then);
  const [block] = await node.mine();
  expect(block?.header.time).toBe(then);
});

describe("the RPC of a node in process", () => {
  const clientOf = ({ rpc }: InProcessNode) => createRpcClient(rpc);

  it("is open to the typed client, to REST, events and metrics, for as long as the node runs", async () => {
    const node = await create({ rpc: { rest: true, events: true, metrics: true } });
    const [hash = ""] = await clientOf(node).generateToDescriptor(2, "raw(51)");
    expect(node.chain.tip.parent?.hash).toBe(hash);
    await node.mine(1);
    const { url } = node.rpc;
    const info = await fetch(`${url}/rest/chaininfo.json`);
    expect(await info.json()).toMatchObject({ chain: "regtest", blocks: 3 });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("\nchain_height 3\n");
    const events = await fetch(`${url}/events`);
    expect(events.headers.get("content-type")).toBe("text/event-stream");
    await events.body?.cancel();
    await clientOf(node).setMockTime(node.chain.tip.time + 10_000);
    expect((await node.mine(1))[0]?.header.time).toBe(node.chain.tip.time);
    await node.close();
    await expect(clientOf(node).getBlockCount()).rejects.toThrow();
  });

  it("mines as that of a node that runs alone: tries that are used up, templates and waiting for them", async () => {
    const node = await create({ rpc: true });
    const client = clientOf(node);
    const address = addressOfScript(testKey(0).script, node.params) ?? expect.unreachable();
    expect((await client.generateToAddress(1000, address, 1)).length).toBeLessThan(1000);
    const { height } = node.chain.tip;
    // Both begin on one block, for one script: they must not be the same block.
    const both = await Promise.all([1, 2].map(() => client.generateToAddress(1, address)));
    expect(new Set(both.flat()).size).toBe(2);

    const request = { rules: ["segwit"] };
    const template = await client.getBlockTemplate(request);
    expect(template).toMatchObject({ height: node.chain.tip.height + 1 });
    const { longpollid, mintime: time } = template as { longpollid: string; mintime: number };
    expect(node.chain.tip.height).toBeGreaterThan(height);
    const waiting = client.getBlockTemplate({ ...request, longpollid });
    const block = makeBlock({ parent: node.chain.tip, params: node.params, header: { time } });
    expect(await client.submitBlock(bytesToHex(block.toBytes()))).toBeNull();
    expect(node.chain.tip.hash).toBe(block.hash);
    expect(await waiting).toMatchObject({ previousblockhash: block.hash });
    expect(await client.submitBlock(bytesToHex(block.toBytes()))).toBe("duplicate");
  });

  it("is one for each node, with the password that it was told", async () => {
    const credentials = { user: "me", password: "secret" };
    const [alice, bob] = [await create({ rpc: true }), await create({ rpc: { credentials } })];
    await bob.connect(alice);
    await clientOf(alice).generateToDescriptor(1, "raw(51)");
    await bob.until(isAt(bob, alice));
    expect(await createRpcClient({ url: bob.rpc.url, ...credentials }).getBlockCount()).toBe(1);
    expect(await clientOf(bob).getPeerInfo()).toHaveLength(1);
    const wrong = createRpcClient({ ...alice.rpc, password: "wrong" });
    await expect(wrong.getBlockCount()).rejects.toThrow("refuses the user or password");
  });

  it("ends the node by stop, and keeps what it was told in a directory", async () => {
    const directory = await temporaryDirectory();
    const node = await create({ directory, rpc: true });
    await node.mine(101, { to: testKey(0).script });
    const raw = bytesToHex((await pay(node)).toBytes());
    const txid = await clientOf(node).sendRawTransaction(raw);
    const closed = expect(node.until(() => false)).rejects.toMatchObject({ code: "closed" });
    await clientOf(node).stop();
    await closed;
    await node.close();
    const again = await create({ directory, rpc: true });
    await again.until(() => again.mempool.get(txid as Txid) !== undefined);
  });

  it("says how to have one where there is none, and who has its port", async () => {
    const node = await create();
    expect(() => node.rpc).toThrow("createNode({ rpc: true })");
    const { url } = (await create({ rpc: true })).rpc;
    const port = Number(new URL(url).port);
    await expect(createNode({ rpc: { port } })).rejects.toMatchObject({ code: "in-use" });
  });
});
