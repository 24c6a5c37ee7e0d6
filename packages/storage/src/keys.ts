import { concatBytes, idFromBytes, idToBytes, type Outpoint, type Txid } from "@chain/core";

/** Bytes of an outpoint in a key. */
export const OUTPOINT_KEY_SIZE = 36;

/** The hash as it is in memory, then the index with its highest byte first: keys sort by transaction, then by index. */
export function outpointToKey({ txid, vout }: Outpoint): Uint8Array {
  const index = Uint8Array.of(vout >>> 24, vout >>> 16, vout >>> 8, vout);
  return concatBytes(idToBytes(txid), index);
}

export function outpointFromKey(key: Uint8Array): Outpoint {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return { txid: idFromBytes<Txid>(key.subarray(0, 32)), vout: view.getUint32(32) };
}
