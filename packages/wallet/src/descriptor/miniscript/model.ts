/** Miniscript expressions as a tree, each with what is known of its script. Core: miniscript::Node (miniscript.h). */

/** Where a script stands, because keys, limits and opcodes are different there. */
export type MiniscriptContext = "wsh" | "tapscript";

/** A kind of expression: wrappers are named by their letters. */
export type Fragment =
  | "0"
  | "1"
  | "pk_k"
  | "pk_h"
  | "older"
  | "after"
  | "sha256"
  | "hash256"
  | "ripemd160"
  | "hash160"
  | "and_v"
  | "and_b"
  | "or_b"
  | "or_c"
  | "or_d"
  | "or_i"
  | "andor"
  | "thresh"
  | "multi"
  | "multi_a"
  | Wrapper;
export type Wrapper = "a" | "s" | "c" | "d" | "v" | "j" | "n";

/**
 * A set of properties, one bit each. Basic types: B, V, K, W. Then z (takes nothing from the stack), o (takes one item),
 * n (its first item is not zero), d (can be dissatisfied), u (leaves exactly 1), e (one dissatisfaction without
 * signature), f (none), s (needs a signature), m (can't be malleated), x (its last opcode has no VERIFY form), g and h
 * (relative lock in time or blocks), i and j (absolute lock in time or blocks), k (no mix of those that must hold at once).
 */
export type Type = number;

/** `undefined`: there is no such way to spend. */
export type Maybe<T> = T | undefined;

/** Of the ways to satisfy or dissatisfy an expression, the one that takes most. */
export interface SatisfactionSize {
  /** Items less on the stack at the end than at the beginning. */
  readonly taken: number;
  /** Items more on the stack in between than at the end. */
  readonly peak: number;
}

export interface Limits {
  readonly ops: {
    /** Opcodes that always count. */
    readonly count: number;
    /** Keys that OP_CHECKMULTISIG counts besides. */
    readonly satisfied: Maybe<number>;
    readonly dissatisfied: Maybe<number>;
  };
  readonly stack: {
    readonly satisfied: Maybe<SatisfactionSize>;
    readonly dissatisfied: Maybe<SatisfactionSize>;
  };
}

/** An expression. */
export interface Miniscript {
  readonly fragment: Fragment;
  readonly context: MiniscriptContext;
  readonly subs: readonly Miniscript[];
  /** Places of its keys in the list that the whole expression has. */
  readonly keys: readonly number[];
  /** Threshold or lock; else 0. */
  readonly k: number;
  /** A hash; else empty. */
  readonly data: Uint8Array;
  /** 0: not well-typed. */
  readonly type: Type;
  readonly limits: Limits;
  /** Bytes. */
  readonly scriptSize: number;
  /** Steps to its deepest part. */
  readonly depth: number;
}
