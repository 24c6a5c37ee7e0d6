/**
 * Switches the index by script of a store off and on until it is killed, and connects a block in between. Prints a line
 * for each piece of work. Argument: directory.
 */
import { openLevelStore } from "../../src/level/open.ts";
import { begin } from "./chainSteps.ts";
import { loadIndex } from "./loadIndex.ts";
import { connectMany } from "./manyCoins.ts";

const [path = ""] = process.argv.slice(2);
const say = (what: string | number) => process.stdout.write(`${what}\n`);
let scripts = true;
for (let height = 0; height < 10_000; ) {
  const store = await openLevelStore(path, { scripts, onScriptsProgress: say });
  say(scripts ? "on" : "off");
  const { tip, records } = await loadIndex(store);
  if (tip === undefined) await begin(store);
  height = records.find(({ header }) => header.hash === tip)?.height ?? 0;
  for (const end = height + 3; height < end; height++) {
    await connectMany(store, height + 1, height + 1);
    say(height);
  }
  await store.close();
  scripts = !scripts;
}
