/** Values of PSBT records, between bytes and what they mean. */

import {
  compareBytes,
  concatBytes,
  equalBytes,
  Reader,
  readOutput,
  Transaction,
  type TxOutput,
  Writer,
  writeOutput,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { KeyOrigin } from "../signingProvider.ts";
import type { TaprootLeaf } from "../taproot.ts";
import { PsbtProblem } from "./problem.ts";

export function encodeU32(value: number): Uint8Array {
  return new Writer(4).u32(value).finish();
}

export function decodeU32(value: Uint8Array): number {
  return new Reader(value).u32();
}

export function encodeOutput(output: TxOutput): Uint8Array {
  const writer = new Writer(output.scriptPubKey.length + 17);
  writeOutput(writer, output);
  return writer.finish();
}

export function decodeOutput(value: Uint8Array): TxOutput {
  return readOutput(new Reader(value));
}

/** The previous transaction of an input, without its witness: nothing that is signed depends on that. */
export function encodePrevious(transaction: Transaction): Uint8Array {
  return transaction.toBytes({ witness: false });
}

export function decodePrevious(value: Uint8Array): Transaction {
  return Transaction.fromBytes(value);
}

/** Fingerprint, and each step of the path in four bytes. */
export function encodeOrigin({ fingerprint, path }: KeyOrigin): Uint8Array {
  const writer = new Writer(4 + 4 * path.length).bytes(fingerprint);
  for (const step of path) writer.u32(step);
  return writer.finish();
}

/** Core: DeserializeKeyOrigin. @throws PsbtProblem */
export function decodeOrigin(value: Uint8Array): KeyOrigin {
  if (value.length % 4 !== 0 || value.length === 0) {
    throw new PsbtProblem("invalid-psbt", "Invalid length for HD key path");
  }
  const reader = new Reader(value);
  const fingerprint = reader.take(4);
  const path: number[] = [];
  while (reader.remaining > 0) path.push(reader.u32());
  return { fingerprint, path };
}

export function encodeStack(items: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer().compactSize(items.length);
  for (const item of items) writer.varBytes(item);
  return writer.finish();
}

/** @throws CoreError `truncated`, `oversized`, `non-canonical-compact-size` */
export function readStack(reader: Reader): Uint8Array[] {
  const count = reader.compactSize();
  const items: Uint8Array[] = [];
  for (let i = 0; i < count; i++) items.push(reader.varBytes());
  return items;
}

export function decodeStack(value: Uint8Array): Uint8Array[] {
  return readStack(new Reader(value));
}

/** Where a Taproot key is used: the leaves that hold it, none for the internal key, and its origin. */
export interface TaprootKeyUse {
  /** `tapleafHash` of each, sorted. */
  readonly leafHashes: readonly Uint8Array[];
  readonly origin: KeyOrigin;
}

export function encodeTaprootKeyUse({ leafHashes, origin }: TaprootKeyUse): Uint8Array {
  const sorted = [...leafHashes]
    .sort(compareBytes)
    .filter((hash, i, all) => i === 0 || !equalBytes(hash, present(all[i - 1], "all[i - 1]")));
  const writer = new Writer().compactSize(sorted.length);
  for (const hash of sorted) writer.bytes(hash);
  return concatBytes(writer.finish(), encodeOrigin(origin));
}

/** @throws CoreError, PsbtProblem */
export function decodeTaprootKeyUse(value: Uint8Array): TaprootKeyUse {
  const reader = new Reader(value);
  const count = reader.compactSize();
  const leafHashes: Uint8Array[] = [];
  for (let i = 0; i < count; i++) leafHashes.push(reader.take(32));
  return { leafHashes, origin: decodeOrigin(value.subarray(reader.position)) };
}

/** Scripts of a tree from left to right, with their depths (BIP-0371). */
export function encodeTaprootTree(leaves: readonly TaprootLeaf[]): Uint8Array {
  const writer = new Writer();
  for (const { depth, leafVersion, script } of leaves) {
    writer.u8(depth).u8(leafVersion).varBytes(script);
  }
  return writer.finish();
}

export function decodeTaprootTree(value: Uint8Array): TaprootLeaf[] {
  const reader = new Reader(value);
  const leaves: TaprootLeaf[] = [];
  while (reader.remaining > 0) {
    leaves.push({ depth: reader.u8(), leafVersion: reader.u8(), script: reader.varBytes() });
  }
  return leaves;
}
