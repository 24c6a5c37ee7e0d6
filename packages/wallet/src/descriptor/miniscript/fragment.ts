/** Miniscript expressions: made, measured, and judged whether they are sane. Core: miniscript::Node (miniscript.h). */

import { pushNumber } from "@chain/core";
import { present } from "@chain/core/arguments";
import { limitsOf } from "./limits.ts";
import type { Fragment, Miniscript, MiniscriptContext, SatisfactionSize } from "./model.ts";
import { has, typeOf } from "./type.ts";

/** A nested expression of text or script can't be deeper: parsing is recursive. */
export const MAX_DEPTH = 500;
/** Longest script in P2WSH that is relayed. Core: MAX_STANDARD_P2WSH_SCRIPT_SIZE. Bytes. */
const MAX_WSH_SCRIPT = 3600;
/**
 * Longest script in a leaf that a standard transaction can spend: its weight, less the rest of the transaction, a stack of
 * a thousand signatures and the longest control block. Core: MaxScriptSize. Bytes.
 */
const MAX_LEAF_SCRIPT: number = (() => {
  const rest = (8 + 1 + 41 + 1 + 43) * 4 + 2;
  const stack = 3 + (1 + 65) * 1000;
  const control = 33 + 32 * 128;
  return 400_000 - rest - (stack + 3 + control) - 5;
})();

const EMPTY = new Uint8Array(0);

/** The parts of an expression. */
export interface MiniscriptParts {
  readonly fragment: Fragment;
  readonly subs?: readonly Miniscript[];
  readonly keys?: readonly number[];
  readonly k?: number;
  readonly data?: Uint8Array;
}

/** Makes an expression, whether it is well-typed or not. */
export function miniscript(parts: MiniscriptParts, context: MiniscriptContext): Miniscript {
  const { fragment, subs = [], keys = [], k = 0, data = EMPTY } = parts;
  const type = typeOf({ fragment, subs: subs.map((sub) => sub.type), k }, context);
  const whole = { fragment, subs, keys, k };
  return {
    ...whole,
    context,
    data,
    type,
    limits: limitsOf(whole),
    scriptSize: scriptSizeOf(whole, context),
    depth: subs.reduce((deepest, { depth }) => Math.max(deepest, depth), 0) + 1,
  };
}

type Whole = Required<Pick<MiniscriptParts, "fragment" | "subs" | "keys" | "k">>;

/** Core: ComputeScriptLen. */
function scriptSizeOf({ fragment, subs, keys, k }: Whole, context: MiniscriptContext): number {
  const inner = subs.reduce((sum, { scriptSize }) => sum + scriptSize, 0);
  switch (fragment) {
    case "0":
    case "1":
      return 1;
    case "pk_k":
      return context === "tapscript" ? 33 : 34;
    case "pk_h":
      return 24;
    case "older":
    case "after":
      return 1 + pushNumber(k).length;
    case "sha256":
    case "hash256":
      return 39;
    case "ripemd160":
    case "hash160":
      return 27;
    case "multi":
      return 1 + pushNumber(keys.length).length + pushNumber(k).length + 34 * keys.length;
    case "multi_a":
      return 34 * keys.length + pushNumber(k).length + 1;
    case "v":
      return inner + (has(present(subs[0], "subs[0]").type, "x") ? 1 : 0);
    case "and_v":
      return inner;
    case "s":
    case "c":
    case "n":
    case "and_b":
    case "or_b":
      return inner + 1;
    case "a":
    case "or_c":
      return inner + 2;
    case "d":
    case "or_d":
    case "or_i":
    case "andor":
      return inner + 3;
    case "j":
      return inner + 4;
    case "thresh":
      return inner + subs.length + pushNumber(k).length;
    default:
      return fragment satisfies never;
  }
}

/** Whether it is well-typed, and its script not too long. */
export function isValid({ type, scriptSize, context }: Miniscript): boolean {
  return type !== 0 && scriptSize <= (context === "wsh" ? MAX_WSH_SCRIPT : MAX_LEAF_SCRIPT);
}

/** Whether a satisfaction that can't be malleated is within the limits of consensus and policy. */
export function hasValidSatisfactions(node: Miniscript): boolean {
  if (!isValid(node)) return false;
  const { ops, stack } = node.limits;
  const left = has(node.type, "B") || has(node.type, "K") || has(node.type, "W") ? 1 : 0;
  const size: SatisfactionSize | undefined = stack.satisfied;
  if (node.context === "tapscript") return size === undefined || size.peak + left <= 1000;
  const withinOps = ops.satisfied === undefined || ops.count + ops.satisfied <= 201;
  return withinOps && (size === undefined || size.taken + left <= 100);
}

/** Whether anything can satisfy it. */
export function isSatisfiable({ limits }: Miniscript): boolean {
  return limits.stack.satisfied !== undefined;
}

/** Names a key by its place, so that equal keys have equal names. */
export type KeyName = (place: number) => string;

/** The keys of an expression, or that one comes twice. */
function namesOf(node: Miniscript, nameOf: KeyName): ReadonlySet<string> | "twice" {
  const names = new Set<string>();
  for (const place of node.keys) {
    const name = nameOf(place);
    if (names.has(name)) return "twice";
    names.add(name);
  }
  for (const sub of node.subs) {
    const inner = namesOf(sub, nameOf);
    if (inner === "twice") return "twice";
    for (const name of inner) {
      if (names.has(name)) return "twice";
      names.add(name);
    }
  }
  return names;
}

/** Whether a key stands in it twice. */
export function repeatsKey(node: Miniscript, nameOf: KeyName): boolean {
  return namesOf(node, nameOf) === "twice";
}

/** Whether what it says is what its script does. Core: IsSaneSubexpression. */
function isSaneInside(node: Miniscript, nameOf: KeyName): boolean {
  return (
    hasValidSatisfactions(node) &&
    has(node.type, "m") &&
    has(node.type, "k") &&
    !repeatsKey(node, nameOf)
  );
}

/** Whether it is safe as a whole script. Core: IsSane. */
export function isSane(node: Miniscript, nameOf: KeyName): boolean {
  return has(node.type, "B") && has(node.type, "s") && isSaneInside(node, nameOf);
}

/** The first part that is not sane and has no such part itself. Core: FindInsaneSub. */
export function findInsane(node: Miniscript, nameOf: KeyName): Miniscript | undefined {
  for (const sub of node.subs) {
    const insane = findInsane(sub, nameOf);
    if (insane !== undefined) return insane;
  }
  return isSaneInside(node, nameOf) ? undefined : node;
}
