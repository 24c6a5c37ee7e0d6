import {
  bytesToHex,
  nobleVerifier,
  regtest,
  runScriptCheck,
  SIGHASH_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  type Transaction,
  type TxOutput,
} from "@chain/core";
import { psbtCase } from "@chain/testing/psbtCases";
import { describe, expect, test } from "vitest";
import { ExtendedKey } from "../../src/extendedKey.ts";
import { PrivateKey, toWif } from "../../src/keys.ts";
import {
  analyzePsbt,
  combinePsbts,
  encodePsbt,
  extractTransaction,
  finalizePsbt,
  formatPsbt,
  joinPsbts,
  type Psbt,
  parsePsbt,
  psbtInput,
  signPsbt,
  spentOutput,
  toPsbtVersion,
  updatePsbt,
} from "../../src/psbt.ts";
import { SigningProvider } from "../../src/signingProvider.ts";

const masters = [1, 2, 3].map((n) => ExtendedKey.fromSeed(new Uint8Array(32).fill(n), regtest));
const [a, b, c] = masters.map((each) => `${each.toPrivateString()}/0/*`) as [
  string,
  string,
  string,
];
const wif = toWif(new PrivateKey(new Uint8Array(32).fill(9)), regtest);
const oldWif = toWif(new PrivateKey(new Uint8Array(32).fill(9), { compressed: false }), regtest);

/** One descriptor of each way to spend. */
const FORMS: readonly (readonly [name: string, descriptor: string])[] = [
  ["P2PK", `pk(${a})`],
  ["P2PKH", `pkh([00aabbcc/44h]${a})`],
  ["P2PKH, not compressed", `pkh(${oldWif})`],
  ["bare multisig", `multi(2,${a},${b},${c})`],
  ["P2SH of multisig", `sh(sortedmulti(2,${a},${b},${wif}))`],
  ["P2SH of P2WPKH", `sh(wpkh(${a}))`],
  ["P2SH of P2WSH", `sh(wsh(multi(2,${a},${b})))`],
  ["P2WPKH", `wpkh(${a})`],
  ["P2WSH of multisig", `wsh(multi(2,${a},${b},${c}))`],
  ["P2WSH of a key", `wsh(pk(${a}))`],
  ["P2WSH of a key hash", `wsh(pkh(${a}))`],
  ["Taproot by its key", `tr(${a})`],
  ["Taproot by its key, beside scripts", `tr(${a},{pk(${b}),pk(${c})})`],
  ["Taproot by its output key", `rawtr(${wif})`],
  ["Taproot by a script", `tr(${masters[0]?.toPublicString()},{pk(${b}),multi_a(2,${b},${c})})`],
  ["Taproot by a multisig", `tr(${masters[0]?.toPublicString()},multi_a(2,${b},${wif},${c}))`],
  ["all of combo", `combo(${a})`],
];
/** The slow suite compares all of them with Core. */
const HASH_TYPES = [SIGHASH_SINGLE | SIGHASH_ANYONECANPAY];

function coinsOf(psbt: Psbt): TxOutput[] {
  return psbt.inputs.map((_, i) => spentOutput(psbt, i) ?? expect.fail(`no coin ${i}`));
}

/** As a node would. */
function expectValid(transaction: Transaction | undefined, coins: readonly TxOutput[]): void {
  if (transaction === undefined) expect.fail("not extracted");
  const spent = coins.map((coin) => ({ ...coin, height: 1, coinbase: false }));
  for (const check of scriptChecks(transaction, spent, STANDARD_SCRIPT_FLAGS)) {
    expect(runScriptCheck(check, nobleVerifier)).toEqual({ ok: true });
  }
}

/** Through text, as it goes from one program to another. */
function passOn(psbt: Psbt): Psbt {
  const parsed = parsePsbt(formatPsbt(psbt));
  if (!parsed.ok) expect.fail(parsed.reason);
  expect(formatPsbt(parsed.psbt)).toBe(formatPsbt(psbt));
  return parsed.psbt;
}

