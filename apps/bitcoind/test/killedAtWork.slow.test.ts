/** chain-bitcoind killed at random while it does long work on its files: afterwards it knows what one knows that never was. */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes, regtest } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Node } from "./support/node.ts";

/** For each kind of work. Two hundred in all are a run by hand: KILLS=40. */
const KILLS = Number(process.env["KILLS"] ?? 5);
const SEED = Number(process.env["CHAOS_SEED"] ?? 11);
const why = present ? "" : " (skipped: ../shared/data is absent)";
const INDEXES = [
  "-txindex",
  "-blockfilterindex",
  "-coinstatsindex",
  "-txospenderindex",
  "-scripthistoryindex",
];

let folder: string;
/** A node's directory with the whole of the small chain. */
let whole: string;

interface Facts {
  readonly coins: unknown;
  readonly blocks: readonly unknown[];
}

/** A node's words on its coins, and on each tenth block from a height on. */
async function factsOf(node: Node, from = 1): Promise<Facts> {
  const indexes = Object.keys((await node.call("getindexinfo")) as object).length > 0;
  const height = Number(await node.call("getblockcount"));
  const blocks: unknown[] = [];
  for (let at = height; at >= from; at -= 10) {
    const hash = await node.call("getblockhash", at);
    blocks.push(await node.call("getblock", hash, 0));
    if (indexes) blocks.push(...(await indexFacts(node, hash)));
  }
  const { disk_size: _, ...coins } = (await node.call("gettxoutsetinfo", "muhash")) as {
    disk_size: number;
  };
  return { coins, blocks };
}

async function indexFacts(node: Node, hash: unknown): Promise<unknown[]> {
  const { tx } = (await node.call("getblock", hash, 2)) as {
    tx: {
      txid: string;
      hex: string;
      vin: { txid?: string; vout?: number }[];
      vout: { scriptPubKey: { hex: string } }[];
    }[];
  };
  const found: unknown[] = [await node.call("getblockfilter", hash)];
  found.push(await node.call("gettxoutsetinfo", "muhash", hash));
  for (const { txid, hex, vin, vout } of tx.slice(0, 3)) {
    for (const { scriptPubKey } of vout) {
      const history = await node.call("getscripthistory", scriptPubKey.hex, { limit: 10_000 });
      const { confirmed } = history as { confirmed: { txid: string }[] };
      expect(confirmed.map((entry) => entry.txid)).toContain(txid);
      found.push(history, await node.call("getscriptbalance", scriptPubKey.hex));
    }
    expect(await node.call("getrawtransaction", txid)).toBe(hex);
    const outputs = vin.flatMap((input) =>
      input.txid === undefined ? [] : [{ txid: input.txid, vout: input.vout }],
    );
    if (outputs.length === 0) continue;
    const spending = (await node.call("gettxspendingprevout", outputs)) as {
      spendingtxid?: string;
    }[];
    expect(spending.map(({ spendingtxid }) => spendingtxid)).toEqual(outputs.map(() => txid));
    found.push(spending);
  }
  return found;
}

interface Work {
  readonly title: string;
  readonly chain: string;
  /** Where it begins: a directory that is copied, or none for an empty one. */
  readonly from: () => string | undefined;
  /** The options of the first start, which is told what to do, and of those after a kill. */
  readonly first: () => readonly string[];
  readonly again: () => readonly string[];
  /** A caller does this meanwhile, again and again. */
  readonly meanwhile?: (node: Node) => Promise<void>;
}

