import {
  type AncestorView,
  Block,
  BlockHeader,
  CoreError,
  type HeaderNode,
  HeaderTree,
  nobleVerifier,
  type SignatureVerifier,
} from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import {
  type BlockOptions,
  coinbaseTransaction,
  GENESIS_TIME,
  makeBlock,
  payment,
  summary,
  testKey,
  unsolve,
} from "@chain/testing/blockFactory";
import { virtualTime } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../src/chain/manager.ts";
import { EngineError } from "../src/errors.ts";
import type { Timers } from "../src/ports.ts";
import {
  COIN_VALUE,
  coinbaseCoin,
  coinbaseOf,
  coinsHash,
  give,
  grow,
  mine,
  openNode,
  output,
  params,
  spend,
  trustingVerifier,
} from "./support/chains.ts";
import { realTimers, TestClock } from "./support/ports.ts";
import { SessionStore } from "./support/sessionStore.ts";

const genesisCoin = coinbaseOf(params.genesis);
const DAY = 24 * 60 * 60;

describe("growing", () => {
  it("connects block by block and spends the genesis coinbase in the next", async () => {
    const { chain, events } = await openNode();
    const node = await mine(chain, chain.tip, [spend([genesisCoin], [COIN_VALUE])]);
    expect(chain.tip).toBe(node);
    const { count, total, tip } = await chain.coinStatistics();
    expect({ count, total, tip }).toEqual({ count: 2, total: 2n * COIN_VALUE, tip: node });
    expect(events.map(({ type }) => type)).toEqual(["block-connected", "tip-changed"]);
    expect(events[1]).toMatchObject({ hash: node.hash, height: 1, forkHeight: 0 });
  });

  it("takes bytes, keeps exactly those, and says what it knew before", async () => {
    const { chain } = await openNode();
    const block = makeBlock({ parent: chain.tip, params });
    const raw = block.toBytes();
    expect(await chain.acceptBlock(raw)).toMatchObject({ ok: true, fresh: true, connected: true });
    expect(await chain.acceptBlock(raw)).toMatchObject({ ok: true, fresh: false, connected: true });
    expect(await chain.getRawBlock(block.hash)).toEqual(raw);
    expect((await chain.getBlock(params.genesis.hash))?.toBytes()).toEqual(
      params.genesis.toBytes(),
    );
  });

  it("connects blocks that came before their parents' bodies once those are there", async () => {
    const { chain } = await openNode();
    const source = (await openNode()).chain;
    const tip = await grow(source, source.tip, 5);
    const path = [1, 2, 3, 4, 5].map((height) => tip.ancestor(height) as HeaderNode);
    await chain.acceptHeaders(path.map(({ header }) => header));
    expect(chain.bestHeader.hash).toBe(tip.hash);
    expect(chain.tip.height).toBe(0);
    for (const node of path.toReversed()) {
      await give(chain, (await source.getBlock(node.hash)) as Block);
    }
    expect(chain.tip.hash).toBe(tip.hash);
    expect(await coinsHash(chain)).toBe(await coinsHash(source));
  });

  it("finds coins by outpoint and by script", async () => {
    const { chain } = await openNode();
    const [coin] = await chain.getCoins([genesisCoin]);
    expect(coin).toMatchObject({ value: COIN_VALUE, height: 0, coinbase: true });
    const found = [];
    for await (const { outpoint } of chain.unspentByScript(coin?.scriptPubKey as Uint8Array)) {
      found.push(outpoint);
    }
    expect(found).toEqual([genesisCoin]);
  });
});

