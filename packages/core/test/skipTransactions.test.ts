import { CoreError, concatBytes, Reader, skipTransactions, Transaction } from "@chain/core";
import { messages } from "@chain/testing/arbitraries";
import { damagePayload } from "@chain/testing/mutate";
import { Rng } from "@chain/testing/random";
import fc from "fast-check";
import { expect, test } from "vitest";

/** Where reading ends, or the code with which it fails. */
function outcome(bytes: Uint8Array, read: (reader: Reader) => void): string {
  const reader = new Reader(bytes);
  try {
    read(reader);
    return `at ${reader.position}`;
  } catch (error) {
    if (error instanceof CoreError) return error.code;
    throw error;
  }
}

const decoded = (reader: Reader): void => {
  for (let count = reader.compactSize(); count > 0; count--) Transaction.read(reader);
};

test("what is skipped is what would be decoded, whatever is damaged (property)", () => {
  const lists = fc.array(messages.tx, { maxLength: 4 });
  let [good, bad] = [0, 0];
  fc.assert(
    fc.property(lists, fc.nat(), (list, seed) => {
      const parts = list.map(({ transaction }) => transaction.toBytes());
      const bytes = concatBytes(Uint8Array.of(list.length), ...parts);
      expect(outcome(bytes, skipTransactions)).toBe(`at ${bytes.length}`);
      const damaged = damagePayload(new Rng(seed), bytes);
      const expected = outcome(damaged, decoded);
      expect(outcome(damaged, skipTransactions)).toBe(expected);
      if (expected.startsWith("at")) good++;
      else bad++;
    }),
    { numRuns: 2_000 },
  );
  expect(good).toBeGreaterThan(100);
  expect(bad).toBeGreaterThan(100);
});

test.each([
  ["a marker, and no inputs nor witness", "0102000000000100000000000000", "superfluous-witness"],
  ["no inputs, no flag and no outputs", "0102000000000000000000", "at 11"],
  ["an unknown flag", "01020000000002000000000000", "unknown-transaction-flag"],
  ["a count that lies", "ffffffffffffffffff", "oversized"],
])("%s", (_, hex, expected) => {
  const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
  expect(outcome(bytes, decoded)).toBe(expected);
  expect(outcome(bytes, skipTransactions)).toBe(expected);
});
