/** The index by output script is switched on and off: what it says, what it leaves, and what a kill in between does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, type LocatedCoin, sha256, type Txid } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { META } from "../src/level/schema.ts";
import type { ChainStore } from "../src/store.ts";
import { all, begin, chainSteps, recordOf, script } from "./support/chainSteps.ts";
import { scriptKeys } from "./support/scriptKeys.ts";

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "chain-scripts-"));
});
afterEach(() => rm(path, { recursive: true, force: true }));

const MANY = 3_500;
const coins: readonly LocatedCoin[] = Array.from({ length: MANY }, (_, id) => ({
  outpoint: { txid: bytesToHex(sha256(Uint8Array.of(id >> 8, id & 0xff))) as Txid, vout: id },
  coin: { value: BigInt(id), scriptPubKey: script(id % 3), height: 1, coinbase: false },
}));
const [step] = [...chainSteps(1, 1)];

/** Connects a block that makes all these coins, or one that spends some. */
async function change(store: ChainStore, spent: readonly LocatedCoin[] = []): Promise<void> {
  if (step === undefined) return;
  const { block, update } = step;
  await store.writeBlock(block.toBytes(), recordOf(block, 1, "body"));
  const created = spent.length === 0 ? coins : [];
  await store.commit({ ...update, coins: { spent, created }, durable: true });
}

async function begun(scripts: boolean): Promise<void> {
  const store = await openLevelStore(path, { scripts });
  await begin(store);
  await change(store);
  await store.close();
}

/** Of each script: how much it has. */
async function sums(store: ChainStore): Promise<bigint[]> {
  const sum = async (n: number) => {
    const found = await all(store.unspentByScript(script(n)));
    return found.reduce((total, { coin }) => total + coin.value, 0n);
  };
  return Promise.all([0, 1, 2].map(sum));
}

function expected(left: readonly LocatedCoin[] = coins): bigint[] {
  return [0n, 1n, 2n].map((n) => {
    return left.reduce((total, { coin: { value } }) => total + (value % 3n === n ? value : 0n), 0n);
  });
}

it("deletes its records when it is switched off, and finds coins by reading all", async () => {
  await begun(true);
  expect(await scriptKeys(path)).toBe(MANY);
  const off = await openLevelStore(path, { scripts: false });
  expect(off.hasScripts).toBe(false);
  expect(await sums(off)).toEqual(expected());
  await change(off, coins.slice(0, 500));
  expect(await sums(off)).toEqual(expected(coins.slice(500)));
  await off.resetChainState(); // which waits until they are gone
  await off.close();
  expect(await scriptKeys(path)).toBe(0);
  const still = await openLevelStore(path);
  expect([still.hasScripts, await sums(still)]).toEqual([false, [0n, 0n, 0n]]);
  await still.close();
});

it("is made of the coins when it is switched on, from none that were spent meanwhile", async () => {
  await begun(true);
  const off = await openLevelStore(path, { scripts: false });
  await change(off, coins.slice(0, 500));
  await off.close();
  const parts: number[] = [];
  const on = await openLevelStore(path, {
    scripts: true,
    onScriptsProgress: (part) => parts.push(part),
  });
  expect([on.hasScripts, await sums(on)]).toEqual([true, expected(coins.slice(500))]);
  await on.close();
  expect(await scriptKeys(path)).toBe(MANY - 500);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  expect(parts.at(-1)).toBeGreaterThan(0.99);
});

it("goes on where it was interrupted", async () => {
  await begun(false);
  let reached = 0;
  const interrupted = openLevelStore(path, {
    scripts: true,
    onScriptsProgress: (part) => {
      reached = part;
      if (part > 0.5) throw new RangeError("the process ends here");
    },
  });
  await expect(interrupted).rejects.toThrow("the process ends here");
  expect(await scriptKeys(path)).toBe(2_000);
  const parts: number[] = [];
  const on = await openLevelStore(path, { onScriptsProgress: (part) => parts.push(part) });
  expect(parts[0]).toBeGreaterThan(reached);
  expect([on.hasScripts, await sums(on)]).toEqual([true, expected()]);
  await on.close();
  expect(await scriptKeys(path)).toBe(MANY);
});

it("takes a database of version 3 as one that has it", async () => {
  await begun(true);
  const raw = new ClassicLevel<Uint8Array, Uint8Array>(join(path, "index"), {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
  await raw.put(META.format, new TextEncoder().encode("chain-storage:3"));
  expect(await raw.get(META.scripts)).toBeUndefined();
  await raw.close();
  const store = await openLevelStore(path);
  expect([store.hasScripts, await sums(store)]).toEqual([true, expected()]);
  await store.close();
  await raw.open();
  expect(new TextDecoder().decode(await raw.get(META.format))).toBe("chain-storage:4");
  await raw.put(META.scripts, Uint8Array.of(9));
  await raw.close();
  await expect(openLevelStore(path)).rejects.toMatchObject({ code: "corrupt" });
});
