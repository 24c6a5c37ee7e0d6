/**
 * Block 364,292 of mainnet, 999,923 bytes: a coinbase and one transaction of 5,569 inputs, each of whose signatures
 * hashes all of it. It fits in the limits of its day, and is why BIP-0143 hashes otherwise.
 */
import { createRequire } from "node:module";
import {
  Block,
  bytesToHex,
  checkBlock,
  hash160,
  mainnet,
  merkleRoot,
  nobleVerifier,
  p2pkhScript,
  runScriptCheck,
  scriptChecks,
  scriptFlags,
  Transaction,
  type TxInput,
  type TxOutput,
} from "@chain/core";
import { expect, test } from "vitest";

const require = createRequire(import.meta.url);
const { blockhex, blockidhex }: { blockhex: string; blockidhex: string } =
  require("bsv/test/vectors/largesttxblock.json");
const HEIGHT = 364_292;
const block = Block.fromHex(blockhex);

/** The output that an input spent, where it shows: a signature for a hash of a key comes with that key. */
function spentOutput({ scriptSig }: TxInput): TxOutput {
  const publicKey = scriptSig.subarray(2 + (scriptSig[0] as number));
  return { value: 0n, scriptPubKey: p2pkhScript(hash160(publicKey)) };
}

test("it is read, named and written as it was", () => {
  expect(block.hash).toBe(blockidhex);
  expect(block.totalSize).toBe(999_923);
  expect(block.transactions.map(({ inputs }) => inputs.length)).toEqual([1, 5569]);
  expect(bytesToHex(block.toBytes()) === blockhex).toBe(true);
  expect(merkleRoot(block.transactions.map(({ txid }) => txid))).toEqual({
    root: block.header.merkleRoot,
    mutated: false,
  });
  expect(checkBlock(block, mainnet, nobleVerifier)).toEqual({ ok: true });
});

test("its signatures hold for what they sign, and for nothing else", () => {
  const spender = block.transactions[1]!;
  const spent = spender.inputs.map(spentOutput);
  const sample = (transaction: Transaction) =>
    scriptChecks(transaction, spent, scriptFlags(HEIGHT, mainnet))
      .filter((_, index) => index % 100 === 7)
      .map((check) => runScriptCheck(check, nobleVerifier).ok);
  expect(sample(spender)).toEqual(new Array(56).fill(true));
  const { inputs, outputs } = spender;
  const later = new Transaction({ ...spender, inputs, outputs, lockTime: 1 });
  expect(sample(later)).toEqual(new Array(56).fill(false));
});
