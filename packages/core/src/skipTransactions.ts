import type { Reader } from "./encoding/reader.ts";
import { CoreError } from "./errors.ts";
import { requireReader } from "./shapes.ts";

/**
 * Moves past a list of transactions and its count, as `Block.read` decodes it, without an object or a hash for any of
 * them: a hundredth of the work. The body of a block that a stranger sends is tried like this first.
 * @throws CoreError where a transaction would not be decoded; the same as `Transaction.read`
 * @example
 * const reader = new Reader(block.toBytes(), HEADER_SIZE);
 * skipTransactions(reader);
 * reader.remaining // 0
 */
export function skipTransactions(reader: Reader): void {
  requireReader(reader, "reader");
  for (let count = reader.compactSize(); count > 0; count--) skipTransaction(reader);
}

/** As `Transaction.read`. */
function skipTransaction(reader: Reader): void {
  reader.skip(4); // version
  let inputs = skipInputs(reader);
  let flags = 0;
  if (inputs === 0) {
    flags = reader.u8();
    if (flags !== 0) inputs = skipInputs(reader);
  }
  if (inputs > 0 || flags !== 0) skipOutputs(reader);
  if ((flags & 1) !== 0) skipWitnesses(reader, inputs);
  if ((flags & ~1) !== 0) {
    throw new CoreError("unknown-transaction-flag", "Unknown transaction optional data");
  }
  reader.skip(4); // lock time
}

function skipInputs(reader: Reader): number {
  const count = reader.compactSize();
  for (let i = 0; i < count; i++) {
    reader.skip(36); // outpoint
    skipBytes(reader);
    reader.skip(4); // sequence
  }
  return count;
}

function skipOutputs(reader: Reader): void {
  for (let count = reader.compactSize(); count > 0; count--) {
    reader.skip(8); // value
    skipBytes(reader);
  }
}

function skipWitnesses(reader: Reader, inputs: number): void {
  let isEmpty = true;
  for (let i = 0; i < inputs; i++) {
    let items = reader.compactSize();
    if (items > 0) isEmpty = false;
    for (; items > 0; items--) skipBytes(reader);
  }
  if (isEmpty) throw new CoreError("superfluous-witness", "Superfluous witness record");
}

function skipBytes(reader: Reader): void {
  reader.skip(reader.compactSize());
}
