import { regtest, type Transaction, type TxOutput } from "@chain/core";
import { psbtCase } from "@chain/testing/psbtCases";
import { describe, expect, test } from "vitest";
import { ExtendedKey } from "../../src/extendedKey.ts";
import {
  combineRawTransactions,
  extractTransaction,
  signPsbt,
  signRawTransaction,
  spentOutput,
  updatePsbt,
} from "../../src/psbt.ts";
import { SigningProvider } from "../../src/signingProvider.ts";

const [a, b, c] = [1, 2, 3].map(
  (n) => `${ExtendedKey.fromSeed(new Uint8Array(32).fill(n), regtest).toPrivateString()}/*`,
) as [string, string, string];

function coinsOf(psbt: ReturnType<typeof psbtCase>["funded"]): TxOutput[] {
  return psbt.inputs.map((_, i) => spentOutput(psbt, i) as TxOutput);
}

describe("a transaction without a PSBT", () => {
  test.each([
    `pk(${a})`,
    `pkh(${a})`,
    `multi(2,${a},${b})`,
    `sh(multi(2,${a},${b},${c}))`,
    `sh(wpkh(${a}))`,
    `sh(wsh(multi(1,${a},${b})))`,
    `wpkh(${a})`,
    `wsh(multi(2,${a},${b}))`,
    `tr(${a},pk(${b}))`,
  ])("is signed as with one: %s", (text) => {
    const { funded, watching, signing } = psbtCase(text, 2, 2);
    const signed = signRawTransaction(funded.transaction, coinsOf(funded), signing);
    expect(signed.errors).toEqual([]);
    const psbt = signPsbt(updatePsbt(funded, { provider: watching }), signing).psbt;
    expect(signed.transaction.wtxid).toBe(extractTransaction(psbt)?.wtxid);
    const again = signRawTransaction(signed.transaction, coinsOf(funded), new SigningProvider());
    expect(again.complete).toBe(true);
    expect(again.transaction.wtxid).toBe(signed.transaction.wtxid);
  });

  test.each([
    `multi(2,${a},${b},${c})`,
    `sh(multi(2,${a},${b},${c}))`,
    `wsh(multi(2,${a},${b},${c}))`,
  ])("of several signers is signed one after the other, or combined: %s", (text) => {
    const { funded, watching, signing } = psbtCase(text, 2);
    const coins = coinsOf(funded);
    const alone = [a, b].map((key) => {
      const provider = psbtCase(`wpkh(${key})`, 2).signing;
      provider.merge(watching);
      return provider;
    }) as [SigningProvider, SigningProvider];
    const [first, second] = alone.map((provider) =>
      signRawTransaction(funded.transaction, coins, provider),
    ) as [ReturnType<typeof signRawTransaction>, ReturnType<typeof signRawTransaction>];
    expect(first.errors).toHaveLength(1);
    const full = signRawTransaction(funded.transaction, coins, signing).transaction;
    const after = signRawTransaction(first.transaction, coins, alone[1]);
    expect(after.complete).toBe(true);
    expect(after.transaction.wtxid).toBe(full.wtxid);
    const combined = combineRawTransactions([first.transaction, second.transaction], coins);
    expect(combined.wtxid).toBe(full.wtxid);
  });

  test("says of each input why it is not signed", () => {
    const { funded } = psbtCase(`pkh(${a})`, 0, 2);
    const [coin] = coinsOf(funded);
    const { errors } = signRawTransaction(
      funded.transaction,
      [coin, undefined],
      new SigningProvider(),
    );
    expect(errors).toEqual([
      { index: 0, reason: "Unable to sign input, invalid stack size (possibly missing key)" },
      { index: 1, reason: "Input not found or already spent" },
    ]);
  });

  test("keeps what nobody can solve", () => {
    const { funded } = psbtCase("raw(51)", 0);
    const signed: Transaction = signRawTransaction(
      funded.transaction,
      coinsOf(funded),
      new SigningProvider(),
    ).transaction;
    expect(signed.txid).toBe(funded.transaction.txid);
  });
});
