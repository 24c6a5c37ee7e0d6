/**
 * A process that opens a store and reads everything in it. Prints one line of JSON: the statistics of the coins, or the
 * code of the StorageError. The effects of LevelDB on a process are seen from outside.
 */
import { writeSync } from "node:fs";
import { StorageError } from "../../src/errors.ts";
import { openLevelStore } from "../../src/level/open.ts";

const [, , ...paths] = process.argv;
for (const path of paths) {
  let line: string;
  try {
    const store = await openLevelStore(path);
    try {
      const tip = await store.readTip();
      const hashes: string[] = [];
      await store.scanIndex(({ hash, hashStart }) => {
        hashes.push(
          Buffer.from(hash.slice(hashStart, hashStart + 32))
            .reverse()
            .toString("hex"),
        );
      });
      let [bodies, undos] = [0, 0];
      for (const hash of hashes as Parameters<typeof store.readBlock>[0][]) {
        if ((await store.readBlock(hash)) !== undefined) bodies++;
        if ((await store.readUndo(hash)) !== undefined) undos++;
      }
      const { count, total, hash } = await store.coinStatistics();
      const coins = `${count} ${total} ${hash}`;
      line = JSON.stringify({ tip, headers: hashes.length, bodies, undos, coins });
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    line = JSON.stringify({ code: error.code, message: error.message });
  }
  writeSync(1, `${line}\n`);
}