describe.each(FORMS)("%s", (_, text) => {
  test("is updated, signed, finalized and extracted, and a node takes it", () => {
    const { funded, watching, signing } = psbtCase(text, 5, 2);
    expect(analyzePsbt(funded).next).not.toBe("extractor");
    const updated = passOn(updatePsbt(passOn(funded), { provider: watching }));
    expect(analyzePsbt(updated).error).toBeUndefined();
    const signed = signPsbt(updated, signing, { finalize: false });
    expect(signed).toMatchObject({ complete: true });
    const unfinished = passOn(signed.psbt);
    expect(analyzePsbt(unfinished).next).toBe("finalizer");
    const finalized = finalizePsbt(unfinished);
    expect(finalized.complete).toBe(true);
    const final = passOn(finalized.psbt);
    expect(analyzePsbt(final).next).toBe("extractor");
    const transaction = extractTransaction(final);
    expectValid(transaction, coinsOf(final));
    expect(transaction?.outputs).toEqual(funded.transaction.outputs);
  });

  test.each(HASH_TYPES)("is signed with hash type %i", (hashType) => {
    const { funded, watching, signing } = psbtCase(text, 0);
    const updated = updatePsbt(funded, { provider: watching });
    const { psbt, complete } = signPsbt(updated, signing, { hashType, finalize: false });
    expect(complete).toBe(true);
    expect(psbtInput(psbt.inputs[0] as Psbt["inputs"][number]).sighashType).toBe(hashType);
    expectValid(extractTransaction(passOn(psbt)), coinsOf(psbt));
  });

  test("is signed in version 2 with the same bytes, of the size that was estimated before", () => {
    const { funded, watching, signing } = psbtCase(text, 3);
    const inV2 = passOn(toPsbtVersion(funded, 2));
    expect(inV2.version).toBe(2);
    const signed = signPsbt(updatePsbt(inV2, { provider: watching }), signing).psbt;
    const updated = updatePsbt(funded, { provider: watching });
    const reference = signPsbt(updated, signing).psbt;
    expect(formatPsbt(toPsbtVersion(passOn(signed), 0))).toBe(formatPsbt(reference));
    const transaction = extractTransaction(reference);
    expect(extractTransaction(signed)?.wtxid).toBe(transaction?.wtxid);

    const { estimatedVsize, fee, inputs } = analyzePsbt(updated);
    const size = transaction?.virtualSize ?? 0;
    expect(fee).toBe(BigInt(inputs.length) * 40_000n);
    // Core supposes that Taproot outputs are spent by their keys, and counts the operations of a bare multisig.
    if (text.includes("multi_a") || text.startsWith("multi")) return;
    // A signature may have a byte less.
    expect(estimatedVsize).toBeGreaterThanOrEqual(size);
    expect(estimatedVsize).toBeLessThanOrEqual(size + 3 * inputs.length);
  });

  test("is not signed without its keys, and nothing of it is lost", () => {
    const { funded, watching } = psbtCase(text, 1);
    const updated = updatePsbt(funded, { provider: watching });
    const { psbt, complete, outcomes } = signPsbt(updated, new SigningProvider());
    expect(complete).toBe(false);
    expect(new Set(outcomes)).toEqual(new Set(["incomplete"]));
    expect(formatPsbt(psbt)).toBe(formatPsbt(updated));
    expect(extractTransaction(psbt)).toBeUndefined();
  });
});

describe("several signers", () => {
  test.each([
    ["P2WSH", `wsh(multi(2,${a},${b},${c}))`],
    ["P2SH", `sh(multi(2,${a},${b},${c}))`],
    ["Taproot", `tr(${masters[0]?.toPublicString()},multi_a(2,${b},${c}))`],
  ])("of %s sign one after the other or at once, and the combiner adds them up", (_, text) => {
    const { funded, watching } = psbtCase(text, 4, 2);
    const updated = updatePsbt(funded, { provider: watching });
    const alone = [b, c].map((key) => {
      const { signing } = psbtCase(`wpkh(${key})`, 4);
      const { psbt, complete } = signPsbt(updated, signing);
      expect(complete).toBe(false);
      expect(analyzePsbt(psbt).next).not.toBe("extractor");
      return passOn(psbt);
    });
    const combined = combinePsbts(alone);
    if (!combined.ok) expect.fail(combined.reason);
    expectValid(extractTransaction(combined.psbt), coinsOf(updated));
    const [first, second] = alone as [Psbt, Psbt];
    const again = combinePsbts([second, first, second]);
    expect(again.ok && formatPsbt(again.psbt)).toBe(formatPsbt(combined.psbt));
  });

  test("of different transactions are not combined", () => {
    const [one, other] = [1, 2].map((index) => psbtCase(`wpkh(${a})`, index).funded) as [
      Psbt,
      Psbt,
    ];
    expect(combinePsbts([one, other])).toMatchObject({
      reason: "PSBTs not compatible (different transactions)",
    });
    expect(combinePsbts([])).toMatchObject({ reason: "Parameter 'txs' cannot be empty" });
  });
});

describe("joining", () => {
  const cases = [1, 2].map((index) => psbtCase(`wpkh(${a})`, index));
  const [one, other] = cases.map(({ funded, watching }) =>
    updatePsbt(funded, { provider: watching }),
  ) as [Psbt, Psbt];

  test("puts inputs and outputs of both into one, without signatures", () => {
    const signed = signPsbt(one, (cases[0] as (typeof cases)[0]).signing).psbt;
    const joined = joinPsbts([signed, other], (list) => list.toReversed());
    if (!joined.ok) expect.fail(joined.reason);
    const { transaction, inputs } = joined.psbt;
    expect(transaction.inputs.map(({ prevout }) => prevout)).toEqual(
      [other, one].map(
        ({
          transaction: {
            inputs: [input],
          },
        }) => input?.prevout,
      ),
    );
    expect(inputs.map((map) => psbtInput(map).finalWitness)).toEqual([undefined, undefined]);
    passOn(joined.psbt);
  });

  test("refuses an input that comes twice, and one PSBT alone", () => {
    const [{ prevout }] = one.transaction.inputs as [Transaction["inputs"][number]];
    expect(joinPsbts([one, other, one])).toMatchObject({
      reason: `Input ${prevout.txid}:${prevout.vout} exists in multiple PSBTs`,
    });
    expect(joinPsbts([one])).toMatchObject({
      reason: "At least two PSBTs are required to join PSBTs.",
    });
  });
});

