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

/**
 * @example
 * const coins = new Map([[outpointKey(input.prevout), coin]]);
 * coins.get(outpointKey({ ...input.prevout })) === coin // true
 */
export function outpointKey(outpoint: Outpoint): OutpointKey {
  requireOutpoint(outpoint, "outpoint");

  return `${outpoint.txid}:${outpoint.vout}` as OutpointKey;
}

/** @example isNullOutpoint(block.transactions[0].inputs[0].prevout) // true: of a coinbase */
export function isNullOutpoint(outpoint: Outpoint): boolean {
  requireOutpoint(outpoint, "outpoint");

  return outpoint.vout === 0xffff_ffff && outpoint.txid === ZERO_TXID;
}

/**
 * 36 bytes: the hash, then the index.
 * @example
 * const bytes = new Writer();
 * writeOutpoint(bytes, input.prevout);
 * readOutpoint(new Reader(bytes.finish())) // input.prevout
 */
export function readOutpoint(reader: Reader): Outpoint {
  requireReader(reader, "reader");

  return { txid: reader.hash<Txid>(), vout: reader.u32() };
}

/**
 * @example
 * const writer = new Writer();
 * writeOutpoint(writer, input.prevout);
 * writer.length // 36
 */
export function writeOutpoint(writer: Writer, outpoint: Outpoint): void {
  requireWriter(writer, "writer");
  requireOutpoint(outpoint, "outpoint");

  writer.hash(outpoint.txid).u32(outpoint.vout);
}
