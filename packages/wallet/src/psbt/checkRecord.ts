/** Core's checks of each record of a PSBT: form of key and value, in its words (psbt.h). */
import { isStrictDer, Reader, readOutput, SIGHASH_ANYONECANPAY, Transaction } from "@chain/core";
import { isPublicKey } from "../keys.ts";
import { isTaprootTree, MAX_TAPROOT_DEPTH } from "../taproot.ts";
import { GLOBAL, IN, OUT } from "./fields.ts";
import { PsbtProblem } from "./problem.ts";
import {
  decodeOrigin,
  decodeTaprootKeyUse,
  encodePrevious,
  encodeTaprootKeyUse,
  readStack,
} from "./values.ts";

/** How a type of record is checked. */
export interface RecordRule {
  /** The error for a key that comes twice. */
  readonly duplicate: string;
  /** Fails for a key of the wrong form. */
  readonly checkKey: (keyData: Uint8Array) => void;
  /** Whether the key is looked at before duplicates are: so for some types in Core. */
  readonly keyFirst?: boolean;
  /**
   * Reads the value with its length, and fails for one of the wrong form.
   * @returns the bytes to keep; empty where the record says nothing and is dropped
   */
  readonly readValue: (reader: Reader) => Uint8Array;
}

/** Fails with Core's reason. */
export function problem(reason: string): never {
  throw new PsbtProblem("invalid-psbt", reason);
}

/**
 * A value that must be as long as its length says. It is read from the whole, not from its own bytes, as in Core: that
 * decides which of several reasons is given. Core: UnserializeFromVector.
 */
function exactly(read: (reader: Reader) => unknown): (reader: Reader) => Uint8Array {
  return (reader) => {
    const size = reader.compactSize();
    const start = reader.position;
    read(reader);
    if (reader.position !== start + size) problem("Size of value was not the stated size");
    return reader.bytes.subarray(start, reader.position);
  };
}

const anyValue = (reader: Reader): Uint8Array => reader.varBytes();

/** A record whose key is its type alone. */
function single(
  duplicate: string,
  key: string,
  readValue: RecordRule["readValue"] = anyValue,
): RecordRule {
  return {
    duplicate: `Duplicate Key, ${duplicate} already provided`,
    checkKey: (keyData) => {
      if (keyData.length > 0) problem(`${key} is more than one byte type`);
    },
    readValue,
  };
}

function publicKeyIn(keyData: Uint8Array, what: string): void {
  if (keyData.length !== 33 && keyData.length !== 65) {
    problem(`Size of key was not the expected size for the type ${what}`);
  }
  if (!isPublicKey(keyData)) problem("Invalid pubkey");
}

/** Core: DeserializeHDKeypaths. */
const derivation: RecordRule = {
  duplicate: "Duplicate Key, pubkey derivation path already provided",
  keyFirst: true,
  checkKey: (keyData) => publicKeyIn(keyData, "BIP32 keypath"),
  readValue: (reader) => originOf(reader, reader.compactSize()),
};

/** Core: DeserializeKeyOrigin, which looks at the length before it reads. */
function originOf(reader: Reader, length: number): Uint8Array {
  if (length % 4 !== 0 || length === 0) problem("Invalid length for HD key path");
  const value = reader.take(length);
  decodeOrigin(value);
  return value;
}

const preimage = (name: string, size: number): RecordRule => ({
  duplicate: `Duplicate Key, input ${name} preimage already provided`,
  keyFirst: true,
  checkKey: (keyData) => {
    if (keyData.length !== size) {
      problem(`Size of key was not the expected size for the type ${name} preimage`);
    }
  },
  readValue: anyValue,
});

function schnorrSignature(path: string): (reader: Reader) => Uint8Array {
  return (reader) => {
    const value = reader.varBytes();
    if (value.length < 64) problem(`Input Taproot ${path} path signature is shorter than 64 bytes`);
    if (value.length > 65) problem(`Input Taproot ${path} path signature is longer than 65 bytes`);
    return value;
  };
}

function taprootDerivation(side: "input" | "output"): RecordRule {
  const name = side === "input" ? "Input" : "Output";
  return {
    duplicate: `Duplicate Key, ${side} Taproot BIP32 keypath already provided`,
    checkKey: (keyData) => {
      if (keyData.length !== 32) problem(`${name} Taproot BIP32 keypath key is not at 33 bytes`);
    },
    readValue: (reader) => {
      const size = reader.compactSize();
      const start = reader.position;
      const count = reader.compactSize();
      for (let i = 0; i < count; i++) reader.take(32);
      const hashes = reader.position - start;
      if (hashes > size) problem(`${name} Taproot BIP32 keypath has an invalid length`);
      originOf(reader, size - hashes);
      // Written again, because hashes may come in any order and twice.
      return encodeTaprootKeyUse(
        decodeTaprootKeyUse(reader.bytes.subarray(start, reader.position)),
      );
    },
  };
}

