/** Deeds that our node and one of the Bitcoin Core family must do alike, and together. */

import { type AddressInfo, createServer } from "node:net";
import {
  Block,
  type BlockHash,
  bytesToHex,
  type ChainParams,
  hash160,
  type LocatedCoin,
  type Transaction,
} from "@chain/core";
import { spendableCoins } from "@chain/engine";
import { payment, testKey } from "@chain/testing/blockFactory";
import { type Outcome, Probe, put } from "@chain/testing/probe";
import { encodeAddress } from "@chain/wallet";
import type { VersionMessage } from "@chain/wire";
import { describe, expect, it, onTestFinished } from "vitest";
import { CoreNode, type Daemon, type OurNode, startOurNode, versionOf } from "./coreNode.ts";
import { type Step, storyOf } from "./coreStory.ts";
import { AFTER, BEFORE, type Shared } from "./probeCases.ts";
import { frame, getHeaders, raw } from "./probeFrames.ts";

const patience = { timeout: 60_000, interval: 100 };
const key = testKey(5);

/** A difference of ours in the answer to something, and its reason. */
export type Difference = Outcome & { readonly because: string };

export interface CoreFamily extends Daemon {
  /** Messages that only Core's node sends behind `verack`, and those that only ours does: in any order. */
  readonly says: readonly string[];
  readonly leavesOut: readonly string[];
  /** By the names of `probeCases`. */
  readonly different: Readonly<Record<string, Difference>>;
  /** By the names of `coreStory`: why ours does otherwise. */
  readonly differentSteps: Readonly<Record<string, string>>;
}

const listeningOn = (port: number) => [{ host: "127.0.0.1", port }];

const addressOn = (params: ChainParams): string =>
  encodeAddress({ type: "p2pkh", hash: hash160(key.publicKey) }, params);

async function agree(ours: OurNode, theirs: CoreNode): Promise<void> {
  await expect.poll(async () => ours.chain.tip.hash === (await theirs.tip()), patience).toBe(true);
}

/** Both with the same blocks, ours with nobody to talk to. */
async function twoAlike(
  daemon: Daemon,
  height = 20,
  ...flags: readonly string[]
): Promise<{ theirs: CoreNode; ours: OurNode; shared: Shared }> {
  const { params } = daemon;
  const theirs = await CoreNode.start(daemon, ...(daemon.flags ?? []), ...flags);
  const hashes = await theirs.mine(height, addressOn(params));
  const source = await startOurNode(params, listeningOn(theirs.port));
  await agree(source, theirs);
  await source.node.stop();
  const blocks = [params.genesis];
  for (const hash of hashes) {
    blocks.push((await source.chain.getBlock(hash as BlockHash)) as Block);
  }
  const ours = await startOurNode(params);
  for (const block of blocks.slice(1)) await ours.chain.acceptBlock(block, { requested: true });
  const at = (height: number) => blocks[height] as Block;
  const below = (depth: number) => at(height - depth);
  const shared = { genesis: at(0), old: at(1), newer: at(4), tip: at(height), below };
  return { theirs, ours, shared };
}

