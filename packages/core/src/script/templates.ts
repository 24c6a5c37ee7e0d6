/** The scripts that outputs commonly have. Core: Solver (script/solver.cpp), and `bitcoin-cli decodescript`'s names. */
import { requireBytes, requireNumber } from "../arguments.ts";
import { concatBytes } from "../bytes.ts";
import { CoreError } from "../errors.ts";
import { requireByteArrays } from "../shapes.ts";
import { Opcode } from "./opcodes.ts";
import {
  isMinimalPush,
  isP2sh,
  isPayToAnchor,
  isPushOnly,
  type Operation,
  pushData,
  pushNumber,
  ScriptReader,
  witnessProgram,
} from "./script.ts";
import { decodeScriptNumber } from "./scriptNumber.ts";

/** Most keys of a bare multisig. */
const MAX_MULTISIG_KEYS = 20;

/** The kind of an output script, by Core's names, and its content. Hashes and keys are views onto the script. */
export type OutputTemplate =
  | { readonly type: "pubkey"; readonly publicKey: Uint8Array }
  | { readonly type: "pubkeyhash" | "scripthash"; readonly hash: Uint8Array }
  | {
      readonly type: "multisig";
      /** Signatures that it takes. */
      readonly required: number;
      readonly publicKeys: readonly Uint8Array[];
    }
  | { readonly type: "witness_v0_keyhash" | "witness_v0_scripthash"; readonly hash: Uint8Array }
  /** The tweaked key's x, 32 bytes. */
  | { readonly type: "witness_v1_taproot"; readonly outputKey: Uint8Array }
  /** The witness program 4e73 of version 1: anybody can spend it. */
  | { readonly type: "anchor"; readonly program: Uint8Array }
  | { readonly type: "witness_unknown"; readonly version: number; readonly program: Uint8Array }
  /** OP_RETURN and pushes. */
  | { readonly type: "nulldata" }
  | { readonly type: "nonstandard" };

/**
 * Which template an output script follows. Core: Solver.
 * @example outputTemplate(p2shScript(hash)) // { type: "scripthash", hash }
 */
export function outputTemplate(script: Uint8Array): OutputTemplate {
  requireBytes(script, "script");

  if (isP2sh(script)) return { type: "scripthash", hash: script.subarray(2, 22) };
  const witness = witnessProgram(script);
  if (witness !== undefined) {
    const { version, program } = witness;
    if (isPayToAnchor(witness)) return { type: "anchor", program };
    if (version > 0) {
      return version === 1 && program.length === 32
        ? { type: "witness_v1_taproot", outputKey: program }
        : { type: "witness_unknown", version, program };
    }
    if (program.length === 20) return { type: "witness_v0_keyhash", hash: program };
    if (program.length === 32) return { type: "witness_v0_scripthash", hash: program };
    return { type: "nonstandard" };
  }
  if (script[0] === Opcode.OP_RETURN && isPushOnly(script.subarray(1))) return { type: "nulldata" };
  if (isP2pkh(script)) return { type: "pubkeyhash", hash: script.subarray(3, 23) };
  const publicKey = p2pkKey(script);
  if (publicKey !== undefined) return { type: "pubkey", publicKey };
  return parseMultisig(script) ?? { type: "nonstandard" };
}

function p2pkKey(script: Uint8Array): Uint8Array | undefined {
  const key = script.subarray(1, -1);
  const matches =
    script[0] === key.length && script.at(-1) === Opcode.OP_CHECKSIG && isPublicKeyShaped(key);
  return matches ? key : undefined;
}

/** Core: MatchMultisig. */
function parseMultisig(script: Uint8Array): OutputTemplate | undefined {
  if (script.at(-1) !== Opcode.OP_CHECKMULTISIG) return undefined;
  const reader = new ScriptReader(script);
  const required = keyCount(reader.next());
  if (required === undefined) return undefined;
  const publicKeys: Uint8Array[] = [];
  let operation = reader.next();
  while (operation?.data !== undefined && isPublicKeyShaped(operation.data)) {
    publicKeys.push(operation.data);
    operation = reader.next();
  }
  const matches =
    keyCount(operation) === publicKeys.length &&
    required <= publicKeys.length &&
    reader.position === script.length - 1;
  return matches ? { type: "multisig", required, publicKeys } : undefined;
}

/** A number from 1 to 20, pushed in the shortest way. */
function keyCount(operation: Operation | undefined): number | undefined {
  if (operation === undefined || !isMinimalPush(operation)) return undefined;
  const { opcode, data } = operation;
  let count: number | undefined;
  if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) count = opcode - Opcode.OP_1 + 1;
  else if (data !== undefined) count = decodeScriptNumber(data, true);
  return count !== undefined && count >= 1 && count <= MAX_MULTISIG_KEYS ? count : undefined;
}

/** Whether first byte and length of a public key fit together. Core: CPubKey::ValidSize. */
export function isPublicKeyShaped(key: Uint8Array): boolean {
  switch (key[0]) {
    case 2:
    case 3:
      return key.length === 33;
    case 4:
    case 6:
    case 7:
      return key.length === 65;
    default:
      return false;
  }
}

/**
 * Whether it pays to a public key hash.
 * @example isP2pkh(p2pkhScript(hash)) // true
 */
export function isP2pkh(script: Uint8Array): boolean {
  requireBytes(script, "script");

  return (
    script.length === 25 &&
    script[0] === Opcode.OP_DUP &&
    script[1] === Opcode.OP_HASH160 &&
    script[2] === 20 &&
    script[23] === Opcode.OP_EQUALVERIFY &&
    script[24] === Opcode.OP_CHECKSIG
  );
}