const proprietary: RecordRule = {
  duplicate: "Duplicate Key, proprietary key already found",
  keyFirst: true,
  checkKey: (keyData) => {
    const reader = new Reader(keyData);
    reader.varBytes(); // whose it is
    reader.compactSize(); // its type there
  },
  readValue: anyValue,
};

/** Of a type that is not known. Its key can have any form. */
export const UNKNOWN: RecordRule = {
  duplicate: "Duplicate Key, key for unknown value already provided",
  checkKey: () => undefined,
  readValue: anyValue,
};

/** A signature with its hash type as policy wants it. Core: CheckSignatureEncoding with DERSIG and STRICTENC. */
function ecdsaSignature(reader: Reader): Uint8Array {
  const value = reader.varBytes();
  const hashType = (value.at(-1) ?? 0) & ~SIGHASH_ANYONECANPAY;
  if (!isStrictDer(value) || hashType < 1 || hashType > 3) {
    problem("Signature is not a valid encoding");
  }
  return value;
}

/** Core: TaprootBuilder, asked whether it is complete. */
function taprootTree(reader: Reader): Uint8Array {
  const value = reader.varBytes();
  if (value.length === 0) problem("Output Taproot tree must not be empty");
  const depths: number[] = [];
  const inner = new Reader(value);
  while (inner.remaining > 0) {
    const depth = inner.u8();
    const leafVersion = inner.u8();
    inner.varBytes();
    if (depth > MAX_TAPROOT_DEPTH) {
      problem("Output Taproot tree has as leaf greater than Taproot maximum depth");
    }
    if ((leafVersion & 1) !== 0) {
      problem("Output Taproot tree has a leaf with an invalid leaf version");
    }
    depths.push(depth);
  }
  if (!isTaprootTree(depths)) problem("Output Taproot tree is malformed");
  return value;
}

/** By type. */
export type RecordRules = ReadonlyMap<number, RecordRule>;

export const INPUT_RULES: ReadonlyMap<number, RecordRule> = new Map<number, RecordRule>([
  [
    IN.NON_WITNESS_UTXO,
    single("input non-witness utxo", "Non-witness utxo key", (reader) =>
      encodePrevious(Transaction.fromBytes(exactly((whole) => Transaction.read(whole))(reader))),
    ),
  ],
  [IN.WITNESS_UTXO, single("input witness utxo", "Witness utxo key", exactly(readOutput))],
  [
    IN.PARTIAL_SIG,
    {
      duplicate: "Duplicate Key, input partial signature for pubkey already provided",
      keyFirst: true,
      checkKey: (keyData) => publicKeyIn(keyData, "partial signature pubkey"),
      readValue: ecdsaSignature,
    },
  ],
  [
    IN.SIGHASH_TYPE,
    single(
      "input sighash type",
      "Sighash type key",
      exactly((reader) => reader.u32()),
    ),
  ],
  [IN.REDEEM_SCRIPT, single("input redeemScript", "Input redeemScript key")],
  [IN.WITNESS_SCRIPT, single("input witnessScript", "Input witnessScript key")],
  [IN.BIP32_DERIVATION, derivation],
  [IN.FINAL_SCRIPTSIG, single("input final scriptSig", "Final scriptSig key")],
  [
    IN.FINAL_SCRIPTWITNESS,
    single("input final scriptWitness", "Final scriptWitness key", exactly(readStack)),
  ],
  [IN.RIPEMD160, preimage("ripemd160", 20)],
  [IN.SHA256, preimage("sha256", 32)],
  [IN.HASH160, preimage("hash160", 20)],
  [IN.HASH256, preimage("hash256", 32)],
  [
    IN.TAP_KEY_SIG,
    single(
      "input Taproot key signature",
      "Input Taproot key signature key",
      schnorrSignature("key"),
    ),
  ],
  [
    IN.TAP_SCRIPT_SIG,
    {
      duplicate: "Duplicate Key, input Taproot script signature already provided",
      checkKey: (keyData) => {
        if (keyData.length !== 64) problem("Input Taproot script signature key is not 65 bytes");
      },
      readValue: schnorrSignature("script"),
    },
  ],
  [
    IN.TAP_LEAF_SCRIPT,
    {
      duplicate: "Duplicate Key, input Taproot leaf script already provided",
      checkKey: (keyData) => {
        if (keyData.length < 33) problem("Taproot leaf script key is not at least 34 bytes");
        if ((keyData.length - 1) % 32 !== 0) {
          problem("Input Taproot leaf script key's control block size is not valid");
        }
      },
      readValue: (reader) => {
        const value = reader.varBytes();
        if (value.length === 0) problem("Input Taproot leaf script must be at least 1 byte");
        return value;
      },
    },
  ],
  [IN.TAP_BIP32_DERIVATION, taprootDerivation("input")],
  [
    IN.TAP_INTERNAL_KEY,
    single(
      "input Taproot internal key",
      "Input Taproot internal key key",
      exactly((reader) => reader.take(32)),
    ),
  ],
  [
    IN.TAP_MERKLE_ROOT,
    single(
      "input Taproot merkle root",
      "Input Taproot merkle root key",
      exactly((reader) => reader.take(32)),
    ),
  ],
  [IN.PROPRIETARY, proprietary],
]);

