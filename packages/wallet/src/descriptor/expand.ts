/** Scripts, keys and Taproot trees of a descriptor at one index. Core: ExpandHelper and MakeScripts. */

import {
  ChainError,
  compareBytes,
  concatBytes,
  hash160,
  multisigScript,
  Opcode,
  p2pkhScript,
  p2pkScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  p2wshScript,
  pushData,
  pushNumber,
  sha256,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { SigningProvider } from "../signingProvider.ts";
import { taprootOutput, tapscriptLeaf } from "../taproot.ts";
import { deriveKey, type KeyExpression, type PrivateRoots } from "./keyExpression.ts";
import { miniscriptScript } from "./miniscript/script.ts";
import type { DescriptorNode } from "./node.ts";

/** Thrown inside the expansion, and caught by it: a hardened step whose private key is missing. */
export class MissingPrivateKey extends ChainError<"missing-private-key"> {
  override readonly name = "MissingPrivateKey";
}

/** The keys that an expansion reads, and the collection that it fills. */
export interface ExpansionTarget {
  readonly index: number;
  /** Private keys that the descriptor came with. */
  readonly keys: SigningProvider;
  /** Takes public keys with origins, scripts, trees, and the private keys where `withPrivateKeys` says so. */
  readonly found: SigningProvider;
  readonly withPrivateKeys: boolean;
  /** Kept from one index to the next. */
  readonly roots: PrivateRoots;
}

/**
 * The scripts of an expression: one, but for `combo()`.
 * @throws MissingPrivateKey
 */
export function expandNode(node: DescriptorNode, target: ExpansionTarget): Uint8Array[] {
  const keyOf = (key: KeyExpression) => resolveKey(key, target);
  switch (node.type) {
    case "pk": {
      const key = keyOf(node.key);
      return [node.xOnly ? checksigScript(xOnly(key)) : p2pkScript(key)];
    }
    case "pkh":
      return [p2pkhScript(hash160(keyOf(node.key)))];
    case "wpkh":
      return [p2wpkhScript(hash160(keyOf(node.key)))];
    case "combo":
      return comboScripts(keyOf(node.key), target.found);
    case "multi":
    case "sortedmulti": {
      const keys = node.keys.map(keyOf);
      return [
        multisigScript(node.required, node.type === "multi" ? keys : keys.sort(compareBytes)),
      ];
    }
    case "multi_a":
    case "sortedmulti_a": {
      const keys = node.keys.map((key) => xOnly(keyOf(key)));
      return [
        multiAScript(node.required, node.type === "multi_a" ? keys : keys.sort(compareBytes)),
      ];
    }
    case "sh": {
      const script = onlyScript(node.inner, target);
      target.found.addScript(script);
      return [p2shScript(hash160(script))];
    }
    case "wsh": {
      const script = onlyScript(node.inner, target);
      target.found.addScript(script);
      return [p2wshScript(sha256(script))];
    }
    case "tr": {
      const internalKey = xOnly(keyOf(node.key));
      const leaves = node.leaves.map((leaf) =>
        tapscriptLeaf(onlyScript(leaf.node, target), leaf.depth),
      );
      const output = taprootOutput(internalKey, leaves);
      if (output === undefined) return []; // never: the parser builds trees alone
      target.found.addTaproot(output);
      return [p2trScript(output.outputKey)];
    }
    case "rawtr":
      return [p2trScript(xOnly(keyOf(node.key)))];
    case "miniscript": {
      const keys = node.keys.map(keyOf);
      if (node.expression.context === "wsh") return [miniscriptScript(node.expression, keys)];
      for (const key of keys) target.found.addKeyByX(key);
      return [miniscriptScript(node.expression, keys.map(xOnly))];
    }
    case "addr":
    case "raw":
      return [node.script];
    default:
      return node satisfies never;
  }
}

function resolveKey(key: KeyExpression, target: ExpansionTarget): Uint8Array {
  const derived = deriveKey(key, target.index, target.keys, target.roots);
  if (derived === undefined)
    throw new MissingPrivateKey("missing-private-key", "a hardened step needs the private key");
  target.found.addPublicKey(derived.publicKey, derived.origin);
  if (target.withPrivateKeys && derived.privateKey !== undefined) {
    target.found.addPrivateKey(derived.privateKey);
  }
  return derived.publicKey;
}

function onlyScript(node: DescriptorNode, target: ExpansionTarget): Uint8Array {
  return present(expandNode(node, target)[0], "expandNode(node, target)[0]");
}

function comboScripts(key: Uint8Array, found: SigningProvider): Uint8Array[] {
  const hash = hash160(key);
  const scripts = [p2pkScript(key), p2pkhScript(hash)];
  if (key.length === 65) return scripts; // SegWit takes compressed keys alone
  const segwit = p2wpkhScript(hash);
  found.addScript(segwit);
  return [...scripts, segwit, p2shScript(hash160(segwit))];
}

const xOnly = (publicKey: Uint8Array): Uint8Array => publicKey.subarray(1, 33);

function checksigScript(x32: Uint8Array): Uint8Array {
  return concatBytes(pushData(x32), Uint8Array.of(Opcode.OP_CHECKSIG));
}

/** BIP-0387. */
function multiAScript(required: number, keys: readonly Uint8Array[]): Uint8Array {
  const checks = keys.map((key, i) =>
    concatBytes(pushData(key), Uint8Array.of(i === 0 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD)),
  );
  return concatBytes(...checks, pushNumber(required), Uint8Array.of(Opcode.OP_NUMEQUAL));
}
