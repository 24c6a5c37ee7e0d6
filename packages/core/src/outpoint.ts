import type { Reader } from "./encoding/reader.ts";
import type { Writer } from "./encoding/writer.ts";
import { type Txid, ZERO_TXID } from "./ids.ts";
import { requireOutpoint, requireReader, requireWriter } from "./shapes.ts";

/** Names one output of one transaction. */
export interface Outpoint {
  readonly txid: Txid;
  /** Index of the output, from 0. */
  readonly vout: number;
}

/** The outpoint of a coinbase input, which spends nothing. */
export const NULL_OUTPOINT: Outpoint = /* @__PURE__ */ Object.freeze({
  txid: ZERO_TXID,
  vout: 0xffff_ffff,
});

declare const brand: unique symbol;
/** An outpoint as a `Map` key: `txid:vout`. */
export type OutpointKey = string & { readonly [brand]: "OutpointKey" };

export function outpointKey(outpoint: Outpoint): OutpointKey {
  requireOutpoint(outpoint, "outpoint");

  return `${outpoint.txid}:${outpoint.vout}` as OutpointKey;
}

export function isNullOutpoint(outpoint: Outpoint): boolean {
  requireOutpoint(outpoint, "outpoint");

  return outpoint.vout === 0xffff_ffff && outpoint.txid === ZERO_TXID;
}

/** 36 bytes: the hash, then the index. */
export function readOutpoint(reader: Reader): Outpoint {
  requireReader(reader, "reader");

  return { txid: reader.hash<Txid>(), vout: reader.u32() };
}

export function writeOutpoint(writer: Writer, outpoint: Outpoint): void {
  requireWriter(writer, "writer");
  requireOutpoint(outpoint, "outpoint");

  writer.hash(outpoint.txid).u32(outpoint.vout);
}
