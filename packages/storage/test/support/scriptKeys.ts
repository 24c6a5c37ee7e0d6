import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { ALL_SCRIPTS } from "../../src/level/schema.ts";

/** Counts the records of the index by script, in a store that nobody has open. */
export async function scriptKeys(path: string): Promise<number> {
  const db = new ClassicLevel<Uint8Array, Uint8Array>(join(path, "index"), {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
  const keys = await db.keys({ ...ALL_SCRIPTS }).all();
  await db.close();
  return keys.length;
}