/**
 * The output script that pays the holder of this key.
 * @param publicKey 33 or 65 bytes
 * @throws CoreError `invalid-length` for what has not the shape of a key.
 * @example p2pkScript(publicKey).length // 35
 */
export function p2pkScript(publicKey: Uint8Array): Uint8Array {
  requireBytes(publicKey, "publicKey");

  if (!isPublicKeyShaped(publicKey)) {
    throw new CoreError("invalid-length", "a public key has 33 bytes, or 65 if not compressed");
  }
  return concatBytes(pushData(publicKey), Uint8Array.of(Opcode.OP_CHECKSIG));
}

/**
 * The output script that pays the holder of the key of this hash.
 * @param hash20 `hash160` of the public key
 * @throws CoreError `invalid-length`.
 * @example scriptToAsm(p2pkhScript(hash160(publicKey))) // "OP_DUP OP_HASH160 …"
 */
export function p2pkhScript(hash20: Uint8Array): Uint8Array {
  requireLength(hash20, "hash20", 20, "a public key hash");
  return concatBytes(
    Uint8Array.of(Opcode.OP_DUP, Opcode.OP_HASH160, 20),
    hash20,
    Uint8Array.of(Opcode.OP_EQUALVERIFY, Opcode.OP_CHECKSIG),
  );
}

/**
 * The output script that is spent by satisfying the script of this hash (BIP-0016).
 * @param hash20 `hash160` of the script
 * @throws CoreError `invalid-length`.
 * @example p2shScript(hash160(multisigScript(1, [alice, bob]))).length // 23
 */
export function p2shScript(hash20: Uint8Array): Uint8Array {
  requireLength(hash20, "hash20", 20, "a script hash");
  return concatBytes(Uint8Array.of(Opcode.OP_HASH160, 20), hash20, Uint8Array.of(Opcode.OP_EQUAL));
}

/**
 * The script that so many of these keys must sign for, in their order.
 * @throws CoreError `out-of-range` for more than 20 keys, or more signatures than keys, or none.
 * @example
 * multisigScript(2, [alice, bob]).length // 71
 * outputTemplate(multisigScript(2, [alice, bob])).type // "multisig"
 */
export function multisigScript(required: number, publicKeys: readonly Uint8Array[]): Uint8Array {
  requireNumber(required, "required");
  requireByteArrays(publicKeys, "publicKeys");

  const count = publicKeys.length;
  if (
    !Number.isInteger(required) ||
    required < 1 ||
    required > count ||
    count > MAX_MULTISIG_KEYS
  ) {
    throw new CoreError("out-of-range", `${required} of ${count} keys: from 1 to 20`);
  }
  return concatBytes(
    pushNumber(required),
    ...publicKeys.map(pushData),
    pushNumber(count),
    Uint8Array.of(Opcode.OP_CHECKMULTISIG),
  );
}

/**
 * The output script of a witness program (BIP-0141).
 * @param version 0 to 16
 * @param program 2 to 40 bytes
 * @throws CoreError `out-of-range`, `invalid-length`.
 * @example witnessProgramScript(1, Uint8Array.of(0x4e, 0x73)) // Uint8Array.of(0x51, 2, 0x4e, 0x73)
 */
export function witnessProgramScript(version: number, program: Uint8Array): Uint8Array {
  requireNumber(version, "version");
  requireBytes(program, "program");

  if (!Number.isInteger(version) || version < 0 || version > 16) {
    throw new CoreError("out-of-range", `witness version ${version}`);
  }
  if (program.length < 2 || program.length > 40) {
    throw new CoreError("invalid-length", "a witness program has 2 to 40 bytes");
  }
  return concatBytes(pushNumber(version), pushData(program));
}

/**
 * The output script that pays the holder of the key of this hash, with the signature in the witness.
 * @param hash20 `hash160` of the compressed public key
 * @throws CoreError `invalid-length`.
 * @example p2wpkhScript(hash160(publicKey)).length // 22
 */
export function p2wpkhScript(hash20: Uint8Array): Uint8Array {
  requireLength(hash20, "hash20", 20, "a public key hash");
  return witnessProgramScript(0, hash20);
}

/**
 * The output script that is spent by satisfying the script of this hash, in the witness.
 * @param hash32 `sha256` of the script
 * @throws CoreError `invalid-length`.
 * @example p2wshScript(sha256(multisigScript(1, [alice, bob]))).length // 34
 */
export function p2wshScript(hash32: Uint8Array): Uint8Array {
  requireLength(hash32, "hash32", 32, "a witness script hash");
  return witnessProgramScript(0, hash32);
}

/**
 * The output script of Taproot (BIP-0341).
 * @param outputKey32 x of the tweaked key
 * @throws CoreError `invalid-length`.
 * @example p2trScript(publicKey.subarray(1)).length // 34
 */
export function p2trScript(outputKey32: Uint8Array): Uint8Array {
  requireLength(outputKey32, "outputKey32", 32, "x of a key");
  return witnessProgramScript(1, outputKey32);
}

/**
 * The script of an output that can't be spent, and that holds data.
 * @example nullDataScript(new TextEncoder().encode("hello"))
 */
export function nullDataScript(...items: readonly Uint8Array[]): Uint8Array {
  requireByteArrays(items, "items");

  return concatBytes(Uint8Array.of(Opcode.OP_RETURN), ...items.map(pushData));
}

function requireLength(bytes: Uint8Array, name: string, length: number, what: string): void {
  requireBytes(bytes, name);
  if (bytes.length !== length) throw new CoreError("invalid-length", `${what} has ${length} bytes`);
}
