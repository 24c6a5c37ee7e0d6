import { bytesToHex } from "@chain/core";
import type { Random } from "@chain/engine";
import type { Shuffle } from "@chain/wallet/psbt";

/** Bytes; two that are equal are not to be met. */
const MARK_SIZE = 16;

/** Brings a list into an order that nobody can guess: theirs would tell what belongs together. */
export function shuffleWith(random: Pick<Random, "bytes">): Shuffle {
  return (list) =>
    list
      .map((value) => ({ value, mark: bytesToHex(random.bytes(MARK_SIZE)) }))
      .sort((a, b) => (a.mark < b.mark ? -1 : 1))
      .map(({ value }) => value);
}
