/**
 * Writes the steps of a chain until it is killed. After every 40 it forgets the coins and makes them anew; or, if it
 * prunes, it deletes all but the last blocks after each. Arguments: directory, seed, `prune`, `hold` (it writes the
 * changes of some blocks at a time) or nothing.
 */
import { openLevelStore } from "../../src/level/open.ts";
import { begin, chainSteps, KEPT_BLOCKS, PRUNED_FILE_SIZE, recordOf } from "./chainSteps.ts";
import { loadIndex } from "./loadIndex.ts";

const [path = "", seed = "0", mode = ""] = process.argv.slice(2);
const prunes = mode === "prune";
const store = await openLevelStore(path, {
  ...(prunes && { fileSize: PRUNED_FILE_SIZE }),
  ...(mode === "hold" && { writeBackSize: 20_000 }),
});
const { tip, records } = await loadIndex(store);
if (tip === undefined) await begin(store);
const done = records.find(({ header }) => header.hash === tip)?.height ?? 0;
for (const { block, height, update } of chainSteps(Number(seed), 100_000)) {
  if (height <= done) continue;
  await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
  await store.commit(update);
  process.stdout.write(`${height}\n`);
  if (prunes) await store.prune({ height: height - KEPT_BLOCKS, isActive: () => true });
  if (prunes || height % 40 !== 0) continue;
  await store.resetChainState();
  process.stdout.write("0\n");
  await begin(store);
  for (const step of chainSteps(Number(seed), height)) {
    await store.commit(step.update);
    process.stdout.write(`${step.height}\n`);
  }
}
