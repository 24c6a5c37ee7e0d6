/** The wallet's half of Taproot (BIP-0341): trees of scripts and tweaked keys. */

import {
  concatBytes,
  TAPSCRIPT_LEAF_VERSION,
  tapbranchHash,
  tapleafHash,
  taptweakHash,
} from "@chain/core";
import {
  present,
  requireArray,
  requireBytesOf,
  requireFields,
  requireInteger,
} from "@chain/core/arguments";
import * as secp256k1 from "@noble/secp256k1";
import { WalletError } from "./errors.ts";

const N = /* @__PURE__ */ (() => secp256k1.Point.CURVE().n)();
/** Deepest leaf of a tree. BIP-0341. */
export const MAX_TAPROOT_DEPTH = 128;

/** A script of a tree. */
export interface TaprootLeaf {
  /** Steps from the root: 0 for a script that stands alone. */
  readonly depth: number;
  readonly script: Uint8Array;
  /** Even; 0xc0 for tapscript (BIP-0342). */
  readonly leafVersion: number;
}

/** A Taproot output with all that can spend it. */
export interface TaprootOutput {
  /** 32 bytes, before the tweak. */
  readonly internalKey: Uint8Array;
  /** 32 bytes, as the output script holds it. */
  readonly outputKey: Uint8Array;
  /** 1 where y of the output key is odd. */
  readonly parity: number;
  /** Empty for an output without scripts. */
  readonly merkleRoot: Uint8Array;
  /** From left to right. */
  readonly leaves: readonly (TaprootLeaf & {
    readonly controlBlock: Uint8Array;
    /** `tapleafHash` */
    readonly leafHash: Uint8Array;
  })[];
}

/** The point of this x with even y. @returns `undefined` for an x that no point has */
function liftX(x32: Uint8Array): secp256k1.Point | undefined {
  try {
    return secp256k1.Point.fromBytes(concatBytes(Uint8Array.of(2), x32));
  } catch {
    return undefined;
  }
}

const toNumber = (bytes: Uint8Array): bigint => secp256k1.etc.bytesToNumberBE(bytes);

/** Whether this is x of a point of the curve. */
export function isXOnlyKey(x32: Uint8Array): boolean {
  return x32.length === 32 && liftX(x32) !== undefined;
}

/**
 * The output key of an internal key (BIP-0341).
 * @param merkleRoot empty for an output without scripts
 * @throws WalletError `invalid-key` where the internal key is on no point of the curve.
 */
function tweakPublicKey(
  internalKey32: Uint8Array,
  merkleRoot: Uint8Array,
): { readonly outputKey: Uint8Array; readonly parity: number } {
  const point = liftX(internalKey32);
  const tweak = toNumber(taptweakHash(internalKey32, merkleRoot));
  if (point === undefined || tweak >= N) {
    throw new WalletError("invalid-key", "the internal key is on no point of the curve");
  }
  const output = tweak === 0n ? point : point.add(secp256k1.Point.BASE.multiply(tweak));
  const compressed = output.toBytes();
  return { outputKey: compressed.slice(1), parity: (compressed[0] as number) - 2 };
}

interface Node {
  readonly hash: Uint8Array;
  readonly leaves: readonly { readonly leaf: TaprootLeaf; readonly path: readonly Uint8Array[] }[];
}

function joinNodes(left: Node, right: Node): Node {
  const below = (node: Node, sibling: Node) =>
    node.leaves.map(({ leaf, path }) => ({ leaf, path: [...path, sibling.hash] }));
  return {
    hash: tapbranchHash(left.hash, right.hash),
    leaves: [...below(left, right), ...below(right, left)],
  };
}

/**
 * The output of an internal key and a tree of scripts. Source: BIP-0341; Core: TaprootBuilder.
 * @param leaves from left to right; none for an output that only its key spends
 * @returns `undefined` where the depths make no tree, or one that is too deep
 * @throws WalletError `invalid-key` where the internal key is on no point of the curve.
 * @example taprootOutput(key.publicKey.subarray(1), [])?.outputKey.length // 32
 */
export function taprootOutput(
  internalKey: Uint8Array,
  leaves: readonly TaprootLeaf[],
): TaprootOutput | undefined {
  requireBytesOf(32, internalKey, "internalKey");
  requireArray(leaves, "leaves", requireLeaf);
  if (!isTaprootTree(leaves.map(({ depth }) => depth))) return undefined;
  const root = buildTree(leaves);
  const merkleRoot = root?.hash ?? new Uint8Array(0);
  const { outputKey, parity } = tweakPublicKey(internalKey, merkleRoot);
  const placed = (root?.leaves ?? []).map(({ leaf, path }) => ({
    ...leaf,
    leafHash: tapleafHash(leaf.script, leaf.leafVersion),
    controlBlock: concatBytes(Uint8Array.of(leaf.leafVersion + parity), internalKey, ...path),
  }));
  return { internalKey, outputKey, parity, merkleRoot, leaves: placed };
}

function requireLeaf(value: unknown, name: string): void {
  requireFields(value, name, { depth: "number", script: "bytes", leafVersion: "number" });
  const { depth, leafVersion } = value as TaprootLeaf;
  requireInteger(depth, `${name}.depth`, 0);
  requireInteger(leafVersion, `${name}.leafVersion`, 0, 255);
}

/** Whether leaves of these depths, from left to right, make a whole binary tree. Core: TaprootBuilder::ValidDepths. */
export function isTaprootTree(depths: readonly number[]): boolean {
  // At each depth, whether a left subtree waits for its right one.
  const waiting: boolean[] = [];
  for (let depth of depths) {
    if (depth > MAX_TAPROOT_DEPTH || depth + 1 < waiting.length) return false;
    while (waiting[depth] === true) {
      waiting.pop();
      if (depth === 0) return false;
      depth--;
    }
    while (waiting.length <= depth) waiting.push(false);
    waiting[depth] = true;
  }
  return waiting.length === 0 || (waiting.length === 1 && waiting[0] === true);
}

function buildTree(leaves: readonly TaprootLeaf[]): Node | undefined {
  let next = 0;
  const build = (depth: number): Node => {
    const leaf = present(leaves[next], "leaves[next]");
    if (leaf.depth > depth) {
      const left = build(depth + 1);
      return joinNodes(left, build(depth + 1));
    }
    next++;
    return { hash: tapleafHash(leaf.script, leaf.leafVersion), leaves: [{ leaf, path: [] }] };
  };
  return leaves.length === 0 ? undefined : build(0);
}

/** A leaf that is tapscript. */
export function tapscriptLeaf(script: Uint8Array, depth: number): TaprootLeaf {
  return { depth, script, leafVersion: TAPSCRIPT_LEAF_VERSION };
}
