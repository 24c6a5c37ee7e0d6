/**
 * Writes the steps of a chain until it is killed, and after every 40 forgets the coins and makes them anew. Arguments:
 * directory, seed.
 */
import { openLevelStore } from "../../src/level/open.ts";
import { begin, chainSteps, recordOf } from "./chainSteps.ts";
import { loadIndex } from "./loadIndex.ts";

const [path = "", seed = "0"] = process.argv.slice(2);
const store = await openLevelStore(path);
const { tip, records } = await loadIndex(store);
if (tip === undefined) await begin(store);
const done = records.find(({ header }) => header.hash === tip)?.height ?? 0;
for (const { block, height, update } of chainSteps(Number(seed), 100_000)) {
  if (height <= done) continue;
  await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
  await store.commit(update);
  process.stdout.write(`${height}\n`);
  if (height % 40 !== 0) continue;
  await store.resetChainState();
  process.stdout.write("0\n");
  await begin(store);
  for (const step of chainSteps(Number(seed), height)) {
    await store.commit(step.update);
    process.stdout.write(`${step.height}\n`);
  }
}
