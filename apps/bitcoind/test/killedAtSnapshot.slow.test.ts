/**
 * chain-bitcoind killed at random while it loads a UTXO snapshot, and while it checks the blocks below: afterwards it has
 * the coins of a node that never was killed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { unitTestChain } from "@chain/testing/snapshotChain";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Node } from "./support/node.ts";

/** Fifty are a run by hand: KILLS=50. */
const KILLS = Number(process.env["KILLS"] ?? 6);
const SEED = Number(process.env["CHAOS_SEED"] ?? 12);
const patience = { timeout: 60_000, interval: 20 };
const HEIGHT = 120;
const BASE = 110;

const blocks = unitTestChain(HEIGHT).map((block) => ({
  header: bytesToHex(block.header.toBytes()),
  whole: bytesToHex(block.toBytes()),
}));

let folder: string;
let file: string;
/** The answer of a node that had all blocks from the beginning, about its coins. */
let expected: Record<string, unknown>;

interface ChainStates {
  readonly chainstates: readonly { readonly blocks: number; readonly validated: boolean }[];
}

async function factsOf(node: Node): Promise<Record<string, unknown>> {
  const { disk_size: _, ...coins } = (await node.call("gettxoutsetinfo")) as {
    disk_size: number;
  };
  return { ...coins, best: await node.call("getbestblockhash") };
}

/** All that the snapshot takes, whatever of it is done already. */
async function work(node: Node): Promise<void> {
  for (const { header } of blocks) await node.call("submitheader", header);
  const { chainstates } = (await node.call("getchainstates")) as ChainStates;
  const tip = chainstates.at(-1)?.blocks ?? 0;
  if (chainstates.length === 1 && tip < BASE) await node.call("loadtxoutset", file);
  const above = blocks.slice(BASE);
  for (const { whole } of [...above, ...blocks.slice(0, BASE)]) {
    await node.call("submitblock", whole);
  }
  await vi.waitFor(async () => {
    if (node.child.signalCode !== null) return;
    const now = (await node.call("getchainstates")) as ChainStates;
    expect(now.chainstates).toMatchObject([{ blocks: HEIGHT, validated: true }]);
  }, patience);
}

/** Once the node answers. */
async function started(directory: string): Promise<Node> {
  const node = await Node.start(directory);
  await vi.waitFor(() => node.call("getblockcount"), patience);
  return node;
}

describe(`a UTXO snapshot, with kills at random, seed ${SEED}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chain-snapshot-"));
    file = join(folder, "utxo.dat");
    const source = await started(await mkdtemp(join(folder, "source-")));
    for (const { whole } of blocks.slice(0, BASE)) await source.call("submitblock", whole);
    expect(await source.call("dumptxoutset", file, "latest")).toMatchObject({ base_height: BASE });
    for (const { whole } of blocks.slice(BASE)) await source.call("submitblock", whole);
    expected = await factsOf(source);
    expect(expected).toMatchObject({ height: HEIGHT, txouts: HEIGHT });
    await source.stop();
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is loaded and checked whole", { timeout: 60_000 + 20_000 * KILLS }, async () => {
    const rng = new Rng(SEED);
    const control = await started(await mkdtemp(join(folder, "control-")));
    const began = Date.now();
    await work(control);
    const time = Date.now() - began;
    expect(await factsOf(control)).toEqual(expected);
    await control.stop();

    for (let kills = 0; kills < KILLS; ) {
      const directory = await mkdtemp(join(folder, "killed-"));
      for (let n = 0; n < 3 && kills < KILLS; n++, kills++) {
        const node = await started(directory);
        setTimeout(() => void node.kill(), rng.below(time));
        // The calls of a node that is killed fail; those of one whose work is done before are not asked any more.
        await work(node).catch(() => {});
        await node.ended;
        expect(node.child.signalCode).toBe("SIGKILL");
      }
      const node = await started(directory);
      await work(node);
      expect(await factsOf(node)).toEqual(expected);
      expect(await node.call("verifychain", 4, 0)).toBe(true);
      await node.stop();
      await rm(directory, { recursive: true });
    }
  });
});
