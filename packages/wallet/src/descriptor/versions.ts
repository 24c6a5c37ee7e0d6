/** Versions of a descriptor: one for each item of its multipath specifiers (BIP-0389). */
import { present } from "@chain/core/arguments";
import { fail } from "./text.ts";

/**
 * Lists of versions of the same length: where one part of a descriptor has no multipath specifier, it is the same in
 * each version.
 */
export function alignVersions<T>(lists: readonly (readonly T[])[], mismatch: string): T[][] {
  const count = Math.max(1, ...lists.map((list) => list.length));
  if (lists.some((list) => list.length !== 1 && list.length !== count)) fail(mismatch);
  return Array.from({ length: count }, (_, version) =>
    lists.map((list) => present(list[list.length === 1 ? 0 : version], "a version of a key")),
  );
}
