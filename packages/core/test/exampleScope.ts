/** Names that examples in docstrings use. */
import type { Scope } from "@chain/testing/docExamples";
import * as core from "../src/index.ts";

/** Block 170 of Bitcoin: the first payment ever, of Satoshi Nakamoto to Hal Finney. */
const BLOCK_170 =
  "0100000055bd840a78798ad0da853f68974f3d183e2bd1db6a842c1feecf222a00000000" +
  "ff104ccb05421ab93e63f8c3ce5c2c2e9dbb37de2764b3a3175c8166562cac7d51b96a49ffff001d283e9e7002" +
  "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff07" +
  "04ffff001d0102ffffffff0100f2052a01000000434104d46c4968bde02899d2aa0963367c7a6ce34eec332b32e4" +
  "2e5f3407e052d64ac625da6f0718e7b302140434bd725706957c092db53805b821a85b23a7ac61725bac00000000" +
  "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402" +
  "204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4" +
  "acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b" +
  "13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1ba" +
  "ded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482e" +
  "cad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000";

/** The header of block 1. */
const HEADER_1 =
  "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e" +
  "1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299";

export function exampleScope(): Scope {
  const block = core.Block.fromHex(BLOCK_170);
  const [, transaction] = block.transactions as [core.Transaction, core.Transaction];
  const [input] = transaction.inputs as [core.TxInput];
  const script = transaction.outputs[1]?.scriptPubKey as Uint8Array;
  const coin: core.Coin = {
    value: 50_0000_0000n,
    scriptPubKey: script,
    height: 9,
    coinbase: true,
  };
  const { previousHash, version, bits, time } = block.header;
  const parent: core.AncestorView = {
    hash: previousHash,
    height: 169,
    version,
    bits,
    time: time - 1,
    medianTimePast: time - 1,
    ancestor: () => undefined,
  };
  const coins = [coin];
  const spend = new core.TransactionSpend(transaction, coins);
  const publicKey = Uint8Array.of(2, ...new Uint8Array(31), 1);
  return {
    block,
    raw: block.toBytes(),
    transaction,
    hex: core.bytesToHex(transaction.toBytes()),
    input,
    script,
    coin,
    coins,
    /** The coins before the block. */
    view: {
      get: ({ txid, vout }: core.Outpoint) =>
        txid === input.prevout.txid && vout === input.prevout.vout ? coin : undefined,
    },
    parent,
    params: core.mainnet,
    header: core.BlockHeader.fromHex(HEADER_1),
    tree: new core.HeaderTree(core.mainnet.genesis.header),
    verifier: core.nobleVerifier,
    checker: core.transactionChecker(spend, 0, core.nobleVerifier),
    flags: core.ScriptFlag.P2SH,
    /** Of the one input, with its hash type. */
    signature: input.scriptSig.subarray(1),
    publicKey,
    hash: core.hash160(publicKey),
    alice: publicKey,
    bob: Uint8Array.of(3, ...new Uint8Array(31), 1),
  };
}
