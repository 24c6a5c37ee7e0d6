/** Types of miniscript expressions: what a fragment needs, leaves, and guarantees. Core: ComputeType (miniscript.cpp). */
import { LOCKTIME_THRESHOLD } from "@chain/core";
import type { Fragment, MiniscriptContext, Type, Wrapper } from "./model.ts";

const LETTERS = "BVKWzonduefsmxghijk";
const BIT: ReadonlyMap<string, number> = new Map(
  Array.from(LETTERS, (letter, place) => [letter, 1 << place]),
);

/** Properties by their letters. */
function properties(letters: string): Type {
  let type = 0;
  for (const letter of letters) type |= BIT.get(letter) as number;
  return type;
}

/** Whether a type has all of these properties. */
export function has(type: Type, letters: string): boolean {
  const wanted = properties(letters);
  return (type & wanted) === wanted;
}

/** The type, or nothing. */
const when = (condition: boolean, type: Type): Type => (condition ? type : 0);
const only = (type: Type, letters: string): Type => type & properties(letters);
const p = properties;

/** A lock in time and one in blocks, of which one transaction can't satisfy both. */
function mixesLocks(x: Type, y: Type): boolean {
  const mixes = (a: string, b: string) => (has(x, a) && has(y, b)) || (has(x, b) && has(y, a));
  return mixes("g", "h") || mixes("i", "j");
}

/** The parts of a fragment that decide its type. */
export interface TypeParts {
  readonly fragment: Fragment;
  readonly subs: readonly Type[];
  /** Threshold or lock. */
  readonly k: number;
}

/** Relative locks with this bit count time (BIP-0068). */
const TIME_FLAG = 0x0040_0000;

/** @returns 0 for an expression that is not well-typed */
export function typeOf({ fragment, subs, k }: TypeParts, context: MiniscriptContext): Type {
  const [x = 0, y = 0, z = 0] = subs;
  const type = fragmentType(fragment, x, y, z, subs, k, context);
  return only(type, "BVKW") === 0 ? 0 : type;
}

function fragmentType(
  fragment: Fragment,
  x: Type,
  y: Type,
  z: Type,
  subs: readonly Type[],
  k: number,
  context: MiniscriptContext,
): Type {
  switch (fragment) {
    case "pk_k":
      return p("Konudemsxk");
    case "pk_h":
      return p("Knudemsxk");
    case "older":
      return p((k & TIME_FLAG) !== 0 ? "gBzfmxk" : "hBzfmxk");
    case "after":
      return p(k >= LOCKTIME_THRESHOLD ? "iBzfmxk" : "jBzfmxk");
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return p("Bonudmk");
    case "1":
      return p("Bzufmxk");
    case "0":
      return p("Bzudemsxk");
    case "multi":
      return p("Bnudemsk");
    case "multi_a":
      return p("Budemsk");
    case "thresh":
      return thresholdType(subs, k);
    case "and_v":
    case "and_b":
      return bothType(fragment, x, y);
    case "or_b":
    case "or_c":
    case "or_d":
    case "or_i":
      return eitherType(fragment, x, y);
    case "andor":
      return andOrType(x, y, z);
    default:
      return wrapperType(fragment, x, context);
  }
}

function wrapperType(fragment: Wrapper, x: Type, context: MiniscriptContext): Type {
  const locks = only(x, "ghijk");
  switch (fragment) {
    case "a":
      return when(has(x, "B"), p("W")) | locks | only(x, "udfems") | p("x");
    case "s":
      return when(has(x, "Bo"), p("W")) | locks | only(x, "udfemsx");
    case "c":
      return when(has(x, "K"), p("B")) | locks | only(x, "ondfem") | p("us");
    case "d":
      return (
        when(has(x, "Vz"), p("B")) |
        when(has(x, "z"), p("o")) |
        when(has(x, "f"), p("e")) |
        locks |
        only(x, "ms") |
        // That the argument of OP_IF is minimal is consensus in tapscript, and policy alone in P2WSH.
        when(context === "tapscript", p("u")) |
        p("ndx")
      );
    case "v":
      return when(has(x, "B"), p("V")) | locks | only(x, "zonms") | p("fx");
    case "j":
      return (
        when(has(x, "Bn"), p("B")) | when(has(x, "f"), p("e")) | locks | only(x, "oums") | p("ndx")
      );
    case "n":
      return locks | only(x, "Bzondfems") | p("ux");
    default:
      return fragment satisfies never;
  }
}

