/** Transactions that other libraries built and signed, of every kind and with every hash type. */
import {
  outputTemplate,
  type SignatureVerifier,
  Transaction,
  type TxOutput,
  verifyTransaction,
} from "@chain/core";
import { isLegacy, isTaproot, SIGNERS } from "@chain/testing/signers";
import { SigHash } from "@scure/btc-signer";
import { beforeAll, describe, expect, test } from "vitest";
import { fastestVerifier } from "../../src/fastest.ts";

const HASH_TYPES = {
  DEFAULT: SigHash.DEFAULT,
  ALL: SigHash.ALL,
  NONE: SigHash.NONE,
  SINGLE: SigHash.SINGLE,
  "ALL|ANYONECANPAY": SigHash.ALL_ANYONECANPAY,
  "NONE|ANYONECANPAY": SigHash.NONE_ANYONECANPAY,
  "SINGLE|ANYONECANPAY": SigHash.SINGLE_ANYONECANPAY,
} as const;

/**
 * Defines the tests: what is signed is valid, and what a signature covers can't be changed.
 * @param step so many hash types of each kind, only one is taken
 */
export function testSigned(step: number): void {
  let verifier: SignatureVerifier;
  beforeAll(async () => {
    verifier = await fastestVerifier();
  });
  const verify = (transaction: Transaction, spent: readonly TxOutput[]) =>
    verifyTransaction(transaction, spent, { verifier });

  describe.each(SIGNERS)("$name", ({ kinds, build }) => {
    const cases = kinds.flatMap((kind, k) =>
      Object.entries(HASH_TYPES)
        .filter(([name]) => name !== "DEFAULT" || isTaproot(kind)) // BIP-0341 brought it
        .filter((_, i) => (k + i) % step === 0)
        .map(([name, type]) => [kind, name, type] as const),
    );
    test.each(cases)("%s, %s", (kind, name, type) => {
      const { raw, id, weight, spent } = build(kind, type);
      const transaction = Transaction.fromBytes(raw);
      expect(outputTemplate(spent[0]!.scriptPubKey).type).toBe(kind.split(" ")[0]);
      expect(verify(transaction, spent)).toEqual({ ok: true, fee: 1000n });
      expect([transaction.txid, transaction.weight]).toEqual([id, weight]);
      expect(transaction.toBytes()).toEqual(Uint8Array.from(raw));

      // A part that a signature covers can't be changed; one that it leaves out can.
      const { inputs, outputs } = transaction;
      const change = (fields: Partial<Transaction>): boolean =>
        verify(new Transaction({ ...transaction, inputs, outputs, ...fields }), spent).ok;
      const paid = (which: number): TxOutput[] =>
        outputs.map((output, i) =>
          i === which ? { ...output, value: output.value - 1n } : output,
        );
      // Each input is signed by itself, so with SINGLE each output is covered by one of the two.
      expect(change({ outputs: paid(0) })).toBe(name.startsWith("NONE"));
      expect(change({ outputs: paid(1) })).toBe(name.startsWith("NONE"));
      expect(change({ lockTime: transaction.lockTime + 1 })).toBe(false);
      expect(change({ version: transaction.version - 1 })).toBe(false);
      const more = [...outputs, { value: 1n, scriptPubKey: new Uint8Array(1) }];
      expect(change({ outputs: more })).toBe(/^(NONE|SINGLE)/.test(name));
      const other = { ...inputs[1]!, prevout: { ...inputs[1]!.prevout, vout: 9 } };
      expect(change({ inputs: [inputs[0]!, other] })).toBe(false); // the second signs it itself
      const alone = new Transaction({
        ...transaction,
        inputs: [inputs[0]!],
        outputs: [outputs[0]!],
      });
      const stands = verify(alone, [spent[0]!]).ok;
      expect(stands).toBe(["SINGLE|ANYONECANPAY", "NONE|ANYONECANPAY"].includes(name));
      // Since SegWit the amount is signed too.
      const richer = spent.map((output) => ({ ...output, value: output.value + 1n }));
      expect(verify(transaction, richer).ok).toBe(isLegacy(kind));
    });
  });
}
