/** The tree of scripts behind a Taproot output (BIP-0341). */
import { requireBytes, requireNumber } from "../arguments.ts";
import { compareBytes } from "../bytes.ts";
import { Writer } from "../encoding/writer.ts";
import { sha256, taggedHash } from "../hash.ts";

/** The first byte of an annex: no other last item of a witness begins with it. */
const ANNEX_TAG = 0x50;
/** Leaf version and parity, internal key. */
const CONTROL_BASE_SIZE = 33;
const CONTROL_NODE_SIZE = 32;
const CONTROL_MAX_DEPTH = 128;
/** The version of leaves that are tapscript (BIP-0342). */
export const TAPSCRIPT_LEAF_VERSION = 0xc0;

/** A decoded control block: where a script stands in the tree of an output. */
export interface ControlBlock {
  readonly leafVersion: number;
  /** Of the output key's y: 1 where it is odd. */
  readonly parity: number;
  readonly internalKey: Uint8Array;
  /** Hashes beside the way from the leaf up to the root, 32 bytes each. */
  readonly path: readonly Uint8Array[];
}

/** @returns `undefined` for any size that is not 33 + 32 times up to 128 */
export function parseControlBlock(control: Uint8Array): ControlBlock | undefined {
  const nodes = (control.length - CONTROL_BASE_SIZE) / CONTROL_NODE_SIZE;
  if (!Number.isInteger(nodes) || nodes < 0 || nodes > CONTROL_MAX_DEPTH) return undefined;
  const first = control[0] as number;
  const path = Array.from({ length: nodes }, (_, i) => {
    const start = CONTROL_BASE_SIZE + i * CONTROL_NODE_SIZE;
    return control.subarray(start, start + CONTROL_NODE_SIZE);
  });
  return {
    leafVersion: first & 0xfe,
    parity: first & 1,
    internalKey: control.subarray(1, CONTROL_BASE_SIZE),
    path,
  };
}

/** Whether the last of these witness items is an annex, which has no meaning yet but is signed. */
export function hasAnnex(witness: readonly Uint8Array[]): boolean {
  return witness.length >= 2 && witness.at(-1)?.[0] === ANNEX_TAG;
}

/**
 * The hash of an annex that signatures sign.
 * @example annexHash(Uint8Array.of(0x50)).length // 32
 */
export function annexHash(annex: Uint8Array): Uint8Array {
  requireBytes(annex, "annex");

  return sha256(new Writer(annex.length + 5).varBytes(annex).finish());
}

/**
 * Hash of a leaf of the tree.
 * @param leafVersion even; 0xc0 for tapscript
 * @example tapleafHash(scriptFromAsm("1")).length // 32
 */
export function tapleafHash(
  script: Uint8Array,
  leafVersion: number = TAPSCRIPT_LEAF_VERSION,
): Uint8Array {
  requireBytes(script, "script");
  requireNumber(leafVersion, "leafVersion");

  const leaf = new Writer(script.length + 6).u8(leafVersion).varBytes(script).finish();
  return taggedHash("TapLeaf", leaf);
}

/**
 * Hash of an inner node of the tree; which child is left makes no difference.
 * @example
 * const [left, right] = ["1", "2"].map((script) => tapleafHash(scriptFromAsm(script)));
 * equalBytes(tapbranchHash(left, right), tapbranchHash(right, left)) // true
 */
export function tapbranchHash(a: Uint8Array, b: Uint8Array): Uint8Array {
  requireBytes(a, "a");
  requireBytes(b, "b");

  return compareBytes(a, b) < 0 ? taggedHash("TapBranch", a, b) : taggedHash("TapBranch", b, a);
}

/**
 * The number that, times G, is added to the internal key for the output key.
 * @param merkleRoot empty for an output without scripts
 * @example taptweakHash(publicKey.subarray(1), new Uint8Array()).length // 32
 */
export function taptweakHash(internalKey32: Uint8Array, merkleRoot: Uint8Array): Uint8Array {
  requireBytes(internalKey32, "internalKey32");
  requireBytes(merkleRoot, "merkleRoot");

  return taggedHash("TapTweak", internalKey32, merkleRoot);
}
