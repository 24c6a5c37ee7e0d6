/** The stack that satisfies a miniscript expression, and can't be malleated. Core: ProduceInput (miniscript.h). */
import type { Miniscript, Wrapper } from "./model.ts";

/** Items for the stack, from bottom to top, and what is known of them. */
interface InputStack {
  readonly items: readonly Uint8Array[];
  /** Bytes in a witness. */
  readonly size: number;
  readonly hasSignature: boolean;
  /** Whether a third party could put another stack in its place. */
  readonly malleable: boolean;
}

/** `undefined`: there is no such stack. */
type Input = InputStack | undefined;

/** The keys, signatures and so on that an expression can be satisfied with. */
export interface Satisfier {
  /** A key as the script's stack holds it. */
  readonly keyBytes: (place: number) => Uint8Array;
  readonly sign: (place: number) => Uint8Array | undefined;
  readonly checkOlder: (lock: number) => boolean;
  readonly checkAfter: (lock: number) => boolean;
  readonly preimage: (
    hash: "sha256" | "hash256" | "ripemd160" | "hash160",
    data: Uint8Array,
  ) => Uint8Array | undefined;
}

interface Inputs {
  readonly dissatisfied: Input;
  readonly satisfied: Input;
}

/**
 * The smallest stack that satisfies it and that no third party can change.
 * @returns `undefined` where there is none with what there is
 */
export function satisfyMiniscript(
  node: Miniscript,
  satisfier: Satisfier,
): readonly Uint8Array[] | undefined {
  const { satisfied } = inputsOf(node, satisfier);
  if (satisfied === undefined || satisfied.malleable || !satisfied.hasSignature) return undefined;
  return satisfied.items;
}

const stackOf = (item: Uint8Array): InputStack => ({
  items: [item],
  size: item.length + 1,
  hasSignature: false,
  malleable: false,
});
const EMPTY: InputStack = { items: [], size: 0, hasSignature: false, malleable: false };
const ZERO = stackOf(new Uint8Array(0));
const ONE = stackOf(Uint8Array.of(1));
/** Any 32 bytes that are not the preimage. */
const NO_PREIMAGE: InputStack = { ...stackOf(new Uint8Array(32)), malleable: true };

function join(a: Input, b: Input): Input {
  if (a === undefined || b === undefined) return undefined;
  return {
    items: [...a.items, ...b.items],
    size: a.size + b.size,
    hasSignature: a.hasSignature || b.hasSignature,
    malleable: a.malleable || b.malleable,
  };
}

const malleable = (input: Input): Input => input && { ...input, malleable: true };

/** The better of two: one without signature, because others could put it there; then one that is not malleable. */
function choose(a: Input, b: Input): Input {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.hasSignature !== b.hasSignature) return a.hasSignature ? b : a;
  if (!a.hasSignature) return { ...(a.size <= b.size ? a : b), malleable: true };
  if (a.malleable !== b.malleable) return a.malleable ? b : a;
  return a.size <= b.size ? a : b;
}

/** Of k of n parts satisfied: for each k the best. */
function ofEach(start: InputStack, parts: readonly Inputs[]): Input[] {
  let stacks: Input[] = [start];
  for (const { satisfied, dissatisfied } of parts) {
    const next = [join(stacks[0], dissatisfied)];
    for (let j = 1; j < stacks.length; j++) {
      next.push(choose(join(stacks[j], dissatisfied), join(stacks[j - 1], satisfied)));
    }
    next.push(join(stacks[stacks.length - 1], satisfied));
    stacks = next;
  }
  return stacks;
}

const inputs = (dissatisfied: Input, satisfied: Input): Inputs => ({ dissatisfied, satisfied });

type Combination =
  | "thresh"
  | "and_v"
  | "and_b"
  | "or_b"
  | "or_c"
  | "or_d"
  | "or_i"
  | "andor"
  | Wrapper;