describe("choosing", () => {
  it("stays with the first of two equals, and moves when the other grows", async () => {
    const { chain, events } = await openNode();
    const first = await grow(chain, chain.tip, 1, 1);
    const second = await grow(chain, chain.headers.genesis, 1, 2);
    expect(chain.tip).toBe(first);
    events.length = 0;
    const longer = await grow(chain, second, 1, 2);
    expect(chain.tip).toBe(longer);
    expect(events.map((event) => ("height" in event ? [event.type, event.height] : []))).toEqual([
      ["block-disconnected", 1],
      ["block-connected", 1],
      ["block-connected", 2],
      ["tip-changed", 2],
    ]);
  });

  it("reorganises 100 blocks to the very coins of a node that never saw the other branch", async () => {
    const { chain } = await openNode();
    let tip = chain.tip;
    let coin = genesisCoin;
    for (let height = 1; height <= 100; height++) {
      // Each block spends what the one before made, and one output within itself.
      const outer = spend([coin], [COIN_VALUE - 5n * BigInt(height), 5n]);
      const inner = spend([output(outer, 1)], [5n]);
      tip = await mine(chain, tip, [outer, inner], height);
      coin = output(outer);
    }
    expect(chain.tip.height).toBe(100);

    const other = (await openNode()).chain;
    const goal = await grow(other, await mine(other, other.tip, [spend([genesisCoin], [3n])]), 100);
    for (let height = 1; height <= 101; height++) {
      const { hash } = goal.ancestor(height) as HeaderNode;
      await give(chain, (await other.getBlock(hash)) as Block);
    }
    expect(chain.tip.hash).toBe(goal.hash);
    expect(await coinsHash(chain)).toBe(await coinsHash(other));
    expect((await chain.coinStatistics()).count).toBe((await other.coinStatistics()).count);
  });

  it.each([
    ["at its beginning", 1],
    ["in its middle", 3],
    ["at its end", 5],
  ])("changes nothing where a better branch is invalid %s", async (_, badHeight) => {
    const disk = new MemoryStore();
    const { chain, events } = await openNode({ store: new SessionStore(disk) });
    const tip = await grow(chain, chain.tip, 4, 1);
    const before = await coinsHash(chain);
    events.length = 0;

    let node = chain.headers.genesis;
    let bad: Block | undefined;
    for (let height = 1; height <= 5; height++) {
      const reward = height === badHeight ? COIN_VALUE + 1n : COIN_VALUE;
      const block = makeBlock({ parent: node, params, reward, extra: 2 });
      if (height === badHeight) bad = block;
      const verdict = await chain.acceptBlock(block, { requested: true });
      const isLast = height === 5;
      // Only the block that makes the branch better brings it out.
      const own = isLast && badHeight === 5;
      expect(summary(verdict)).toBe(own ? "consensus: bad-cb-amount" : "ok");
      node = chain.headers.get(block.hash) as HeaderNode;
    }
    expect(chain.tip).toBe(tip);
    expect(await coinsHash(chain)).toBe(before);
    const hash = (bad as Block).hash;
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "block-refused",
        hash,
        refusal: expect.objectContaining({ reason: "bad-cb-amount" }),
      }),
    );
    expect(events.some(({ type }) => type === "tip-changed")).toBe(false);
    expect(node.invalidReason).toBe(badHeight === 5 ? "bad-cb-amount" : "bad-prevblk");
    expect(summary(await chain.acceptBlock(bad as Block))).toBe(
      "cached-invalid: duplicate-invalid",
    );
    const child = makeBlock({ parent: node, params });
    expect(summary(await chain.acceptBlock(child))).toBe("invalid-parent: bad-prevblk");

    // Remembered for ever, and the next best branch is found.
    await chain.close();
    const again = (await openNode({ store: new SessionStore(disk) })).chain;
    expect(summary(await again.acceptBlock(bad as Block))).toBe(
      "cached-invalid: duplicate-invalid",
    );
    expect(again.tip.hash).toBe(tip.hash);
  });

  it("checks the scripts of a block once, however often it is disconnected and connected", async () => {
    let count = 0;
    const verifier = { ...trustingVerifier, verifyEcdsa: () => ++count > 0 };
    const disk = new MemoryStore();
    const { chain } = await openNode({ store: new SessionStore(disk), verifier });
    const { genesis } = chain.headers;
    const one = await mine(chain, genesis, [spend([genesisCoin], [1n])], 1);
    const two = await grow(
      chain,
      await mine(chain, genesis, [spend([genesisCoin], [2n])], 2),
      1,
      2,
    );
    expect(chain.tip).toBe(two);
    expect(count).toBe(2);
    await grow(chain, one, 2, 1);
    expect(chain.tip.height).toBe(3);
    const again = (await openNode({ store: new SessionStore(disk), verifier })).chain;
    const back = await grow(again, again.headers.get(two.hash) as HeaderNode, 2, 2);
    expect(again.tip).toBe(back);
    expect(count).toBe(2);
  });

  it("turns to the next best branch when the best is invalid", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 2, 1);
    const good = await grow(chain, chain.headers.genesis, 2, 2);
    const root = await grow(chain, chain.headers.genesis, 1, 3);
    const bad = makeBlock({ parent: root, params, reward: COIN_VALUE + 1n });
    const badNode = await give(chain, bad);
    const best = await chain.acceptHeaders([makeBlock({ parent: good, params, extra: 2 }).header]);
    expect(best.ok).toBe(true);
    // The bad branch gets ahead with a block whose coming also completes nothing else.
    const top = makeBlock({ parent: badNode, params });
    const longer = makeBlock({ parent: good, params, extra: 2 });
    expect(await chain.acceptBlock(top, { requested: true })).toMatchObject({ connected: false });
    expect(chain.headers.isInvalid(badNode)).toBe(true);
    const node = await give(chain, longer);
    expect(chain.tip).toBe(node);
  });
});

