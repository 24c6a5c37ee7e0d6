/** Three hundred flipped bits, cuts and stretches of zeros over all files of a store. Another seed: DAMAGE_SEED. */
import { cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@chain/testing/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { begin } from "./support/chainSteps.ts";
import { damageMany, readInProcess } from "./support/damage.ts";
import { write } from "./support/process.ts";

const SEED = Number(process.env["DAMAGE_SEED"] ?? 11);
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "chain-damage-"));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

let whole: string;
let right: unknown;
const rng = new Rng(SEED);

beforeAll(async () => {
  whole = join(root, "whole");
  for (let height = 0; height < 1000; height += 250) {
    const store = await openLevelStore(whole);
    if (height === 0) await begin(store);
    await write(store, SEED, height + 1, height + 250);
    await store.close();
  }
  // Of a copy: to open the store moves what stands in LevelDB's log into a table.
  const copy = join(root, "right");
  cpSync(whole, copy, { recursive: true });
  [right] = await readInProcess([copy]);
  expect(right).toMatchObject({ headers: 1001, bodies: 1001 });
}, 300_000);

it.each(Array.from({ length: 10 }, (_, n) => n))(
  `thirty damages are found or harmless, and end no process (seed ${SEED}, part %i)`,
  () => damageMany({ whole, right, root }, rng, 30),
);
