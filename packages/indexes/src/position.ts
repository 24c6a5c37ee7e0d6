import { type BlockHash, idFromBytes, Reader, Writer } from "@chain/core";
import type { ChainPosition } from "@chain/engine";
import { IndexError } from "./errors.ts";

/** The key of the last block that an index holds. */
export const POSITION_KEY: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x70, 0x70);
const SIZE = 36;

export function encodePosition({ hash, height }: ChainPosition): Uint8Array {
  return new Writer(SIZE).hash(hash).u32(height).finish();
}

/** @throws IndexError `damaged` */
export function decodePosition(bytes: Uint8Array): ChainPosition {
  if (bytes.length !== SIZE) {
    throw new IndexError("damaged", `a position has ${SIZE} bytes, not ${bytes.length}`);
  }
  const reader = new Reader(bytes);
  return { hash: idFromBytes<BlockHash>(reader.take(32)), height: reader.u32() };
}