describe("refusing", () => {
  it("marks nothing where the body is not what the header commits to", async () => {
    const { chain } = await openNode();
    const block = makeBlock({
      parent: chain.tip,
      params,
      transactions: [spend([genesisCoin], [COIN_VALUE])],
    });
    const mutated = new Block(block.header, block.transactions.slice(0, 1));
    expect(summary(await chain.acceptBlock(mutated, { requested: true }))).toBe(
      "mutated: bad-txnmrklroot",
    );
    expect(await chain.acceptBlock(block, { requested: true })).toMatchObject({ connected: true });
  });

  it("says nothing of the header, nor of its children, where a block fails by itself", async () => {
    const { chain } = await openNode();
    const posing = spend([genesisCoin], [], {
      inputs: [{ prevout: genesisCoin, scriptSig: new Uint8Array(), sequence: 0, witness: [] }],
      outputs: [{ value: 1n, scriptPubKey: new Uint8Array(4) }],
    });
    expect(posing.baseSize).toBe(64);
    // The first may be an inner node of another body's merkle tree.
    for (const coinbase of [posing, spend([genesisCoin], [1n])]) {
      const block = makeBlock({ parent: chain.tip, params, coinbase });
      const unknown = await chain.acceptBlock(block, { requested: true });
      expect(unknown).toMatchObject({ ok: false, reason: "bad-cb-missing" });
      expect(chain.headers.get(block.hash)).toBeUndefined();
      expect(await chain.acceptHeaders([block.header])).toMatchObject({ ok: true });
      const verdict = await chain.acceptBlock(block, { requested: true });
      expect(verdict).toMatchObject({ ok: false, reason: "bad-cb-missing" });
      const node = chain.headers.get(block.hash) as HeaderNode;
      expect(node.invalidReason).toBeUndefined();
      const child = makeBlock({ parent: node, params });
      expect(await chain.acceptHeaders([child.header])).toMatchObject({ ok: true });
    }
  });

  it("takes a block from the future once its time has come", async () => {
    const { chain, clock } = await openNode();
    const now = clock.now() / 1000;
    const block = makeBlock({ parent: chain.tip, params, header: { time: now + 7201 } });
    expect(summary(await chain.acceptBlock(block))).toBe("time-future: time-too-new");
    expect(chain.headers.get(block.hash)).toBeUndefined();
    clock.milliseconds += 1000;
    expect(await chain.acceptBlock(block)).toMatchObject({ ok: true, connected: true });
  });

  it("names what it lacks, what has no work, and what is no block", async () => {
    const { chain, events } = await openNode();
    const stranger = makeBlock({
      parent: chain.tip,
      params,
      header: { previousHash: "ab".repeat(32) as typeof params.genesis.hash },
    });
    expect(summary(await chain.acceptBlock(stranger))).toBe("missing-parent: prev-blk-not-found");
    const { header, transactions } = makeBlock({ parent: chain.tip, params });
    const idle = new Block(unsolve(header, params), transactions);
    expect(summary(await chain.acceptBlock(idle))).toBe("invalid-header: high-hash");
    expect(events.map(({ type }) => type)).toEqual(["block-refused", "block-refused"]);
    for (const bytes of [new Uint8Array(), new Uint8Array(79), new Uint8Array(90).fill(255)]) {
      expect(summary(await chain.acceptBlock(bytes))).toBe("consensus: bad-block-encoding");
    }
    expect(chain.tip.height).toBe(0);
  });

  it("ignores what stands behind a block", async () => {
    const { chain } = await openNode();
    const bytes = makeBlock({ parent: chain.tip, params }).toBytes();
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes);
    expect(await chain.acceptBlock(padded)).toMatchObject({ ok: true, connected: true });
    expect(await chain.getRawBlock(chain.tip.hash)).toEqual(bytes);
  });

  it("checks signatures, and those of a known transaction only once", async () => {
    let count = 0;
    const verifier: SignatureVerifier = {
      ...nobleVerifier,
      verifyEcdsa: (...args) => {
        count++;
        return nobleVerifier.verifyEcdsa(...args);
      },
    };
    const { chain } = await openNode({ verifier });
    const coins = [coinbaseCoin(params.genesis, 0)];
    const outputs = [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }];
    const good = payment({ coins, outputs });
    const forged = payment({
      coins,
      outputs,
      key: { ...testKey(2), publicKey: testKey(0).publicKey },
    });
    const block = makeBlock({ parent: chain.tip, params, transactions: [forged] });
    const refusal = await chain.acceptBlock(block, { requested: true });
    expect(summary(refusal)).toMatch(
      /^consensus: mandatory-script-verify-flag-failed \(Script eval/,
    );
    expect(summary(await chain.acceptTransaction(forged))).toMatch(/^consensus: mandatory-/);
    expect(chain.mempool.count).toBe(0);

    expect(await chain.acceptTransaction(good)).toEqual({ ok: true, fee: 0n });
    const before = count;
    await mine(chain, chain.tip, [good]);
    expect(chain.tip.height).toBe(1);
    expect(count).toBe(before);
  });

  describe("below a block that is assumed to be valid", () => {
    // A block stands for two weeks of work here, so one needs two above it.
    const slow = { ...params, targetSpacing: 14 * DAY };
    const forged = payment({
      coins: [coinbaseCoin(params.genesis, 0)],
      outputs: [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }],
      key: { ...testKey(2), publicKey: testKey(0).publicKey },
    });

    /** A node that got all headers and then the bodies of a chain with one odd block, and assumes the last valid. */
    async function sync(height: number, odd: Partial<BlockOptions>, assume = true) {
      const tree = new HeaderTree(params.genesis.header);
      const blocks: Block[] = [];
      for (let node = tree.genesis; node.height < 4; ) {
        const options = node.height + 1 === height ? odd : {};
        const block = makeBlock({ parent: node, params, ...options });
        blocks.push(block);
        node = tree.add(block.header);
      }
      const assumeValid = assume ? blocks.at(-1)?.hash : undefined;
      const { chain } = await openNode({
        params: { ...slow, assumeValid },
        verifier: nobleVerifier,
      });
      await chain.acceptHeaders(blocks.map(({ header }) => header));
      for (const block of blocks) await chain.acceptBlock(block, { requested: true });
      return chain;
    }

    it("scripts are not run", async () => {
      const chain = await sync(2, { transactions: [forged] });
      expect(chain.tip.height).toBe(4);
      const [coin] = await chain.getCoins([output(forged)]);
      expect(coin).toMatchObject({ value: COIN_VALUE, height: 2 });
    });

    it.each([
      ["without such a block", 2, false],
      ["with too little work above", 3, true],
    ])("they are run %s", async (_, height, assume) => {
      const chain = await sync(height, { transactions: [forged] }, assume);
      expect(chain.tip.height).toBe(height - 1);
    });

    it("all else is checked", async () => {
      const chain = await sync(2, { reward: COIN_VALUE + 1n });
      expect(chain.tip.height).toBe(1);
    });
  });

  it("keeps of unrequested blocks only what may soon be the tip, but every header", async () => {
    const disk = new MemoryStore();
    const { chain } = await openNode({ store: new SessionStore(disk) });
    const source = (await openNode()).chain;
    const far = await grow(source, source.tip, 289);
    const headers = Array.from(
      { length: 288 },
      (_, i) => (far.ancestor(i + 1) as HeaderNode).header,
    );
    await chain.acceptHeaders(headers);
    const farBlock = (await source.getBlock(far.hash)) as Block;
    expect(await chain.acceptBlock(farBlock)).toMatchObject({
      ok: true,
      fresh: false,
      connected: false,
    });
    expect(await chain.getRawBlock(far.hash)).toBeUndefined();
    // What descends from a header that was only taken in passing can be stored: the header was, too.
    const child = makeBlock({ parent: chain.headers.get(far.hash) as HeaderNode, params });
    await chain.acceptBlock(child, { requested: true });

    await grow(chain, chain.headers.genesis, 2, 9);
    const weak = makeBlock({ parent: chain.headers.genesis, params, extra: 5 });
    expect(await chain.acceptBlock(weak)).toMatchObject({ ok: true, fresh: false });
    expect(await chain.acceptBlock(weak, { requested: true })).toMatchObject({ fresh: true });

    const again = (await openNode({ store: new SessionStore(disk) })).chain;
    expect(again.bestHeader.hash).toBe(child.hash);
    expect(again.tip.hash).toBe(chain.tip.hash);
  });

  it("keeps the headers before the first bad one", async () => {
    const { chain, events } = await openNode();
    const good = makeBlock({ parent: chain.tip, params }).header;
    const parent = (await openNode()).chain;
    const node = accepted(await parent.acceptHeaders([good]));
    const bad = new BlockHeader({
      ...makeBlock({ parent: node, params }).header,
      bits: 0x1f00ffff,
    });
    expect(summary(await chain.acceptHeaders([good, bad]))).toMatch(/^invalid-header: /);
    expect(chain.bestHeader.hash).toBe(good.hash);
    expect(events).toEqual([{ type: "headers", height: 1 }]);
  });
});

