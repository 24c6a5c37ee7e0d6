/** Anything that has an encoding. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  type MerkleRoot,
  reversedHex,
  Transaction,
  type Txid,
} from "@chain/core";
import fc from "fast-check";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(reversedHex);
export const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff_ffff });
export const i32: fc.Arbitrary<number> = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
export const i64: fc.Arbitrary<bigint> = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

const input = fc.record({
  prevout: fc.record({ txid: hash.map((text) => text as Txid), vout: u32 }),
  scriptSig: bytes(300),
  sequence: u32,
  witness: fc.array(bytes(80), { maxLength: 3 }),
});
export const transaction: fc.Arbitrary<Transaction> = fc
  .record({
    version: i32,
    inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
    outputs: fc.array(fc.record({ value: i64, scriptPubKey: bytes(300) }), { maxLength: 4 }),
    lockTime: u32,
  })
  .map((fields) => new Transaction(fields));
const header = fc
  .record({
    version: i32,
    previousHash: hash.map((text) => text as BlockHash),
    merkleRoot: hash.map((text) => text as MerkleRoot),
    time: u32,
    bits: u32,
    nonce: u32,
  })
  .map((fields) => new BlockHeader(fields));
export const block: fc.Arbitrary<Block> = fc
  .tuple(header, fc.array(transaction, { maxLength: 4 }))
  .map(([head, transactions]) => new Block(head, transactions));
