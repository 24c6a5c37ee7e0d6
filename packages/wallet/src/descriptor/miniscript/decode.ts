/** The miniscript expression of a script, read from its end. Core: DecodeScript (miniscript.h). */
import { decodeScriptNumber, isMinimalPush, Opcode, ScriptReader } from "@chain/core";
import { isValid, MAX_DEPTH, type MiniscriptParts, miniscript } from "./fragment.ts";
import type { Miniscript, MiniscriptContext } from "./model.ts";
import { has } from "./type.ts";

/** One operation: VERIFY forms are taken apart into two. */
interface Step {
  readonly opcode: number;
  /** The bytes that are pushed; small numbers too. */
  readonly data: Uint8Array;
}

/** Gives the decoder its keys. `undefined` ends it. */
export interface ScriptKeys {
  readonly context: MiniscriptContext;
  /** The place of a key that stands in the script. */
  readonly readKey: (bytes: Uint8Array) => number | undefined;
  /** The place of the key of a hash. */
  readonly readHash: (hash20: Uint8Array) => number | undefined;
}

const NOTHING = new Uint8Array(0);
const VERIFY_FORMS: ReadonlyMap<number, number> = new Map([
  [Opcode.OP_CHECKSIGVERIFY, Opcode.OP_CHECKSIG],
  [Opcode.OP_CHECKMULTISIGVERIFY, Opcode.OP_CHECKMULTISIG],
  [Opcode.OP_EQUALVERIFY, Opcode.OP_EQUAL],
  [Opcode.OP_NUMEQUALVERIFY, Opcode.OP_NUMEQUAL],
]);
const HAVE_VERIFY_FORM: ReadonlySet<number> = new Set(VERIFY_FORMS.values());
const MAX_MULTI_A = 999;

/** Core: DecomposeScript. @returns the operations from last to first */
function decompose(script: Uint8Array): Step[] | undefined {
  const steps: Step[] = [];
  const reader = new ScriptReader(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined) return undefined;
    const { opcode, data = NOTHING } = operation;
    const plain = VERIFY_FORMS.get(opcode);
    if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) {
      steps.push({ opcode, data: Uint8Array.of(opcode - Opcode.OP_1 + 1) });
      continue;
    }
    if (plain !== undefined) steps.push({ opcode: plain, data: NOTHING });
    else if (operation.data !== undefined && !isMinimalPush(operation)) return undefined;
    else if (opcode === Opcode.OP_VERIFY && HAVE_VERIFY_FORM.has(steps.at(-1)?.opcode ?? -1)) {
      return undefined; // there is a shorter form
    }
    steps.push({ opcode: plain === undefined ? opcode : Opcode.OP_VERIFY, data });
  }
  return steps.reverse();
}

/**
 * @returns `undefined` for a script that is no miniscript, or whose keys are not known
 */
export function decodeMiniscript(script: Uint8Array, keys: ScriptKeys): Miniscript | undefined {
  const steps = script.length > 400_000 ? undefined : decompose(script);
  if (steps === undefined) return undefined;
  const decoder = new Decoder(steps, keys);
  const node = decoder.expression(0);
  return decoder.done && node !== undefined && isValid(node) && has(node.type, "B")
    ? node
    : undefined;
}

class Decoder {
  readonly #steps: readonly Step[];
  readonly #keys: ScriptKeys;
  #at = 0;

  constructor(steps: readonly Step[], keys: ScriptKeys) {
    this.#steps = steps;
    this.#keys = keys;
  }

  get done(): boolean {
    return this.#at >= this.#steps.length;
  }

  /** An expression that and_v may join with what stands before it. */
  expression(depth: number): Miniscript | undefined {
    const node = this.#single(depth);
    if (node === undefined || this.done) return node;
    const ends: readonly number[] = [
      Opcode.OP_IF,
      Opcode.OP_ELSE,
      Opcode.OP_NOTIF,
      Opcode.OP_TOALTSTACK,
      Opcode.OP_SWAP,
    ];
    if (ends.includes(this.#opcode(0))) return node;
    const before = this.expression(depth + 1);
    return before && this.#make({ fragment: "and_v", subs: [before, node] });
  }

  #make(parts: MiniscriptParts): Miniscript {
    return miniscript(parts, this.#keys.context);
  }

  #opcode(ahead: number): number {
    return this.#steps[this.#at + ahead]?.opcode ?? -1;
  }

  #data(ahead: number): Uint8Array {
    return this.#steps[this.#at + ahead]?.data ?? NOTHING;
  }

