/** Blocks that name their transactions by six bytes (BIP-0152). Core: blockencodings.h. */
import {
  type Block,
  type BlockHeader,
  idToBytes,
  Reader,
  type SipHashKey,
  sha256,
  sipHash,
  type Transaction,
  Writer,
  type Wtxid,
} from "@chain/core";
import type { CmpctBlockMessage } from "@chain/wire";

/**
 * The key of the short names in a block: an attacker cannot make two transactions share one before the nonce is known.
 */
export function shortIdKey(header: BlockHeader, nonce: bigint): SipHashKey {
  const writer = new Writer();
  header.write(writer);
  const reader = new Reader(sha256(writer.u64(nonce).finish()));
  return { k0: reader.u64(), k1: reader.u64() };
}

/** The short name of a transaction: the low 48 bits of the SipHash of its wtxid. */
export function shortId(key: SipHashKey, wtxid: Wtxid): number {
  const { high, low } = sipHash(key, idToBytes(wtxid));
  return low + (high & 0xffff) * 2 ** 32;
}

/**
 * A block in compact form, with only its coinbase whole, because no peer can have that.
 * @param nonce random, so that a collision for one peer is none for others
 */
export function compactBlock({ header, transactions }: Block, nonce: bigint): CmpctBlockMessage {
  const key = shortIdKey(header, nonce);
  const [coinbase, ...others] = transactions as readonly [Transaction, ...Transaction[]];
  return {
    command: "cmpctblock",
    header,
    nonce,
    shortIds: others.map(({ wtxid }) => shortId(key, wtxid)),
    prefilled: [{ index: 0, transaction: coinbase }],
  };
}