function accepted(verdict: Awaited<ReturnType<ChainManager["acceptHeaders"]>>): HeaderNode {
  if (!verdict.ok || verdict.nodes[0] === undefined) throw new Error("refused");
  return verdict.nodes[0];
}

describe("opening", () => {
  it("goes on where it stopped, the first of two equals still first", async () => {
    const disk = new MemoryStore();
    const { chain } = await openNode({ store: new SessionStore(disk) });
    const second = await grow(chain, chain.tip, 3, 2);
    await grow(chain, chain.headers.genesis, 3, 1);
    expect(chain.tip).toBe(second);
    const again = (await openNode({ store: new SessionStore(disk) })).chain;
    expect(again.tip.hash).toBe(second.hash);
    expect(await coinsHash(again)).toBe(await coinsHash(chain));
    expect(again.headers.size).toBe(chain.headers.size);
  });

  it("refuses the store of another chain, and a genesis block that breaks its own rules", async () => {
    const disk = new MemoryStore();
    await openNode({ store: new SessionStore(disk) });
    const { genesis } = params;
    const coinbase = (extra: number) =>
      coinbaseTransaction(0, [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }], extra);
    const open = (block: Block, target: ChainStore = new MemoryStore()) =>
      openNode({ store: target, params: { ...params, genesis: block } });
    const parent = { ...chainView(genesis) };
    const remade = (options: object) =>
      makeBlock({
        parent,
        params,
        coinbase: coinbase(1),
        ...options,
        header: {
          previousHash: "00".repeat(32) as typeof genesis.hash,
          ...("header" in options ? (options.header as object) : {}),
        },
      });
    await expect(open(remade({}), new SessionStore(disk))).rejects.toMatchObject({
      code: "wrong-chain",
    });
    const unworked = new Block(unsolve(genesis.header, params), genesis.transactions);
    for (const [block, why] of [
      [unworked, "high-hash"],
      [remade({ header: { previousHash: "11".repeat(32) } }), "it has a parent"],
      [remade({ header: { bits: 0x207ffffe } }), "its target is not that of the network"],
      [remade({ transactions: [coinbase(2)] }), "it has to hold one transaction"],
      [remade({ coinbase: coinbaseTransaction(7, [], 0) }), "bad-txns-vout-empty"],
      [
        remade({
          coinbase: coinbaseTransaction(7, [{ value: 1n, scriptPubKey: testKey(1).script }]),
        }),
        "bad-cb-height",
      ],
      [
        remade({
          coinbase: coinbaseTransaction(0, [
            { value: COIN_VALUE + 1n, scriptPubKey: testKey(1).script },
          ]),
        }),
        "bad-cb-amount",
      ],
    ] as const) {
      await expect(open(block)).rejects.toMatchObject({
        code: "bad-genesis",
        message: `the genesis block is not valid: ${why}`,
      });
    }
    await expect(open(remade({}))).resolves.toBeDefined();
  });

  it("makes the coins anew from the blocks", async () => {
    const disk = new MemoryStore();
    const { chain, events } = await openNode({ store: new SessionStore(disk) });
    await grow(chain, await mine(chain, chain.tip, [spend([genesisCoin], [1n, 2n])]), 3);
    await grow(chain, chain.headers.genesis, 2, 4);
    const before = await chain.coinStatistics();
    events.length = 0;
    const seen: string[] = [];
    await chain.reindexUtxo((height, goal) => seen.push(`${height}/${goal}`));
    expect(seen).toEqual(["1/4", "2/4", "3/4", "4/4"]);
    expect(await chain.coinStatistics()).toEqual(before);
    expect(events).toEqual([]);
  });
});

