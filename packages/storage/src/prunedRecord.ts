import type { BlockRecord } from "./store.ts";

/** The entry of a block whose body is deleted: connected as before, or a header again. Core: PruneOneBlockFile. */
export function prunedRecord(record: BlockRecord, isActive: boolean): BlockRecord {
  if (isActive && record.status !== "invalid")
    return { ...record, status: "connected", hasBody: false };
  const status = record.status === "invalid" ? "invalid" : "header";
  return { ...record, status, hasBody: false, transactionCount: 0 };
}
