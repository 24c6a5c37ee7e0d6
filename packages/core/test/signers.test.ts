/** Transactions that another library built and signed, of every kind and with every hash type. */
import {
  nobleVerifier,
  outputTemplate,
  Transaction,
  type TxOutput,
  verifyTransaction,
} from "@chain/core";
import * as signer from "@scure/btc-signer";
import { describe, expect, test } from "vitest";
import { testKey } from "./support/blockFactory.ts";
import { rememberingVerifier } from "./support/scriptCases.ts";

const verifier = rememberingVerifier(nobleVerifier);
const [first, second, third] = [testKey(1), testKey(2), testKey(3)];
const keys = [first.publicKey, second.publicKey, third.publicKey];
const x = first.publicKey.subarray(1);

const kinds = {
  pubkeyhash: signer.p2pkh(first.publicKey),
  witness_v0_keyhash: signer.p2wpkh(first.publicKey),
  "scripthash of witness_v0_keyhash": signer.p2sh(signer.p2wpkh(first.publicKey)),
  "scripthash of multisig": signer.p2sh(signer.p2ms(2, keys)),
  "witness_v0_scripthash of multisig": signer.p2wsh(signer.p2ms(2, keys)),
  "scripthash of witness_v0_scripthash": signer.p2sh(signer.p2wsh(signer.p2ms(2, keys))),
  "witness_v1_taproot by its key": signer.p2tr(x),
  "witness_v1_taproot by a script": signer.p2tr(
    undefined,
    { script: signer.p2tr_ns(1, [x])[0]!.script },
    undefined,
    true,
  ),
} as const;

const { SigHash } = signer;
const HASH_TYPES = {
  ALL: SigHash.ALL,
  NONE: SigHash.NONE,
  SINGLE: SigHash.SINGLE,
  "ALL|ANYONECANPAY": SigHash.ALL_ANYONECANPAY,
  "NONE|ANYONECANPAY": SigHash.NONE_ANYONECANPAY,
  "SINGLE|ANYONECANPAY": SigHash.SINGLE_ANYONECANPAY,
} as const;

/** Two inputs of a kind, two outputs. */
function build(kind: keyof typeof kinds, sighashType: number) {
  const payTo = kinds[kind];
  const spent: TxOutput[] = [7000n, 9000n].map((value) => ({ value, scriptPubKey: payTo.script }));
  const made = new signer.Transaction({ allowLegacyWitnessUtxo: true });
  for (const [index, { value: amount, scriptPubKey: script }] of spent.entries()) {
    const input = { txid: "cd".repeat(32), index, sighashType, witnessUtxo: { script, amount } };
    made.addInput({ ...input, ...payTo } as Parameters<typeof made.addInput>[0]);
  }
  for (const amount of [5000n, 10_000n])
    made.addOutput({ script: kinds.pubkeyhash.script, amount });
  for (const { secretKey } of kind.includes("multisig") || kind.endsWith("scripthash")
    ? [first, third]
    : [first]) {
    made.sign(secretKey, [sighashType]);
  }
  made.finalize();
  return { made, raw: made.extract(), spent };
}

const cases = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
  Object.entries(HASH_TYPES).map(([name, type]) => [kind, name, type] as const),
);
const verify = (transaction: Transaction, spent: readonly TxOutput[]) =>
  verifyTransaction(transaction, spent, { verifier });

describe("@scure/btc-signer", () => {
  test.each(cases)("%s, %s", (kind, name, type) => {
    const { made, raw, spent } = build(kind, type);
    const transaction = Transaction.fromBytes(raw);
    expect(outputTemplate(spent[0]!.scriptPubKey).type).toBe(kind.split(" ")[0]);
    expect(verify(transaction, spent)).toEqual({ ok: true, fee: 1000n });
    expect([transaction.txid, transaction.weight]).toEqual([made.id, made.weight]);
    expect(transaction.toBytes()).toEqual(raw);

    // What a signature covers can't be changed; what it leaves out can.
    const { inputs, outputs } = transaction;
    const change = (fields: Partial<Transaction>): boolean =>
      verify(new Transaction({ ...transaction, inputs, outputs, ...fields }), spent).ok;
    const paid = (which: number): TxOutput[] =>
      outputs.map((output, i) => (i === which ? { ...output, value: output.value - 1n } : output));
    // Each input is signed by itself, so with SINGLE each output is covered by one of the two.
    expect(change({ outputs: paid(0) })).toBe(name.startsWith("NONE"));
    expect(change({ outputs: paid(1) })).toBe(name.startsWith("NONE"));
    expect(change({ lockTime: transaction.lockTime + 1 })).toBe(false);
    expect(change({ version: transaction.version - 1 })).toBe(false);
    const more = [...outputs, { value: 1n, scriptPubKey: new Uint8Array(1) }];
    expect(change({ outputs: more })).toBe(!name.startsWith("ALL"));
    const other = { ...inputs[1]!, prevout: { ...inputs[1]!.prevout, vout: 9 } };
    expect(change({ inputs: [inputs[0]!, other] })).toBe(false); // the second signs it itself
    const alone = new Transaction({ ...transaction, inputs: [inputs[0]!], outputs: [outputs[0]!] });
    const stands = verify(alone, [spent[0]!]).ok;
    expect(stands).toBe(["SINGLE|ANYONECANPAY", "NONE|ANYONECANPAY"].includes(name));
    // Since SegWit the amount is signed too.
    const richer = spent.map((output) => ({ ...output, value: output.value + 1n }));
    const isLegacy = ["pubkeyhash", "scripthash of multisig"].includes(kind);
    expect(verify(transaction, richer).ok).toBe(isLegacy);
  });

  test.each(Object.keys(kinds) as (keyof typeof kinds)[])("%s: no bit is loose", (kind) => {
    const { raw, spent } = build(kind, SigHash.ALL);
    for (let bit = 0; bit < 8 * raw.length; bit += 61) {
      const changed = raw.with(bit >> 3, (raw[bit >> 3] as number) ^ (1 << (bit & 7)));
      let accepted: boolean;
      try {
        accepted = verify(Transaction.fromBytes(changed), spent).ok;
      } catch {
        accepted = false; // it is no transaction any more
      }
      expect([bit, accepted]).toEqual([bit, false]);
    }
  });
});
