/** The script of a miniscript expression. Core: ToScript (miniscript.h). */

import { concatBytes, hash160, Opcode, pushData, pushNumber } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { Miniscript, Wrapper } from "./model.ts";
import { has } from "./type.ts";

const {
  OP_0,
  OP_1,
  OP_ADD,
  OP_BOOLAND,
  OP_BOOLOR,
  OP_CHECKLOCKTIMEVERIFY,
  OP_CHECKMULTISIG,
  OP_CHECKMULTISIGVERIFY,
  OP_CHECKSEQUENCEVERIFY,
  OP_CHECKSIG,
  OP_CHECKSIGADD,
  OP_CHECKSIGVERIFY,
  OP_DUP,
  OP_ELSE,
  OP_ENDIF,
  OP_EQUAL,
  OP_EQUALVERIFY,
  OP_FROMALTSTACK,
  OP_HASH160,
  OP_IF,
  OP_IFDUP,
  OP_NOTIF,
  OP_0NOTEQUAL,
  OP_NUMEQUAL,
  OP_NUMEQUALVERIFY,
  OP_SIZE,
  OP_SWAP,
  OP_TOALTSTACK,
  OP_VERIFY,
} = Opcode;

const HASHES = {
  sha256: Opcode.OP_SHA256,
  hash256: Opcode.OP_HASH256,
  ripemd160: Opcode.OP_RIPEMD160,
  hash160: Opcode.OP_HASH160,
} as const;

/**
 * @param keys as the script holds them: 33 bytes, or 32 in tapscript
 */
export function miniscriptScript(node: Miniscript, keys: readonly Uint8Array[]): Uint8Array {
  return build(node, keys, false);
}

const join = concatBytes;

const ops = (...opcodes: readonly number[]): Uint8Array => Uint8Array.from(opcodes);

/** @param verify whether OP_VERIFY follows, which some last opcodes have in them */
function build(node: Miniscript, keys: readonly Uint8Array[], verify: boolean): Uint8Array {
  const { fragment, k, data, subs } = node;
  const sub = (place: number): Uint8Array =>
    build(present(subs[place], "subs[place]"), keys, false);
  const key = (place: number): Uint8Array =>
    present(keys[node.keys[place] as number], "keys[node.keys[place] as number]");
  const equal = verify ? OP_EQUALVERIFY : OP_EQUAL;
  switch (fragment) {
    case "0":
      return ops(OP_0);
    case "1":
      return ops(OP_1);
    case "pk_k":
      return pushData(key(0));
    case "pk_h":
      return join(ops(OP_DUP, OP_HASH160), pushData(hash160(key(0))), ops(OP_EQUALVERIFY));
    case "older":
      return join(pushNumber(k), ops(OP_CHECKSEQUENCEVERIFY));
    case "after":
      return join(pushNumber(k), ops(OP_CHECKLOCKTIMEVERIFY));
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return join(
        ops(OP_SIZE),
        pushNumber(32),
        ops(OP_EQUALVERIFY, HASHES[fragment]),
        pushData(data),
        ops(equal),
      );
    case "thresh": {
      const parts = subs.map((_, i) => (i === 0 ? sub(i) : join(sub(i), ops(OP_ADD))));
      return join(...parts, pushNumber(k), ops(equal));
    }
    case "multi":
      return join(
        pushNumber(k),
        ...node.keys.map((_, i) => pushData(key(i))),
        pushNumber(node.keys.length),
        ops(verify ? OP_CHECKMULTISIGVERIFY : OP_CHECKMULTISIG),
      );
    case "multi_a":
      return join(
        ...node.keys.map((_, i) =>
          join(pushData(key(i)), ops(i === 0 ? OP_CHECKSIG : OP_CHECKSIGADD)),
        ),
        pushNumber(k),
        ops(verify ? OP_NUMEQUALVERIFY : OP_NUMEQUAL),
      );
    default:
      return combine(fragment, subs, verify, (place, followed = false) =>
        build(present(subs[place], "subs[place]"), keys, followed),
      );
  }
}

type Combination = "and_v" | "and_b" | "or_b" | "or_c" | "or_d" | "or_i" | "andor" | Wrapper;

/** @param sub the script of a part, and whether OP_VERIFY follows it */
function combine(
  fragment: Combination,
  subs: readonly Miniscript[],
  verify: boolean,
  sub: (place: number, followed?: boolean) => Uint8Array,
): Uint8Array {
  switch (fragment) {
    case "a":
      return join(ops(OP_TOALTSTACK), sub(0), ops(OP_FROMALTSTACK));
    case "s":
      return join(ops(OP_SWAP), sub(0, verify));
    case "c":
      return join(sub(0), ops(verify ? OP_CHECKSIGVERIFY : OP_CHECKSIG));
    case "d":
      return join(ops(OP_DUP, OP_IF), sub(0), ops(OP_ENDIF));
    case "v":
      return has(present(subs[0], "subs[0]").type, "x")
        ? join(sub(0, true), ops(OP_VERIFY))
        : sub(0, true);
    case "j":
      return join(ops(OP_SIZE, OP_0NOTEQUAL, OP_IF), sub(0), ops(OP_ENDIF));
    case "n":
      return join(sub(0), ops(OP_0NOTEQUAL));
    case "and_v":
      return join(sub(0), sub(1, verify));
    case "and_b":
      return join(sub(0), sub(1), ops(OP_BOOLAND));
    case "or_b":
      return join(sub(0), sub(1), ops(OP_BOOLOR));
    case "or_c":
      return join(sub(0), ops(OP_NOTIF), sub(1), ops(OP_ENDIF));
    case "or_d":
      return join(sub(0), ops(OP_IFDUP, OP_NOTIF), sub(1), ops(OP_ENDIF));
    case "or_i":
      return join(ops(OP_IF), sub(0), ops(OP_ELSE), sub(1), ops(OP_ENDIF));
    case "andor":
      return join(sub(0), ops(OP_NOTIF), sub(2), ops(OP_ELSE), sub(1), ops(OP_ENDIF));
    default:
      return fragment satisfies never;
  }
}