describe("a signer", () => {
  test("does not sign with a hash type that only the PSBT asks for", () => {
    const { funded, watching, signing } = psbtCase(`wpkh(${a})`, 0);
    const map = (funded.inputs[0] as Psbt["inputs"][number]).set(
      3,
      new Uint8Array(0),
      Uint8Array.of(SIGHASH_NONE, 0, 0, 0),
    );
    const asking = updatePsbt(funded.withInput(0, map), { provider: watching });
    expect(signPsbt(asking, signing).outcomes).toEqual(["sighash-mismatch"]);
    expect(signPsbt(asking, signing, { hashType: SIGHASH_NONE }).complete).toBe(true);
  });

  test("does not sign an input from before SegWit without its previous transaction", () => {
    const { funded, signing } = psbtCase(`pkh(${a})`, 0);
    const [map] = funded.inputs as [Psbt["inputs"][number]];
    const { value, scriptPubKey } = spentOutput(funded, 0) as TxOutput;
    const utxo = Uint8Array.of(0xa0, 0x86, 1, 0, 0, 0, 0, 0, scriptPubKey.length, ...scriptPubKey);
    expect(value).toBe(100_000n);
    const lacking = funded.withInput(0, map.without(() => true).set(1, new Uint8Array(0), utxo));
    expect(signPsbt(lacking, signing).outcomes).toEqual(["incomplete"]);
    expect(
      signPsbt(
        funded.withInput(
          0,
          map.without(() => true),
        ),
        signing,
      ).outcomes,
    ).toEqual(["missing-coin"]);
  });

  test("keeps what it does not know", () => {
    const { funded, watching, signing } = psbtCase(`tr(${a})`, 0);
    const key = Uint8Array.of(1, 2, 3);
    const strange = funded
      .withGlobal(funded.global.set(0xfc, Uint8Array.of(1, 7, 0), key))
      .withInput(0, (funded.inputs[0] as Psbt["inputs"][number]).set(0x77, key, key))
      .withOutput(0, (funded.outputs[0] as Psbt["inputs"][number]).set(0x1a, key, key));
    const { psbt } = signPsbt(updatePsbt(strange, { provider: watching }), signing);
    const kept = passOn(psbt);
    expect(kept.global.get(0xfc, Uint8Array.of(1, 7, 0))).toEqual(key);
    expect(kept.inputs[0]?.get(0x77, key)).toEqual(key);
    expect(kept.outputs[0]?.get(0x1a, key)).toEqual(key);
  });
});

describe("version 2", () => {
  test("takes the lock time that all inputs agree on, or says that there is none", () => {
    const { funded } = psbtCase(`wpkh(${a})`, 0, 2);
    const inV2 = toPsbtVersion(funded, 2);
    const u32 = (value: number) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, value, true);
      return bytes;
    };
    const asking = (...locks: readonly (readonly [type: number, value: number][])[]) => {
      const psbt = locks.reduce(
        (result, records, index) =>
          result.withInput(
            index,
            records.reduce(
              (map, [type, value]) => map.set(type, new Uint8Array(0), u32(value)),
              result.inputs[index] as Psbt["inputs"][number],
            ),
          ),
        inV2,
      );
      const parsed = parsePsbt(formatPsbt(psbt));
      return parsed.ok ? parsed.psbt.transaction.lockTime : parsed.reason;
    };
    const [TIME, HEIGHT] = [0x11, 0x12];
    expect(asking()).toBe(0);
    expect(asking([[HEIGHT, 100]])).toBe(100);
    expect(asking([[HEIGHT, 100]], [[HEIGHT, 90]])).toBe(100);
    expect(asking([[TIME, 500_000_007]], [[TIME, 500_000_001]])).toBe(500_000_007);
    expect(
      asking(
        [
          [HEIGHT, 100],
          [TIME, 500_000_001],
        ],
        [[TIME, 500_000_000]],
      ),
    ).toBe(500_000_001);
    expect(
      asking(
        [
          [HEIGHT, 100],
          [TIME, 500_000_001],
        ],
        [[HEIGHT, 7]],
      ),
    ).toBe(100);
    expect(asking([[HEIGHT, 100]], [[TIME, 500_000_000]])).toMatch(/lock times of different kinds/);
    expect(asking([[HEIGHT, 500_000_000]])).toMatch(/Required height lock time is no height/);
    expect(asking([[TIME, 7]])).toMatch(/Required time lock time is no time/);
  });

  test("shares no unsigned transaction with version 0", () => {
    const { funded } = psbtCase(`wpkh(${a})`, 0);
    const bytes = encodePsbt(toPsbtVersion(funded, 2));
    expect(bytesToHex(bytes)).not.toContain(bytesToHex(funded.transaction.toBytes()));
    expect(bytesToHex(encodePsbt(funded))).toContain(bytesToHex(funded.transaction.toBytes()));
  });
});
