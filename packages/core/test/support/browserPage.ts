/** A web page that uses `@chain/core`: checks Bitcoin's first payment, and that a changed one is refused. */
import { hexToBytes, mainnet, Transaction, verifyTransaction } from "@chain/core";

declare const document: { title: string };

/** 2009-01-12, block 170: Satoshi pays Hal Finney 10 of the 50 coins of block 9. */
const FIRST_PAYMENT =
  "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000";

const transaction = Transaction.fromHex(FIRST_PAYMENT);
const change = transaction.outputs[1];
if (change === undefined) throw new TypeError("the first payment has two outputs");
// The coin that it spends was locked like its change.
const spent = [{ value: 5_000_000_000n, scriptPubKey: change.scriptPubKey }];
const forged = Transaction.fromHex(FIRST_PAYMENT.replace("00ca9a3b", "00ca9a3a"));
const verdicts = [transaction, forged].map((each) => {
  const verdict = verifyTransaction(each, spent, { flags: 0 });
  return verdict.ok ? "valid" : verdict.reason;
});
const genesis = mainnet.genesis.hash.startsWith("000000000019d6689c085ae165831e93");
document.title = JSON.stringify({
  txid: transaction.txid,
  verdicts,
  genesis,
  bytes: hexToBytes(FIRST_PAYMENT).length,
});