function chainView(genesis: Block): AncestorView {
  return {
    ...genesis.header,
    height: -1,
    hash: genesis.hash,
    medianTimePast: 0,
    ancestor: () => undefined,
  };
}

describe("living", () => {
  it("survives a listener that throws", async () => {
    const { chain, lines } = await openNode();
    const heights: number[] = [];
    chain.subscribe(() => {
      throw new TypeError("a bug of somebody else");
    });
    chain.subscribe((event) => {
      if (event.type === "tip-changed") heights.push(event.height);
    });
    await grow(chain, chain.tip, 2);
    expect(heights).toEqual([1, 2]);
    expect(lines.filter(({ message }) => message.includes("a bug of somebody else"))).toHaveLength(
      4,
    );
  });

  it("knows when it is catching up; age alone does not count, and headers alone not for long", async () => {
    const { chain, clock } = await openNode();
    clock.milliseconds = (GENESIS_TIME + 90 * DAY) * 1000;
    expect(chain.initialDownload).toBe(false);
    const source = (await openNode()).chain;
    const tip = await grow(source, source.tip, 60);
    const path = Array.from({ length: 60 }, (_, i) => tip.ancestor(i + 1) as HeaderNode);
    await chain.acceptHeaders(path.slice(0, 25).map(({ header }) => header));
    expect(chain.initialDownload).toBe(true);
    await give(chain, (await source.getBlock((path[0] as HeaderNode).hash)) as Block);
    expect(chain.initialDownload).toBe(false);
    // The tip is recent for once: from now on nobody can talk this node into silence.
    clock.milliseconds = (chain.tip.header.time + 60) * 1000;
    expect(chain.initialDownload).toBe(false);
    await chain.acceptHeaders(path.map(({ header }) => header));
    expect(chain.initialDownload).toBe(false);
  });

  it("believes headers without blocks for two minutes, and says so when it does no longer", async () => {
    const time = virtualTime(0);
    const clock = new TestClock(GENESIS_TIME + 90 * DAY);
    const timers: Timers = {
      after: (wait, callback) => (wait === 0 ? realTimers : time).after(wait, callback),
    };
    const { chain, events, lines } = await openNode({ clock, timers });
    const source = (await openNode()).chain;
    const tip = await grow(source, source.tip, 60);
    const path = Array.from({ length: 60 }, (_, i) => tip.ancestor(i + 1) as HeaderNode);
    const bodyOf = async ({ hash }: HeaderNode) => (await source.getBlock(hash)) as Block;
    await chain.acceptHeaders(path.map(({ header }) => header));
    await time.pass(119_000);
    expect(chain.initialDownload).toBe(true);
    // A block is a sign of life.
    await give(chain, await bodyOf(path[0] as HeaderNode));
    await time.pass(119_000);
    expect(chain.initialDownload).toBe(true);
    await time.pass(1_000);
    expect(chain.initialDownload).toBe(false);
    expect(events.at(-1)).toEqual({ type: "download-stalled", height: 1 });
    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    // More of the same changes nothing; the next block does.
    await grow(source, tip, 1);
    await chain.acceptHeaders([source.tip.header]);
    expect(chain.initialDownload).toBe(false);
    await give(chain, await bodyOf(path[1] as HeaderNode));
    expect(chain.initialDownload).toBe(true);
    await chain.close();
    await time.pass(200_000);
    expect(events.filter(({ type }) => type === "download-stalled")).toHaveLength(1);
  });

  it("lives on after a caller handed it what can't be encoded", async () => {
    const { chain } = await openNode();
    const good = makeBlock({ parent: chain.tip, params });
    const bad = new BlockHeader({ ...good.header, time: -1 });
    await expect(chain.acceptBlock(new Block(bad, good.transactions))).rejects.toThrow(CoreError);
    await expect(chain.acceptHeaders([bad])).rejects.toThrow(CoreError);
    await give(chain, good);
    expect(chain.tip.hash).toBe(good.hash);
  });

  it("takes nothing after it is closed, and closes its store", async () => {
    const store = new MemoryStore();
    const { chain } = await openNode({ store });
    const block = makeBlock({ parent: chain.tip, params });
    const under = chain.acceptBlock(block);
    const closing = chain.close();
    expect(await under).toMatchObject({ ok: true, connected: true });
    await closing;
    await chain.close();
    await expect(chain.acceptBlock(block)).rejects.toBeInstanceOf(EngineError);
    await expect(chain.acceptBlock(block)).rejects.toMatchObject({ code: "closed" });
    await expect(store.readTip()).rejects.toMatchObject({ code: "closed" });
  });
});
