/** The meaning of the known records of a PSBT. */

import { type Seconds, type Transaction, type TxOutput, tapleafHash } from "@chain/core";
import { requireNumber } from "@chain/core/arguments";
import { encodeBase58check } from "../base58check.ts";
import type { KeyOrigin } from "../signingProvider.ts";
import type { TaprootLeaf } from "../taproot.ts";
import { GLOBAL, IN, OUT } from "./fields.ts";
import { type Psbt, requirePsbt } from "./psbt.ts";
import { type PsbtMap, type PsbtRecord, requirePsbtMap } from "./psbtMap.ts";
import {
  decodeOrigin,
  decodeOutput,
  decodePrevious,
  decodeStack,
  decodeTaprootKeyUse,
  decodeTaprootTree,
  decodeU32,
} from "./values.ts";

/** A public key with where it comes from. */
export interface KeyDerivation {
  readonly publicKey: Uint8Array;
  readonly origin: KeyOrigin;
}

/** A key of Taproot, by x alone, with the leaves that hold it: none for an internal key. */
export interface TaprootDerivation {
  readonly publicKey: Uint8Array;
  readonly leafHashes: readonly Uint8Array[];
  readonly origin: KeyOrigin;
}

/** A hash with what it is of, for a script that asks for it. */
export interface Preimage {
  readonly hash: Uint8Array;
  readonly preimage: Uint8Array;
}

/** The contents of an input's map. Lists are sorted by keys. */
export interface PsbtInput {
  readonly previousTransaction: Transaction | undefined;
  readonly witnessUtxo: TxOutput | undefined;
  readonly partialSignatures: readonly {
    readonly publicKey: Uint8Array;
    /** DER and hash type. */
    readonly signature: Uint8Array;
  }[];
  readonly sighashType: number | undefined;
  readonly redeemScript: Uint8Array | undefined;
  readonly witnessScript: Uint8Array | undefined;
  readonly derivations: readonly KeyDerivation[];
  readonly finalScriptSig: Uint8Array | undefined;
  readonly finalWitness: readonly Uint8Array[] | undefined;
  readonly ripemd160: readonly Preimage[];
  readonly sha256: readonly Preimage[];
  readonly hash160: readonly Preimage[];
  readonly hash256: readonly Preimage[];
  readonly tapKeySignature: Uint8Array | undefined;
  readonly tapScriptSignatures: readonly {
    readonly publicKey: Uint8Array;
    readonly leafHash: Uint8Array;
    readonly signature: Uint8Array;
  }[];
  readonly tapLeafScripts: readonly TapLeafScript[];
  readonly tapDerivations: readonly TaprootDerivation[];
  readonly tapInternalKey: Uint8Array | undefined;
  readonly tapMerkleRoot: Uint8Array | undefined;
  /** A lock time that this input needs, of version 2. */
  readonly requiredTime: Seconds | undefined;
  readonly requiredHeight: number | undefined;
}

