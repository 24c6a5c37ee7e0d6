/** Opens a store so many times, as often as others leave it, and prints how often, and the codes of all refusals. */
import { writeSync } from "node:fs";
import { openLevelStore } from "../../src/level/open.ts";

const [, , path = "", visits = "0"] = process.argv;
let opened = 0;
const refusals = new Set<unknown>();
for (let visit = 0; visit < Number(visits); visit++) {
  try {
    await (await openLevelStore(path)).close();
    opened++;
  } catch (error) {
    refusals.add((error as { code?: unknown }).code ?? String(error));
  }
}
writeSync(1, `${JSON.stringify({ opened, refusals: [...refusals] })}\n`);
