/** How many opcodes and stack items an expression takes. Core: CalcOps, CalcStackSize (miniscript.h). */
import type { Fragment, Limits, Maybe, Miniscript, SatisfactionSize } from "./model.ts";
import { has } from "./type.ts";

interface Parts {
  readonly fragment: Fragment;
  readonly subs: readonly Miniscript[];
  readonly keys: readonly number[];
  readonly k: number;
}

export function limitsOf(parts: Parts): Limits {
  return { ops: opsOf(parts), stack: stackOf(parts) };
}

/** One after the other. */
function add(a: Maybe<number>, b: Maybe<number>): Maybe<number> {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** The larger one. */
function most(a: Maybe<number>, b: Maybe<number>): Maybe<number> {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}

/** Of k of n parts satisfied and the others not: for each k the one that takes most. */
function ofEach<T>(
  start: T,
  parts: readonly { readonly satisfied: Maybe<T>; readonly dissatisfied: Maybe<T> }[],
  after: (size: Maybe<T>, part: Maybe<T>, index: number) => Maybe<T>,
  larger: (a: Maybe<T>, b: Maybe<T>) => Maybe<T>,
): Maybe<T>[] {
  let sizes: Maybe<T>[] = [start];
  for (const [index, { satisfied, dissatisfied }] of parts.entries()) {
    const next = [after(sizes[0], dissatisfied, index)];
    for (let j = 1; j < sizes.length; j++) {
      next.push(
        larger(after(sizes[j], dissatisfied, index), after(sizes[j - 1], satisfied, index)),
      );
    }
    next.push(after(sizes[sizes.length - 1], satisfied, index));
    sizes = next;
  }
  return sizes;
}

function opsOf({ fragment, subs, keys, k }: Parts): Limits["ops"] {
  const [x, y, z] = subs.map(({ limits }) => limits.ops);
  const inner = subs.reduce((sum, { limits }) => sum + limits.ops.count, 0);
  const [xs, xd] = [x?.satisfied, x?.dissatisfied];
  const [ys, yd] = [y?.satisfied, y?.dissatisfied];
  const count = (own: number, satisfied: Maybe<number>, dissatisfied: Maybe<number>) => ({
    count: own + inner,
    satisfied,
    dissatisfied,
  });
  switch (fragment) {
    case "1":
      return count(0, 0, undefined);
    case "0":
      return count(0, undefined, 0);
    case "pk_k":
      return count(0, 0, 0);
    case "pk_h":
      return count(3, 0, 0);
    case "older":
    case "after":
      return count(1, 0, undefined);
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return count(4, 0, undefined);
    case "and_v":
      return count(0, add(xs, ys), undefined);
    case "and_b":
      return count(1, add(xs, ys), add(xd, yd));
    case "or_b":
      return count(1, most(add(xs, yd), add(ys, xd)), add(xd, yd));
    case "or_d":
      return count(3, most(xs, add(ys, xd)), add(xd, yd));
    case "or_c":
      return count(2, most(xs, add(ys, xd)), undefined);
    case "or_i":
      return count(3, most(xs, ys), most(xd, yd));
    case "andor":
      return count(3, most(add(ys, xs), add(xd, z?.satisfied)), add(xd, z?.dissatisfied));
    case "multi":
      return count(1, keys.length, keys.length);
    case "multi_a":
      return count(keys.length + 1, 0, 0);
    case "s":
    case "c":
    case "n":
      return count(1, xs, xd);
    case "a":
      return count(2, xs, xd);
    case "d":
      return count(3, xs, 0);
    case "j":
      return count(4, xs, 0);
    case "v":
      return count(verifyOps(subs), xs, undefined);
    case "thresh": {
      const parts = subs.map(({ limits }) => limits.ops);
      const sizes = ofEach<number>(0, parts, add, most);
      return count(subs.length, sizes[k], sizes[0]);
    }
    default:
      return fragment satisfies never;
  }
}

/** OP_VERIFY is an opcode of its own where the last one has no VERIFY form. */
function verifyOps([sub]: readonly Miniscript[]): number {
  return sub !== undefined && has(sub.type, "x") ? 1 : 0;
}

type Size = Maybe<SatisfactionSize>;
const size = (taken: number, peak: number): SatisfactionSize => ({ taken, peak });
const NOTHING = size(0, 0);
const PUSH = size(-1, 0);
const ONE_LESS = size(1, 1);
const IF = ONE_LESS;
const EQUALVERIFY = size(2, 2);

/** One after the other. */
function then(...sizes: readonly Size[]): Size {
  let total: Size = NOTHING;
  for (const next of sizes) {
    if (total === undefined || next === undefined) return undefined;
    total = size(total.taken + next.taken, Math.max(next.peak, next.taken + total.peak));
  }
  return total;
}

/** The most that either takes. */
function either(a: Size, b: Size): Size {
  if (a === undefined) return b;
  return b === undefined ? a : size(Math.max(a.taken, b.taken), Math.max(a.peak, b.peak));
}

function stackOf({ fragment, subs, keys, k }: Parts): Limits["stack"] {
  const [x, y, z] = subs.map(({ limits }) => limits.stack);
  const [xs, xd] = [x?.satisfied, x?.dissatisfied];
  const [ys, yd] = [y?.satisfied, y?.dissatisfied];
  const [zs, zd] = [z?.satisfied, z?.dissatisfied];
  const both = (same: Size) => ({ satisfied: same, dissatisfied: same });
  const sizes = (satisfied: Size, dissatisfied: Size) => ({ satisfied, dissatisfied });
  switch (fragment) {
    case "0":
      return sizes(undefined, PUSH);
    case "1":
    case "older":
    case "after":
      return sizes(PUSH, undefined);
    case "pk_k":
      return both(PUSH);
    case "pk_h":
      return both(then(PUSH, PUSH, EQUALVERIFY));
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return sizes(then(PUSH, PUSH, EQUALVERIFY, PUSH, ONE_LESS), undefined);
    case "andor":
      return sizes(either(then(xs, IF, ys), then(xd, IF, zs)), then(xd, IF, zd));
    case "and_v":
      return sizes(then(xs, ys), undefined);
    case "and_b":
      return sizes(then(xs, ys, ONE_LESS), then(xd, yd, ONE_LESS));
    case "or_b":
      return sizes(then(either(then(xs, yd), then(xd, ys)), ONE_LESS), then(xd, yd, ONE_LESS));
    case "or_c":
      return sizes(either(then(xs, IF), then(xd, IF, ys)), undefined);
    case "or_d":
      return sizes(either(then(xs, PUSH, IF), then(xd, IF, ys)), then(xd, IF, yd));
    case "or_i":
      return sizes(then(IF, either(xs, ys)), then(IF, either(xd, yd)));
    case "multi":
      return both(size(k, k + keys.length + 2));
    case "multi_a":
      return both(size(keys.length - 1, keys.length));
    case "a":
    case "n":
    case "s":
      return sizes(xs, xd);
    case "c":
      return sizes(then(xs, ONE_LESS), then(xd, ONE_LESS));
    case "d":
      return sizes(then(PUSH, IF, xs), then(PUSH, IF));
    case "v":
      return sizes(then(xs, ONE_LESS), undefined);
    case "j":
      return sizes(then(PUSH, IF, xs), then(PUSH, IF));
    case "thresh": {
      const parts = subs.map(({ limits }) => limits.stack);
      const each = ofEach<SatisfactionSize>(
        NOTHING,
        parts,
        (total, part, index) => then(total, part, index === 0 ? NOTHING : ONE_LESS),
        either,
      );
      return sizes(then(each[k], PUSH, ONE_LESS), then(each[0], PUSH, ONE_LESS));
    }
    default:
      return fragment satisfies never;
  }
}