/** A script of a Taproot output, with where in the tree it stands. */
export interface TapLeafScript {
  readonly script: Uint8Array;
  readonly leafVersion: number;
  readonly controlBlock: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** The contents of an output's map. */
export interface PsbtOutput {
  readonly redeemScript: Uint8Array | undefined;
  readonly witnessScript: Uint8Array | undefined;
  readonly derivations: readonly KeyDerivation[];
  readonly tapInternalKey: Uint8Array | undefined;
  readonly tapTree: readonly TaprootLeaf[];
  readonly tapDerivations: readonly TaprootDerivation[];
}

/**
 * Reads an input's map. Source: BIP-0174, 0370, 0371; Core: PSBTInput.
 * @example psbtInput(fromAlice.psbt.inputs[0]).partialSignatures.length // 1
 */
export function psbtInput(map: PsbtMap): PsbtInput {
  requirePsbtMap(map, "map");
  const value = <T>(type: number, decode: (bytes: Uint8Array) => T): T | undefined => {
    const bytes = map.get(type);
    return bytes === undefined ? undefined : decode(bytes);
  };
  const preimages = (type: number): Preimage[] =>
    map.all(type).map(({ keyData, value: preimage }) => ({ hash: keyData, preimage }));
  return {
    // Decoded when it is asked for: it may be large, and most callers that read the rest have no use for it.
    get previousTransaction() {
      return value(IN.NON_WITNESS_UTXO, decodePrevious);
    },
    witnessUtxo: value(IN.WITNESS_UTXO, decodeOutput),
    partialSignatures: map
      .all(IN.PARTIAL_SIG)
      .map(({ keyData, value: signature }) => ({ publicKey: keyData, signature })),
    sighashType: value(IN.SIGHASH_TYPE, decodeU32),
    redeemScript: map.get(IN.REDEEM_SCRIPT),
    witnessScript: map.get(IN.WITNESS_SCRIPT),
    derivations: map.all(IN.BIP32_DERIVATION).map(keyDerivation),
    finalScriptSig: map.get(IN.FINAL_SCRIPTSIG),
    finalWitness: value(IN.FINAL_SCRIPTWITNESS, decodeStack),
    ripemd160: preimages(IN.RIPEMD160),
    sha256: preimages(IN.SHA256),
    hash160: preimages(IN.HASH160),
    hash256: preimages(IN.HASH256),
    tapKeySignature: map.get(IN.TAP_KEY_SIG),
    tapScriptSignatures: map.all(IN.TAP_SCRIPT_SIG).map(({ keyData, value: signature }) => ({
      publicKey: keyData.subarray(0, 32),
      leafHash: keyData.subarray(32),
      signature,
    })),
    tapLeafScripts: map.all(IN.TAP_LEAF_SCRIPT).map(leafScript),
    tapDerivations: map.all(IN.TAP_BIP32_DERIVATION).map(taprootDerivation),
    tapInternalKey: map.get(IN.TAP_INTERNAL_KEY),
    tapMerkleRoot: map.get(IN.TAP_MERKLE_ROOT),
    requiredTime: value(IN.REQUIRED_TIME_LOCKTIME, decodeU32),
    requiredHeight: value(IN.REQUIRED_HEIGHT_LOCKTIME, decodeU32),
  };
}

/**
 * Reads an output's map. Core: PSBTOutput.
 * @example psbtOutput(psbt.outputs[0]).derivations[0].publicKey // key.publicKey: it pays to a key of ours
 */
export function psbtOutput(map: PsbtMap): PsbtOutput {
  requirePsbtMap(map, "map");
  const tree = map.get(OUT.TAP_TREE);
  return {
    redeemScript: map.get(OUT.REDEEM_SCRIPT),
    witnessScript: map.get(OUT.WITNESS_SCRIPT),
    derivations: map.all(OUT.BIP32_DERIVATION).map(keyDerivation),
    tapInternalKey: map.get(OUT.TAP_INTERNAL_KEY),
    tapTree: tree === undefined ? [] : decodeTaprootTree(tree),
    tapDerivations: map.all(OUT.TAP_BIP32_DERIVATION).map(taprootDerivation),
  };
}

/**
 * The extended public keys of a PSBT: 78 bytes each, version bytes first, the same as text, and where they come from.
 * @example psbtXpubs(psbt).map(({ origin }) => origin.path) // []
 */
export function psbtXpubs(psbt: Psbt): readonly {
  readonly xpub: Uint8Array;
  readonly text: string;
  readonly origin: KeyOrigin;
}[] {
  requirePsbt(psbt, "psbt");
  return psbt.global.all(GLOBAL.XPUB).map(({ keyData, value }) => {
    return { xpub: keyData, text: encodeBase58check(keyData), origin: decodeOrigin(value) };
  });
}

/**
 * The output that an input spends, as far as the PSBT says it: of the previous transaction if that is there.
 * Core: GetInputUTXO.
 * @example spentOutput(psbt, 0)?.value // 100_000n
 */
export function spentOutput(psbt: Psbt, index: number): TxOutput | undefined {
  requirePsbt(psbt, "psbt");
  requireNumber(index, "index");
  const map = psbt.inputs[index];
  const prevout = psbt.transaction.inputs[index]?.prevout;
  if (map === undefined || prevout === undefined) return undefined;
  const previous = map.get(IN.NON_WITNESS_UTXO);
  if (previous !== undefined) {
    const transaction = decodePrevious(previous);
    return transaction.txid === prevout.txid ? transaction.outputs[prevout.vout] : undefined;
  }
  const utxo = map.get(IN.WITNESS_UTXO);
  return utxo === undefined ? undefined : decodeOutput(utxo);
}

function keyDerivation({ keyData, value }: PsbtRecord): KeyDerivation {
  return { publicKey: keyData, origin: decodeOrigin(value) };
}

function taprootDerivation({ keyData, value }: PsbtRecord): TaprootDerivation {
  return { publicKey: keyData, ...decodeTaprootKeyUse(value) };
}

function leafScript({ keyData, value }: PsbtRecord): TapLeafScript {
  const script = value.subarray(0, -1);
  const leafVersion = value.at(-1) as number;
  const leafHash = tapleafHash(script, leafVersion);
  return { script, leafVersion, controlBlock: keyData, leafHash };
}
