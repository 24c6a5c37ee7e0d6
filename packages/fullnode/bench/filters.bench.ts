/**
 * Block filters (BIP-0158): to make one, and to look scripts up in it, as `scanblocks` and a light node do for each block.
 * Run with `pnpm bench filters`.
 */
import {
  Block,
  BlockHeader,
  blockFilter,
  filterMatches,
  mainnet,
  Transaction,
  ZERO_TXID,
} from "@chain/core";
import { best } from "./support/measure.ts";

/** As many as in a full block of mainnet. */
const SCRIPTS = 8_000;

/** A P2WPKH script of no key. @param kind so that those of the block and those that are looked up are different */
function script(kind: number, n: number): Uint8Array {
  const bytes = new Uint8Array(22);
  bytes.set([0, 20, kind, n >> 16, n >> 8, n]);
  return bytes;
}

const scripts = (kind: number, count: number) =>
  Array.from({ length: count }, (_, n) => script(kind, n));

const prevout = { txid: ZERO_TXID, vout: 0xffff_ffff };
const coinbase = new Transaction({
  version: 1,
  inputs: [{ prevout, scriptSig: new Uint8Array(2), sequence: 0, witness: [] }],
  outputs: scripts(1, SCRIPTS).map((scriptPubKey) => ({ value: 1n, scriptPubKey })),
  lockTime: 0,
});
const block = new Block(new BlockHeader(mainnet.genesis.header), [coinbase]);
const filter = blockFilter(block, []);

const ROUNDS = 50;
const each = async (act: () => void): Promise<string> => {
  const seconds = await best(() => {
    for (let i = 0; i < ROUNDS; i++) act();
  });
  return `${((seconds / ROUNDS) * 1000).toFixed(2)} ms`;
};

console.log(
  `a filter of ${SCRIPTS} scripts is made in ${await each(() => blockFilter(block, []))}`,
);
for (const count of [1, 20, 1_000]) {
  const wanted = scripts(2, count);
  const time = await each(() => filterMatches(filter, block.hash, wanted));
  console.log(`${count} scripts are looked up in it in ${time}`);
}
