/** Paths of key derivation as descriptors write them: `/44h/0h/<0;1>` (BIP-0032, BIP-0389). */
import { HARDENED } from "../extendedKey.ts";
import { fail, parseUint32 } from "./text.ts";

/** How a range goes on behind the path of its key. */
export type RangeKind = "none" | "unhardened" | "hardened";

/** Which of `'` and `h` marked a hardened step last: the whole key is printed with that one. */
export interface HardenedMark {
  apostrophe: boolean;
}

/** Core: ParseKeyPathNum. */
function parseStep(text: string, mark: HardenedMark): number {
  const last = text.at(-1);
  const hardened = last === "'" || last === "h";
  if (hardened) mark.apostrophe = last === "'";
  const digits = hardened ? text.slice(0, -1) : text;
  const value = parseUint32(digits);
  if (value === undefined) fail(`Key path value '${digits}' is not a valid uint32`);
  if (value >= HARDENED) fail(`Key path value ${value} is out of range`);
  return hardened ? value + HARDENED : value;
}

/** Core: ParseKeyPath, the part about `<a;b>`. */
function parseAlternatives(step: string, mark: HardenedMark): number[] {
  const texts = step.slice(1, -1).split(";");
  if (texts.length < 2) fail("Multipath key path specifiers must have at least two items");
  const values = new Set<number>();
  for (const text of texts) {
    const value = parseStep(text, mark);
    if (values.has(value)) fail(`Duplicated key path value ${value} in multipath specifier`);
    values.add(value);
  }
  return [...values];
}

/**
 * The paths that these steps mean: one, or as many as its multipath specifier has items.
 * @param allowMultipath `false` in a key origin
 */
export function parseKeyPath(
  steps: readonly string[],
  mark: HardenedMark,
  allowMultipath: boolean,
): number[][] {
  const path: number[] = [];
  let place: number | undefined;
  let alternatives: number[] = [];
  for (const step of steps) {
    if (!step.startsWith("<") || !step.endsWith(">")) {
      path.push(parseStep(step, mark));
      continue;
    }
    if (!allowMultipath) {
      fail(
        `Key path value '${step}' specifies multipath in a section where multipath is not allowed`,
      );
    }
    if (place !== undefined) fail("Multiple multipath key path specifiers found");
    alternatives = parseAlternatives(step, mark);
    place = path.push(0) - 1;
  }
  const at = place;
  return at === undefined ? [path] : alternatives.map((value) => path.with(at, value));
}

/** Takes the `*` off the end of a path. Core: ParseDeriveType. */
export function takeRange(steps: string[], mark: HardenedMark): RangeKind {
  const last = steps.at(-1);
  if (last !== "*" && last !== "*'" && last !== "*h") return "none";
  steps.pop();
  if (last === "*") return "unhardened";
  mark.apostrophe = last === "*'";
  return "hardened";
}

/** A path as text, each step with its slash. Core: FormatHDKeypath. */
export function formatKeyPath(path: readonly number[], apostrophe: boolean): string {
  const mark = apostrophe ? "'" : "h";
  return path
    .map((step) => (step >= HARDENED ? `/${step - HARDENED}${mark}` : `/${step}`))
    .join("");
}
