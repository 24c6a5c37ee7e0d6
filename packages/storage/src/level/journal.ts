/**
 * LevelDB replays its log after a crash, and where a power cut left a hole in it, it skips the damaged batches and goes
 * on with the next (Core turns on `paranoid_checks` against that; classic-level can't). Coins that miss one batch of
 * many would be wrong without anybody noticing. So each batch writes its number into a slot, the next batch into the
 * next one, round and round: at open, a number that is missing is a batch that is missing.
 */
import type { Batch, Database } from "./checked.ts";
import { decodeBatchNumber, encodeBatchNumber, encodeMarks, type Marks } from "./records.ts";
import { scan } from "./scan.ts";
import { JOURNAL, journalKey, META } from "./schema.ts";

/** LevelDB's logs hold two write buffers, 8 MiB, and no batch of ours takes less there than 128 bytes or so. */
const SLOTS = 65_536;

/** Completes a batch. */
export function seal(batch: Batch, marks: Marks): Batch {
  return batch
    .put(META.marks, encodeMarks(marks))
    .put(journalKey(marks.batch % SLOTS), encodeBatchNumber(marks.batch));
}

/** Whether all batches that LevelDB could have lost are there. */
export async function isWhole(db: Database, { journalStart, batch }: Marks): Promise<boolean> {
  const first = Math.max(journalStart, batch - SLOTS + 1);
  let found = 0;
  for await (const records of scan(db, JOURNAL)) {
    for (const [, value] of records) {
      const number = decodeBatchNumber(value);
      if (number > batch) return false;
      if (number >= first) found++;
    }
  }
  return found === batch - first + 1;
}