  /** Whether these opcodes come next; moves past them. */
  #take(...opcodes: readonly number[]): boolean {
    if (!opcodes.every((opcode, i) => this.#opcode(i) === opcode)) return false;
    this.#at += opcodes.length;
    return true;
  }

  /** A number that is pushed. Core: ParseScriptNumber. */
  #number(ahead: number): number | undefined {
    if (this.#opcode(ahead) === Opcode.OP_0) return 0;
    const data = this.#data(ahead);
    return data.length === 0 ? undefined : decodeScriptNumber(data, true);
  }

  #single(depth: number): Miniscript | undefined {
    if (depth > MAX_DEPTH || this.done) return undefined;
    if (this.#take(Opcode.OP_1)) return this.#make({ fragment: "1" });
    if (this.#take(Opcode.OP_0)) return this.#make({ fragment: "0" });
    const length = this.#data(0).length;
    if (length === 32 || length === 33) return this.#key("pk_k", this.#data(0), 1);
    return this.#leaf() ?? this.#combined(depth);
  }

  #key(fragment: "pk_k" | "pk_h", bytes: Uint8Array, steps: number): Miniscript | undefined {
    const { readKey, readHash } = this.#keys;
    const place = fragment === "pk_k" ? readKey(bytes) : readHash(bytes);
    this.#at += steps;
    return place === undefined ? undefined : this.#make({ fragment, keys: [place] });
  }

  /** Keys by their hashes, locks and hashes. */
  #leaf(): Miniscript | undefined {
    const [first, second, third] = [this.#opcode(0), this.#opcode(1), this.#opcode(3)];
    if (
      first === Opcode.OP_VERIFY &&
      second === Opcode.OP_EQUAL &&
      third === Opcode.OP_HASH160 &&
      this.#opcode(4) === Opcode.OP_DUP &&
      this.#data(2).length === 20
    ) {
      return this.#key("pk_h", this.#data(2), 5);
    }
    const locks = [
      [Opcode.OP_CHECKSEQUENCEVERIFY, "older"],
      [Opcode.OP_CHECKLOCKTIMEVERIFY, "after"],
    ] as const;
    for (const [opcode, fragment] of locks) {
      const k = first === opcode ? this.#number(1) : undefined;
      if (k === undefined || k < 1 || k > 0x7fff_ffff) continue;
      this.#at += 2;
      return this.#make({ fragment, k });
    }
    return this.#hash();
  }

  #hash(): Miniscript | undefined {
    const framed =
      this.#opcode(0) === Opcode.OP_EQUAL &&
      this.#opcode(3) === Opcode.OP_VERIFY &&
      this.#opcode(4) === Opcode.OP_EQUAL &&
      this.#number(5) === 32 &&
      this.#opcode(6) === Opcode.OP_SIZE;
    if (!framed) return undefined;
    const hashes = [
      [Opcode.OP_SHA256, "sha256", 32],
      [Opcode.OP_RIPEMD160, "ripemd160", 20],
      [Opcode.OP_HASH256, "hash256", 32],
      [Opcode.OP_HASH160, "hash160", 20],
    ] as const;
    for (const [opcode, fragment, size] of hashes) {
      const data = this.#data(1);
      if (this.#opcode(2) !== opcode || data.length !== size) continue;
      this.#at += 7;
      return this.#make({ fragment, data });
    }
    return undefined;
  }

  #combined(depth: number): Miniscript | undefined {
    const next = depth + 1;
    if (this.#opcode(0) === Opcode.OP_CHECKMULTISIG) return this.#multi();
    if (this.#opcode(0) === Opcode.OP_NUMEQUAL) return this.#multiA();
    // and_v stands outside these wrappers: both ways have the same script.
    if (this.#take(Opcode.OP_CHECKSIG)) return this.#wrapped("c", this.#single(next));
    if (this.#take(Opcode.OP_VERIFY)) return this.#wrapped("v", this.#single(next));
    if (this.#take(Opcode.OP_0NOTEQUAL)) return this.#wrapped("n", this.#single(next));
    if (this.#opcode(0) === Opcode.OP_EQUAL) return this.#threshold(next);
    if (this.#take(Opcode.OP_ENDIF)) return this.#branches(next);
    if (this.#take(Opcode.OP_BOOLAND)) return this.#pair("and_b", next);
    if (this.#take(Opcode.OP_BOOLOR)) return this.#pair("or_b", next);
    return undefined;
  }

  #wrapped(
    fragment: "a" | "s" | "c" | "d" | "v" | "j" | "n",
    node: Miniscript | undefined,
  ): Miniscript | undefined {
    return node && this.#make({ fragment, subs: [node] });
  }

  #pair(fragment: "and_b" | "or_b", depth: number): Miniscript | undefined {
    const right = this.#beside(depth);
    const left = right && this.#single(depth);
    return left && right && this.#make({ fragment, subs: [left, right] });
  }

  /** An expression that is put beside the one before it: `a:` or `s:`. */
  #beside(depth: number): Miniscript | undefined {
    const alt = this.#take(Opcode.OP_FROMALTSTACK);
    const node = this.expression(depth);
    if (!this.#take(alt ? Opcode.OP_TOALTSTACK : Opcode.OP_SWAP)) return undefined;
    return this.#wrapped(alt ? "a" : "s", node);
  }

  #multi(): Miniscript | undefined {
    const count = this.#number(1);
    if (this.#keys.context === "tapscript" || count === undefined) return undefined;
    if (count < 1 || count > 20) return undefined;
    const keys: number[] = [];
    for (let i = 0; i < count; i++) {
      const data = this.#data(2 + i);
      const place = data.length === 33 ? this.#keys.readKey(data) : undefined;
      if (place === undefined) return undefined;
      keys.push(place);
    }
    const k = this.#number(2 + count);
    if (k === undefined || k < 1 || k > count) return undefined;
    this.#at += 3 + count;
    return this.#make({ fragment: "multi", keys: keys.reverse(), k });
  }

  #multiA(): Miniscript | undefined {
    const k = this.#number(1);
    if (this.#keys.context !== "tapscript" || k === undefined || k < 1) return undefined;
    const keys: number[] = [];
    for (let at = 2; keys.length <= MAX_MULTI_A; at += 2) {
      const opcode = this.#opcode(at);
      if (opcode !== Opcode.OP_CHECKSIGADD && opcode !== Opcode.OP_CHECKSIG) return undefined;
      const data = this.#data(at + 1);
      const place = data.length === 32 ? this.#keys.readKey(data) : undefined;
      if (place === undefined) return undefined;
      keys.push(place);
      if (opcode !== Opcode.OP_CHECKSIG) continue;
      if (keys.length < k || keys.length > MAX_MULTI_A) return undefined;
      this.#at = this.#at + at + 2;
      return this.#make({ fragment: "multi_a", keys: keys.reverse(), k });
    }
    return undefined;
  }

  #threshold(depth: number): Miniscript | undefined {
    const k = this.#number(1);
    if (k === undefined || k < 1) return undefined;
    this.#at += 2;
    const subs: Miniscript[] = [];
    while (this.#take(Opcode.OP_ADD)) {
      const sub = this.#beside(depth);
      if (sub === undefined) return undefined;
      subs.push(sub);
    }
    const first = this.#single(depth);
    if (first === undefined) return undefined;
    subs.push(first);
    return k > subs.length
      ? undefined
      : this.#make({ fragment: "thresh", subs: subs.reverse(), k });
  }

  /** Reads a fragment that ends with OP_ENDIF. */
  #branches(depth: number): Miniscript | undefined {
    const last = this.expression(depth);
    if (last === undefined) return undefined;
    if (this.#take(Opcode.OP_ELSE)) {
      const first = this.expression(depth);
      if (first === undefined) return undefined;
      if (this.#take(Opcode.OP_IF)) return this.#make({ fragment: "or_i", subs: [first, last] });
      if (!this.#take(Opcode.OP_NOTIF)) return undefined;
      const condition = this.#single(depth);
      return condition && this.#make({ fragment: "andor", subs: [condition, last, first] });
    }
    if (this.#take(Opcode.OP_IF)) {
      if (this.#take(Opcode.OP_DUP)) return this.#wrapped("d", last);
      if (this.#take(Opcode.OP_0NOTEQUAL, Opcode.OP_SIZE)) return this.#wrapped("j", last);
      return undefined;
    }
    if (!this.#take(Opcode.OP_NOTIF)) return undefined;
    const fragment = this.#take(Opcode.OP_IFDUP) ? "or_d" : "or_c";
    const first = this.#single(depth);
    return first && this.#make({ fragment, subs: [first, last] });
  }
}