export const OUTPUT_RULES: ReadonlyMap<number, RecordRule> = new Map<number, RecordRule>([
  [OUT.REDEEM_SCRIPT, single("output redeemScript", "Output redeemScript key")],
  [OUT.WITNESS_SCRIPT, single("output witnessScript", "Output witnessScript key")],
  [OUT.BIP32_DERIVATION, derivation],
  [
    OUT.TAP_INTERNAL_KEY,
    single(
      "output Taproot internal key",
      "Output Taproot internal key key",
      exactly((reader) => reader.take(32)),
    ),
  ],
  [OUT.TAP_TREE, single("output Taproot tree", "Output Taproot tree key", taprootTree)],
  [OUT.TAP_BIP32_DERIVATION, taprootDerivation("output")],
  [OUT.PROPRIETARY, proprietary],
]);

/** BIP-0370: they say what the transaction is. Before, in version 0, they are unknown. */
const u32Record = (name: string): RecordRule =>
  single(
    name,
    name,
    exactly((reader) => reader.u32()),
  );

export const INPUT_RULES_V2: ReadonlyMap<number, RecordRule> = new Map<number, RecordRule>([
  ...INPUT_RULES,
  [
    IN.PREVIOUS_TXID,
    single(
      "input previous txid",
      "Input previous txid key",
      exactly((reader) => reader.take(32)),
    ),
  ],
  [IN.OUTPUT_INDEX, u32Record("input output index")],
  [IN.SEQUENCE, u32Record("input sequence")],
  [IN.REQUIRED_TIME_LOCKTIME, u32Record("input required time lock time")],
  [IN.REQUIRED_HEIGHT_LOCKTIME, u32Record("input required height lock time")],
]);

export const OUTPUT_RULES_V2: ReadonlyMap<number, RecordRule> = new Map<number, RecordRule>([
  ...OUTPUT_RULES,
  [
    OUT.AMOUNT,
    single(
      "output amount",
      "Output amount key",
      exactly((reader) => reader.i64()),
    ),
  ],
  [OUT.SCRIPT, single("output script", "Output script key")],
]);

export const GLOBAL_RULES: ReadonlyMap<number, RecordRule> = new Map<number, RecordRule>([
  [
    GLOBAL.UNSIGNED_TX,
    single("unsigned tx", "Global unsigned tx key", (reader) => {
      const value = exactly((whole) => Transaction.read(whole, { witness: false }))(reader);
      const { inputs } = Transaction.fromBytes(value, { witness: false });
      if (inputs.some(({ scriptSig }) => scriptSig.length > 0)) {
        problem("Unsigned tx does not have empty scriptSigs and scriptWitnesses.");
      }
      return value;
    }),
  ],
  [
    GLOBAL.XPUB,
    {
      duplicate: "Duplicate key, global xpub already provided",
      keyFirst: true,
      checkKey: (keyData) => {
        if (keyData.length !== 78) {
          problem("Size of key was not the expected size for the type global xpub");
        }
        if (!isPublicKey(keyData.subarray(45))) problem("Invalid pubkey");
      },
      readValue: derivation.readValue,
    },
  ],
  [
    GLOBAL.VERSION,
    single(
      "version",
      "Global version key",
      exactly((reader) => reader.u32()),
    ),
  ],
  [GLOBAL.PROPRIETARY, proprietary],
]);

export const GLOBAL_RULES_V2: ReadonlyMap<number, RecordRule> = new Map<number, RecordRule>([
  ...GLOBAL_RULES,
  [GLOBAL.TX_VERSION, u32Record("transaction version")],
  [GLOBAL.FALLBACK_LOCKTIME, u32Record("fallback lock time")],
  [
    GLOBAL.INPUT_COUNT,
    single(
      "input count",
      "Global input count key",
      exactly((reader) => reader.compactSize()),
    ),
  ],
  [
    GLOBAL.OUTPUT_COUNT,
    single(
      "output count",
      "Global output count key",
      exactly((reader) => reader.compactSize()),
    ),
  ],
  [
    GLOBAL.TX_MODIFIABLE,
    single(
      "modifiable flags",
      "Global modifiable flags key",
      exactly((reader) => reader.u8()),
    ),
  ],
]);