function inputsOf(node: Miniscript, satisfier: Satisfier): Inputs {
  const { fragment, k, keys, data } = node;
  const signature = (place: number): Input => {
    const bytes = satisfier.sign(place);
    return bytes && { ...stackOf(bytes), hasSignature: true };
  };
  switch (fragment) {
    case "0":
      return inputs(EMPTY, undefined);
    case "1":
      return inputs(undefined, EMPTY);
    case "pk_k":
      return inputs(ZERO, signature(keys[0] as number));
    case "pk_h": {
      const key = stackOf(satisfier.keyBytes(keys[0] as number));
      return inputs(join(ZERO, key), join(signature(keys[0] as number), key));
    }
    case "older":
      return inputs(undefined, satisfier.checkOlder(k) ? EMPTY : undefined);
    case "after":
      return inputs(undefined, satisfier.checkAfter(k) ? EMPTY : undefined);
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160": {
      const preimage = satisfier.preimage(fragment, data);
      return inputs(NO_PREIMAGE, preimage && stackOf(preimage));
    }
    case "multi_a": {
      // The signature of the first key is the top of the stack.
      const parts = keys.toReversed().map((key) => inputs(ZERO, signature(key)));
      const stacks = ofEach(EMPTY, parts);
      return inputs(stacks[0], stacks[k]);
    }
    case "multi": {
      const stacks = ofEach(
        ZERO,
        keys.map((key) => inputs(EMPTY, signature(key))),
      );
      const zeros = Array.from({ length: k }, () => ZERO);
      return inputs(zeros.reduce<Input>(join, ZERO), stacks[k]);
    }
    default: {
      const subs = node.subs.map((sub) => inputsOf(sub, satisfier));
      return combine(fragment, k, subs);
    }
  }
}

function combine(fragment: Combination, k: number, subs: readonly Inputs[]): Inputs {
  const [x, y, z] = subs as [Inputs, Inputs, Inputs];
  switch (fragment) {
    case "thresh": {
      const stacks = ofEach(EMPTY, subs.toReversed());
      let none: Input;
      for (const [count, stack] of stacks.entries()) {
        if (count !== k) none = choose(none, count === 0 ? stack : malleable(stack));
      }
      return inputs(none, stacks[k]);
    }
    case "and_v":
      return inputs(join(y.dissatisfied, x.satisfied), join(y.satisfied, x.satisfied));
    case "and_b":
      return inputs(
        [
          malleable(join(y.satisfied, x.dissatisfied)),
          malleable(join(y.dissatisfied, x.satisfied)),
        ].reduce(choose, join(y.dissatisfied, x.dissatisfied)),
        join(y.satisfied, x.satisfied),
      );
    case "or_b":
      return inputs(
        join(y.dissatisfied, x.dissatisfied),
        [join(y.satisfied, x.dissatisfied), malleable(join(y.satisfied, x.satisfied))].reduce(
          choose,
          join(y.dissatisfied, x.satisfied),
        ),
      );
    case "or_c":
      return inputs(undefined, choose(x.satisfied, join(y.satisfied, x.dissatisfied)));
    case "or_d":
      return inputs(
        join(y.dissatisfied, x.dissatisfied),
        choose(x.satisfied, join(y.satisfied, x.dissatisfied)),
      );
    case "or_i":
      return inputs(
        choose(join(x.dissatisfied, ONE), join(y.dissatisfied, ZERO)),
        choose(join(x.satisfied, ONE), join(y.satisfied, ZERO)),
      );
    case "andor":
      return inputs(
        choose(join(y.dissatisfied, x.satisfied), join(z.dissatisfied, x.dissatisfied)),
        choose(join(y.satisfied, x.satisfied), join(z.satisfied, x.dissatisfied)),
      );
    case "a":
    case "s":
    case "c":
    case "n":
      return x;
    case "d":
      return inputs(ZERO, join(x.satisfied, ONE));
    case "v":
      return inputs(undefined, x.satisfied);
    case "j": {
      // A dissatisfaction of what is inside may have another first item than zero, and stand in its place.
      const other = x.dissatisfied !== undefined && !x.dissatisfied.hasSignature;
      return inputs(other ? malleable(ZERO) : ZERO, x.satisfied);
    }
    default:
      return fragment satisfies never;
  }
}