/** Both must be satisfied. */
function bothType(fragment: "and_v" | "and_b", x: Type, y: Type): Type {
  const either = x | y;
  const both = x & y;
  const locks = only(either, "ghij");
  const oneTakesNothing = when(has(either, "z"), only(either, "o"));
  const together = when(has(both, "k") && !mixesLocks(x, y), p("k"));
  switch (fragment) {
    case "and_v":
      return (
        when(has(x, "V"), only(y, "KVB")) |
        only(x, "n") |
        when(has(x, "z"), only(y, "n")) |
        oneTakesNothing |
        only(both, "mz") |
        only(either, "s") |
        when(has(y, "f") || has(x, "s"), p("f")) |
        only(y, "ux") |
        locks |
        together
      );
    case "and_b":
      return (
        when(has(y, "W"), only(x, "B")) |
        oneTakesNothing |
        only(x, "n") |
        when(has(x, "z"), only(y, "n")) |
        when(has(both, "s"), only(both, "e")) |
        only(both, "dzm") |
        when(has(both, "f") || has(x, "sf") || has(y, "sf"), p("f")) |
        only(either, "s") |
        p("ux") |
        locks |
        together
      );
    default:
      return fragment satisfies never;
  }
}

/** One is enough. */
function eitherType(fragment: "or_b" | "or_c" | "or_d" | "or_i", x: Type, y: Type): Type {
  const either = x | y;
  const both = x & y;
  const locks = only(either, "ghij");
  switch (fragment) {
    case "or_b":
      return (
        when(has(x, "Bd") && has(y, "Wd"), p("B")) |
        when(has(either, "z"), only(either, "o")) |
        when(has(either, "s") && has(both, "e"), only(both, "m")) |
        only(both, "zse") |
        p("dux") |
        locks |
        only(both, "k")
      );
    case "or_d":
      return (
        when(has(x, "Bdu"), only(y, "B")) |
        when(has(y, "z"), only(x, "o")) |
        when(has(x, "e") && has(either, "s"), only(both, "m")) |
        only(both, "zs") |
        only(y, "ufde") |
        p("x") |
        locks |
        only(both, "k")
      );
    case "or_c":
      return (
        when(has(x, "Bdu"), only(y, "V")) |
        when(has(y, "z"), only(x, "o")) |
        when(has(x, "e") && has(either, "s"), only(both, "m")) |
        only(both, "zs") |
        p("fx") |
        locks |
        only(both, "k")
      );
    case "or_i":
      return (
        only(both, "VBKufs") |
        when(has(both, "z"), p("o")) |
        when(has(either, "f"), only(either, "e")) |
        when(has(either, "s"), only(both, "m")) |
        only(either, "d") |
        p("x") |
        locks |
        only(both, "k")
      );
    default:
      return fragment satisfies never;
  }
}

function andOrType(x: Type, y: Type, z: Type): Type {
  const all = x & y & z;
  const branches = x | (y & z);
  return (
    when(has(x, "Bdu"), only(y & z, "BKV")) |
    only(all, "z") |
    when(has(branches, "z"), only(branches, "o")) |
    only(y & z, "u") |
    when(has(x, "s") || has(y, "f"), only(z, "f")) |
    only(z, "d") |
    when(has(x, "s") || has(y, "f"), only(z, "e")) |
    when(has(x, "e") && has(x | y | z, "s"), only(all, "m")) |
    only(z & (x | y), "s") |
    p("x") |
    only(x | y | z, "ghij") |
    when(has(all, "k") && !mixesLocks(x, y), p("k"))
  );
}

function thresholdType(subs: readonly Type[], k: number): Type {
  let taken = 0;
  let locks = p("k");
  for (const [i, type] of subs.entries()) {
    if (!has(type, i === 0 ? "Bdu" : "Wdu")) return 0;
    taken += has(type, "z") ? 0 : has(type, "o") ? 1 : 2;
    const together = has(locks & type, "k") && (k <= 1 || !mixesLocks(locks, type));
    locks = only(locks | type, "ghij") | when(together, p("k"));
  }
  const count = subs.length;
  const signed = subs.filter((type) => has(type, "s")).length;
  const allE = subs.every((type) => has(type, "e"));
  const allM = subs.every((type) => has(type, "m"));
  return (
    p("Bdu") |
    when(taken === 0, p("z")) |
    when(taken === 1, p("o")) |
    when(allE && signed === count, p("e")) |
    when(allE && allM && signed >= count - k, p("m")) |
    when(signed >= count - k + 1, p("s")) |
    locks
  );
}