/** A port where somebody waits for a node's call. */
async function expectCall(): Promise<{ readonly port: number; readonly call: Promise<Probe> }> {
  const server = createServer();
  const call = new Promise<Probe>((resolve) => {
    server.once("connection", (socket) => resolve(Probe.of(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, call };
}

/** Hears all messages of a node that belong to a beginning. */
async function greeting(probe: Probe): Promise<{ before: string[]; after: string[] }> {
  await probe.shakeHands();
  await probe.hears("feefilter");
  await probe.hears("ping");
  const names = probe.heard
    .slice(0, -1)
    .map((message) => ("announce" in message ? `sendcmpct ${message.version}` : message.command));
  const end = names.indexOf("verack") + 1;
  return { before: names.slice(0, end), after: names.slice(end).sort() };
}

const OLD = { protocolVersion: 70_015 };
const wantsAll = frame({ command: "sendcmpct", announce: true, version: 2n });

/** A peer that wants to be told of blocks and payments in its way. */
type Listener = readonly [
  what: string,
  hello: Partial<VersionMessage>,
  ...frames: readonly Uint8Array[],
];
/** @param asked a question for all headers */
const listenersFor = (asked: Uint8Array): readonly Listener[] => [
  ["has asked for nothing", {}],
  ["wants headers, and has none", {}, raw("sendheaders")],
  ["wants headers, and has them", {}, raw("sendheaders"), asked],
  ["has headers, and has not asked for more", {}, asked],
  ["wants whole blocks at once", {}, wantsAll, asked],
  ["wants whole blocks at once, and has no headers", {}, wantsAll],
  ["wants all of it", {}, raw("sendheaders"), wantsAll, asked],
  ["is old", OLD, raw("sendheaders"), asked],
  ["is very old", { protocolVersion: 31_800 }],
  ["wants no payments", { relay: false }, raw("sendheaders"), asked],
  ["wants no cheap payments", {}, frame({ command: "feefilter", feeRate: 1_000_000n }), asked],
];

/** The listeners, all connected to a node. */
function listen(port: number, listeners: readonly Listener[]): Promise<Probe[]> {
  return listeners.reduce<Promise<Probe[]>>(async (before, [, overrides, ...frames]) => {
    const probes = await before;
    const probe = await Probe.connect(port);
    onTestFinished(() => probe.end());
    await probe.shakeHands(overrides);
    if (frames.length > 0) probe.write(...frames);
    await probe.isAlive();
    return [...probes, probe];
  }, Promise.resolve([]));
}

function pay(coin: LocatedCoin): Transaction {
  const outputs = [{ value: coin.coin.value - 10_000n, scriptPubKey: testKey(6).script }];
  return payment({ coins: [coin], outputs, key });
}

interface NodeState {
  readonly tip: string;
  readonly waiting: readonly string[];
}

/** One node that a story is told to. */
class Reader {
  readonly #port: number;
  readonly #state: () => Promise<NodeState>;
  #probe: Probe | undefined;
  #waiting: readonly string[] = [];

  constructor(port: number, state: () => Promise<NodeState>) {
    this.#port = port;
    this.#state = state;
  }

  /** Takes a step. @returns its outcome, with the changes that it made */
  async live({ what, frames, until }: Step): Promise<unknown> {
    if (this.#probe === undefined || this.#probe.closed) {
      this.#probe = await Probe.connect(this.#port);
      const probe = this.#probe;
      onTestFinished(() => probe.end());
      await probe.shakeHands();
    }
    const probe = this.#probe;
    const from = probe.heard.length;
    probe.write(...frames);
    if (until !== undefined) {
      const heard = () => probe.heard.slice(from).some(({ command }) => command === until);
      await probe.until(`${until} after ${what}`, heard);
    }
    const alive = await probe.isAlive();
    const said = probe.heardSince(from);
    const { tip, waiting } = await this.#state();
    const before = this.#waiting;
    this.#waiting = waiting;
    return {
      // The last is only the sign of life.
      said: alive ? said.slice(0, -1) : said,
      alive,
      tip,
      came: waiting.filter((txid) => !before.includes(txid)).sort(),
      gone: before.filter((txid) => !waiting.includes(txid)).sort(),
    };
  }
}

/** Nothing but the name of what is missing where the program is not installed. */
export function coreSuite(family: CoreFamily): void {
  const { program, params, says, leavesOut, different, differentSteps } = family;
  const version = versionOf(family);
  const isMissing = version === undefined;
  const name = isMissing ? `${program} (skipped: it is not installed)` : `${program} ${version}`;
  const address = addressOn(params);
  describe.skipIf(isMissing)(name, () => {
    it("and we sync from each other, relay blocks and payments, and follow reorganisations", async () => {
      const theirs = await CoreNode.start(family);
      await theirs.mine(110, address);
      const ours = await startOurNode(params, listeningOn(theirs.port));
      await agree(ours, theirs);

      // Blocks, both ways.
      await ours.mine(key.script, 2);
      await agree(ours, theirs);
      await theirs.mine(2, address);
      await agree(ours, theirs);

      // Payments, both ways, each mined by the other.
      const coins = await spendableCoins(ours.chain, key.script);
      const [first, second] = coins.filter(({ coin }) => coin.height < 10);
      if (first === undefined || second === undefined) expect.unreachable();
      const [there, back] = [pay(first), pay(second)];
      expect(await ours.node.submitTransaction(there)).toMatchObject({ ok: true });
      await expect.poll(() => theirs.call("getrawmempool"), patience).toEqual([there.txid]);
      await theirs.mine(1, address);
      await expect.poll(() => ours.chain.mempool.count, patience).toBe(0);
      await theirs.call("sendrawtransaction", bytesToHex(back.toBytes()));
      await expect.poll(() => ours.chain.mempool.get(back.txid) !== undefined, patience).toBe(true);
      await ours.mine(key.script, 1);
      await agree(ours, theirs);
      expect(await theirs.call("getrawmempool")).toEqual([]);

      // They change their mind about two blocks, and we follow.
      const { height } = ours.chain.tip;
      const lost = ours.chain.headers.activeAt(height - 1)?.hash;
      await theirs.call("invalidateblock", lost);
      await theirs.mine(3, address);
      await agree(ours, theirs);
      expect(ours.chain.tip.height).toBe(height + 1);

      // Another of ours knows a longer branch, and tells them alone.
      const other = await startOurNode(params);
      for (let i = 1; i <= height - 2; i++) {
        const block = await ours.chain.getBlock(ours.chain.headers.activeAt(i)!.hash);
        await other.chain.acceptBlock(block as Block, { requested: true });
      }
      await other.mine(testKey(7).script, 5);
      await theirs.call("addnode", `127.0.0.1:${other.port}`, "onetry");
      await expect.poll(() => theirs.tip(), patience).toBe(other.chain.tip.hash);
      await agree(ours, theirs);

      // One that begins with nothing gets all of it from us.
      const late = await CoreNode.start(family, `-connect=127.0.0.1:${ours.port}`);
      await agree(ours, late);

      // Nor have they anything to say against us.
      const peers = await theirs.call<readonly Record<string, unknown>[]>("getpeerinfo");
      expect(peers).toHaveLength(2);
      for (const peer of peers) {
        expect(peer).toMatchObject({
          version: 70_016,
          services: "0000000000000409",
          subver: "/chain:test/",
          relaytxes: true,
          startingheight: expect.any(Number),
        });
      }
      for (const node of [theirs, late]) {
        expect(await node.log("Misbehaving")).toEqual([]);
        expect(await node.call("listbanned")).toEqual([]);
      }
      expect(ours.log.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
    });

    it("greets as we do, whoever has called", async () => {
      const { theirs, ours } = await twoAlike(family);
      const called = await Promise.all(
        [theirs, ours].map(async ({ port }) => greeting(await Probe.connect(port))),
      );
      const waiting = [await expectCall(), await expectCall()] as const;
      await theirs.call("addnode", `127.0.0.1:${waiting[0].port}`, "onetry");
      await startOurNode(params, listeningOn(waiting[1].port), ours.chain);
      const calling = await Promise.all(waiting.map(async ({ call }) => greeting(await call)));
      const before = ["version", "wtxidrelay", "sendaddrv2", "verack"];
      const after = ["feefilter", "getheaders", "ping", "sendcmpct 2", "sendheaders"];
      const theirWords = [...after.filter((word) => !leavesOut.includes(word)), ...says];
      expect(called).toEqual([
        { before, after: theirWords.toSorted() },
        { before, after },
      ]);
      expect(calling).toEqual([
        { before, after: [...theirWords, "getaddr"].toSorted() },
        { before, after: [...after, "getaddr"].toSorted() },
      ]);
    });

    it("does what we do, whatever it is told", async () => {
      const { theirs, ours, shared } = await twoAlike(family);
      for (const [when, cases] of [
        ["before", BEFORE],
        ["after", AFTER],
      ] as const) {
        for (const [what, frames] of Object.entries(cases)) {
          const bytes = frames(shared);
          const [expected, actual] = await Promise.all([
            put(theirs.port, when, bytes),
            put(ours.port, when, bytes),
          ]);
          const difference = different[what];
          if (difference === undefined) expect(actual, what).toEqual(expected);
          else {
            const { because: _, ...outcome } = difference;
            expect(actual, what).toEqual(outcome);
            expect(actual, `${what} differs no more`).not.toEqual(expected);
          }
        }
      }
    });

    it("takes blocks and payments as we do, in whatever order", async () => {
      const { theirs, ours, shared } = await twoAlike(family, 110);
      const coins = await spendableCoins(ours.chain, key.script);
      const story = storyOf({
        params,
        tip: shared.tip,
        height: 110,
        coins: coins.filter(({ coin }) => coin.height < 10),
        immature: coins.find(({ coin }) => coin.height === 100) ?? expect.unreachable(),
        key,
      });
      const readers = [
        new Reader(theirs.port, async () => ({
          tip: await theirs.tip(),
          waiting: await theirs.call<string[]>("getrawmempool"),
        })),
        new Reader(ours.port, async () => ({
          tip: ours.chain.tip.hash,
          waiting: [...ours.chain.mempool.entries()].map(({ transaction }) => transaction.txid),
        })),
      ];
      for (const step of story) {
        const [expected, actual] = await Promise.all(readers.map((reader) => reader.live(step)));
        const difference = differentSteps[step.what];
        if (difference === undefined) expect(actual, step.what).toEqual(expected);
        else expect(actual, `${step.what} differs no more: ${difference}`).not.toEqual(expected);
      }
    });

    it("tells of blocks and payments as we do", async () => {
      // Such callers are told of payments without a wait of random length.
      const listeners = listenersFor(getHeaders(params.genesis));
      const { theirs, ours } = await twoAlike(family, 110, "-whitelist=noban@127.0.0.1");
      const connected = [await listen(theirs.port, listeners), await listen(ours.port, listeners)];
      /** The messages that each listener hears of something that happens to both nodes: theirs, ours. */
      const during = async (happens: () => Promise<unknown>, silent: readonly string[] = []) => {
        const all = connected.map((probes) =>
          probes.map((probe, i) => ({
            what: listeners[i]?.[0] as string,
            probe,
            from: probe.heard.length,
          })),
        );
        await happens();
        const spokenTo = all.flat().filter(({ what }) => !silent.includes(what));
        await Promise.all(
          spokenTo.map(({ what, probe, from }) =>
            probe.until(what, () => probe.heardSince(from).length > 0),
          ),
        );
        return all.map((group) =>
          group.map(({ what, probe, from }) => [what, ...probe.heardSince(from)]),
        );
      };

      const coins = await spendableCoins(ours.chain, key.script);
      const coin = coins.find((each) => each.coin.height < 10);
      if (coin === undefined) expect.unreachable();
      const payment = pay(coin);
      const silent = ["wants no payments", "wants no cheap payments"];
      const payments = await during(async () => {
        await theirs.call("sendrawtransaction", bytesToHex(payment.toBytes()));
        expect(await ours.node.submitTransaction(payment)).toMatchObject({ ok: true });
      }, silent);
      expect(payments[1]).toEqual(payments[0]);
      expect(payments[1]?.filter(([what = ""]) => silent.includes(what))).toEqual(
        silent.map((what) => [what]),
      );

      const blocks = await during(async () => {
        const [hash] = await theirs.mine(1, address);
        await ours.node.submitBlock(Block.fromHex(await theirs.call("getblock", hash, 0)));
      });
      expect(blocks[1]).toEqual(blocks[0]);
      const words = blocks.flat().map(([, news = ""]) => news.split(" ")[0]);
      expect([...new Set(words)].sort()).toEqual(["cmpctblock", "headers", "inv"]);
    });
  });
}
