/** Checks of what an index is handed, for callers that are plain JavaScript. */
import { requireBlock, requireFields, requireInteger } from "@chain/core/arguments";
import type { IndexedBlock } from "./chainIndex.ts";

export function requireIndexing(block: unknown, records: unknown): void {
  requireFields(block, "block", {
    block: "object",
    undo: "array",
    hash: "string",
    height: "number",
  });
  requireInteger((block as IndexedBlock).height, "block.height", 0, 0xffff_ffff);
  requireBlock((block as IndexedBlock).block, "block.block");
  requireFields(records, "records", {
    get: "function",
    getMany: "function",
    put: "function",
    delete: "function",
  });
}
