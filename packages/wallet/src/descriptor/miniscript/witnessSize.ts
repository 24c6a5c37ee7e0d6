/** The bytes of the largest witness that satisfies an expression. Core: CalcWitnessSize (miniscript.h). */
import { present } from "@chain/core/arguments";
import type { Maybe, Miniscript } from "./model.ts";

interface WitnessSize {
  readonly satisfied: Maybe<number>;
  readonly dissatisfied: Maybe<number>;
}

const sizes = (satisfied: Maybe<number>, dissatisfied: Maybe<number>): WitnessSize => ({
  satisfied,
  dissatisfied,
});

/** One after the other. */
function add(...parts: readonly Maybe<number>[]): Maybe<number> {
  let sum = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum += part;
  }
  return sum;
}

/** The larger one. */
function most(a: Maybe<number>, b: Maybe<number>): Maybe<number> {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}

/**
 * Bytes of its items with their lengths, without the script. ECDSA signatures are taken to have a high R.
 * @returns `undefined` where nothing satisfies it
 */
export function maxWitnessSize(node: Miniscript): number | undefined {
  return sizeOf(node).satisfied;
}

function sizeOf(node: Miniscript): WitnessSize {
  const { fragment, k, keys } = node;
  const [signature, key] = node.context === "tapscript" ? [1 + 65, 1 + 32] : [1 + 72, 1 + 33];
  const subs = node.subs.map(sizeOf);
  const [x, y, z] = subs;
  const [xs, xd] = [x?.satisfied, x?.dissatisfied];
  const [ys, yd] = [y?.satisfied, y?.dissatisfied];
  const [zs, zd] = [z?.satisfied, z?.dissatisfied];
  switch (fragment) {
    case "0":
      return sizes(undefined, 0);
    case "1":
    case "older":
    case "after":
      return sizes(0, undefined);
    case "pk_k":
      return sizes(signature, 1);
    case "pk_h":
      return sizes(signature + key, 1 + key);
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return sizes(1 + 32, undefined);
    case "andor":
      return sizes(most(add(xs, ys), add(xd, zs)), add(xd, zd));
    case "and_v":
      return sizes(add(xs, ys), undefined);
    case "and_b":
      return sizes(add(xs, ys), add(xd, yd));
    case "or_b":
      return sizes(most(add(xd, ys), add(xs, yd)), add(xd, yd));
    case "or_c":
      return sizes(most(xs, add(xd, ys)), undefined);
    case "or_d":
      return sizes(most(xs, add(xd, ys)), add(xd, yd));
    case "or_i":
      return sizes(most(add(xs, 2), add(ys, 1)), most(add(xd, 2), add(yd, 1)));
    case "multi":
      return sizes(k * signature + 1, k + 1);
    case "multi_a":
      return sizes(k * signature + keys.length - k, keys.length);
    case "a":
    case "n":
    case "s":
    case "c":
      return present(x, "the expression inside");
    case "d":
      return sizes(add(2, xs), 1);
    case "v":
      return sizes(xs, undefined);
    case "j":
      return sizes(xs, 1);
    case "thresh":
      return thresholdSize(k, subs);
    default:
      return fragment satisfies never;
  }
}

/** Of k of n parts satisfied and the others not: for each k the most that it takes. */
function thresholdSize(k: number, parts: readonly WitnessSize[]): WitnessSize {
  let counts: Maybe<number>[] = [0];
  for (const { satisfied, dissatisfied } of parts) {
    const next = [add(counts[0], dissatisfied)];
    for (let j = 1; j < counts.length; j++) {
      next.push(most(add(counts[j], dissatisfied), add(counts[j - 1], satisfied)));
    }
    next.push(add(counts[counts.length - 1], satisfied));
    counts = next;
  }
  return sizes(counts[k], counts[0]);
}