const SMALL = "chain-p2pkh-small";
/** Of the youngest 288 blocks none is thrown away, so it takes a longer one. */
const LONG = "chain-p2pkh";
const load = (chain: string) => `-loadblock=${join(folder, chain)}`;
const WORKS: readonly Work[] = [
  {
    title: "taking in a file of blocks and building all indexes",
    chain: SMALL,
    from: () => undefined,
    first: () => [load(SMALL), ...INDEXES],
    again: () => [load(SMALL), ...INDEXES],
  },
  {
    title: "building all indexes of its chain",
    chain: SMALL,
    from: () => whole,
    first: () => INDEXES,
    again: () => INDEXES,
  },
  {
    title: "making all again from its blocks",
    chain: SMALL,
    from: () => whole,
    first: () => ["-reindex"],
    again: () => [],
  },
  {
    title: "making its coins again",
    chain: SMALL,
    from: () => whole,
    first: () => ["-reindex-chainstate"],
    again: () => [],
  },
  {
    title: "taking in blocks and pruning",
    chain: LONG,
    from: () => undefined,
    first: () => [load(LONG), "-prune=1", "-fastprune"],
    again: () => [load(LONG), "-prune=1", "-fastprune"],
    meanwhile: async (node) => {
      await node.call("pruneblockchain", Number(await node.call("getblockcount")) - 288);
    },
  },
];

/** A node's work, again and again, on directories of its own. */
class Killing {
  readonly #work: Work;
  readonly #height: number;
  readonly #rng = new Rng(SEED);
  /** A directory whose node was never killed. */
  #control = "";

  constructor(work: Work) {
    this.#work = work;
    this.#height = sharedChain(work.chain).facts.height;
  }

  /** Kills at random moments until there were enough; after each third the work is brought to its end and begun anew. */
  async run(): Promise<void> {
    const work = this.#work;
    const time = await this.#unkilled();
    for (let kills = 0; kills < KILLS; ) {
      const directory = await this.#begin();
      let options = work.first();
      for (let n = 0; n < 3 && kills < KILLS; n++, kills++) {
        await this.#killed(await Node.start(directory, ...options), this.#rng.below(time));
        options = work.again();
      }
      await this.#ends(await Node.start(directory, ...options));
      await rm(directory, { recursive: true });
    }
  }

  async #begin(): Promise<string> {
    const directory = await mkdtemp(join(folder, "work-"));
    const from = this.#work.from();
    if (from !== undefined) await cp(from, directory, { recursive: true });
    return directory;
  }

  /** @returns how long it takes, in milliseconds */
  async #unkilled(): Promise<number> {
    this.#control = await this.#begin();
    const began = Date.now();
    const node = await Node.start(this.#control, ...this.#work.first());
    await node.done(this.#height);
    const time = Date.now() - began;
    await node.stop();
    return time;
  }

  async #killed(node: Node, after: number): Promise<void> {
    let isOver = false;
    setTimeout(() => {
      isOver = true;
      void node.kill();
    }, after);
    while (this.#work.meanwhile !== undefined && !isOver) {
      // It may be starting, or dying.
      await this.#work.meanwhile(node).catch(() => new Promise((resolve) => setImmediate(resolve)));
    }
    await node.ended;
    expect(node.child.signalCode).toBe("SIGKILL");
  }

  /** When its work is done, it knows just what the node knows that never was killed. */
  async #ends(node: Node): Promise<void> {
    const { meanwhile, again } = this.#work;
    await node.done(this.#height);
    await meanwhile?.(node);
    const info = (await node.call("getblockchaininfo")) as { pruneheight?: number };
    const from = info.pruneheight ?? 1;
    if (meanwhile !== undefined) expect(from).toBeGreaterThan(100);
    const control = await Node.start(this.#control, ...again());
    await control.done(this.#height);
    expect(await factsOf(node, from)).toEqual(await factsOf(control, from));
    expect(await node.call("verifychain", 4, 30)).toBe(true);
    await Promise.all([node.stop(), control.stop()]);
  }
}

describe.skipIf(!present)(`chain-bitcoind killed at random, seed ${SEED}${why}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chain-killed-"));
    for (const chain of [SMALL, LONG]) {
      const records = sharedChain(chain).raw.flatMap((raw) => {
        const length = new Uint8Array(4);
        new DataView(length.buffer).setUint32(0, raw.length, true);
        return [regtest.magic, length, raw];
      });
      await writeFile(join(folder, chain), concatBytes(...records));
    }
    whole = await mkdtemp(join(folder, "whole-"));
    const node = await Node.start(whole, load(SMALL));
    await node.done(sharedChain(SMALL).facts.height);
    await node.stop();
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(WORKS)("$title", { timeout: 120_000 + 30_000 * KILLS }, (work) =>
    new Killing(work).run(),
  );
});
