import { bytesToHex, compareBytes, regtest } from "@chain/core";
import { anyDescriptor } from "@chain/testing/descriptorTexts";
import { heapUsed } from "@chain/testing/fuzz";
import { psbtCase } from "@chain/testing/psbtCases";
import * as scure from "@scure/btc-signer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExtendedKey } from "../../src/extendedKey.ts";
import { PrivateKey } from "../../src/keys.ts";
import {
  decodePsbt,
  encodePsbt,
  extractTransaction,
  formatPsbt,
  type Psbt,
  parsePsbt,
  psbtInput,
  signPsbt,
  toPsbtVersion,
  updatePsbt,
} from "../../src/psbt.ts";

/** Of a random descriptor, as far as its keys can sign. */
const psbts = fc
  .tuple(anyDescriptor, fc.nat({ max: 1000 }), fc.constantFrom<0 | 2>(0, 2), fc.boolean())
  .map(([text, index, version, finalize]) => {
    const { funded, watching, signing } = psbtCase(text, index);
    const updated = updatePsbt(toPsbtVersion(funded, version), { provider: watching });
    return signPsbt(updated, signing, { finalize }).psbt;
  });

const reasonOf = (bytes: Uint8Array): string | undefined => {
  const decoded = decodePsbt(bytes);
  return decoded.ok ? undefined : decoded.reason;
};

describe("bytes", () => {
  test("are decoded to the same PSBT, in both versions", () => {
    fc.assert(
      fc.property(psbts, (psbt) => {
        const bytes = encodePsbt(psbt);
        const decoded = decodePsbt(bytes);
        if (!decoded.ok) expect.fail(decoded.reason);
        expect(bytesToHex(encodePsbt(decoded.psbt))).toBe(bytesToHex(bytes));
        expect(decoded.psbt.transaction.txid).toBe(psbt.transaction.txid);
      }),
      { numRuns: 8 },
    );
  });

  test("that are cut anywhere are refused, and so are more", () => {
    const { funded, watching, signing } = psbtCase(
      `sh(wsh(multi(1,${ExtendedKey.fromSeed(new Uint8Array(32), regtest).toPrivateString()}/*)))`,
      1,
    );
    const psbt = signPsbt(updatePsbt(funded, { provider: watching }), signing, {
      finalize: false,
    }).psbt;
    for (const version of [0, 2] as const) {
      const bytes = encodePsbt(toPsbtVersion(psbt, version));
      for (let length = 0; length < bytes.length; length++) {
        expect(reasonOf(bytes.subarray(0, length))).toMatch(/: iostream error$/);
      }
      expect(reasonOf(Uint8Array.of(...bytes, 0))).toBe("extra data after PSBT");
    }
  });

  test("that are damaged are decoded or refused with a reason, and what is decoded is kept", () => {
    fc.assert(
      fc.property(
        psbts,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (psbt, changes) => {
          const bytes = encodePsbt(psbt);
          for (const [place, value] of changes) bytes[place % bytes.length] = value;
          const decoded = decodePsbt(bytes);
          if (!decoded.ok) {
            expect(decoded.reason).toMatch(/^[^\n]+$/);
            return;
          }
          const again = decodePsbt(encodePsbt(decoded.psbt));
          expect(again.ok && formatPsbt(again.psbt)).toBe(formatPsbt(decoded.psbt));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("by chance never throw", () => {
    const magic = [0x70, 0x73, 0x62, 0x74, 0xff];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodePsbt(bytes).ok || true).toBe(true);
        expect(decodePsbt(Uint8Array.of(...magic, ...bytes)).ok || true).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("that claim to be many cost no memory", () => {
    const before = heapUsed();
    // A transaction with 2^25 inputs, a stack of as many items, a key of 32 MB: none of them is there.
    for (const hex of [
      "70736274ff01000a0200000000fe00000002",
      "70736274fffe00000002",
      "70736274ff01000a01000000000000000000fe00000002",
    ]) {
      expect(
        reasonOf(Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))),
      ).toBe("SpanReader::read(): end of data: iostream error");
    }
    expect(heapUsed() - before).toBeLessThan(20_000_000);
  });

  test.each([
    ["", "invalid base64 or no magic"],
    ["AAAA", "SpanReader::read(): end of data: iostream error"],
    ["cHNidP8=", "Separator is missing at the end of the global map: iostream error"],
    ["cHNidP8A", "No unsigned transaction was provided: iostream error"],
    ["cHNidP8", "invalid base64"],
    ["cHNidP8A*", "invalid base64"],
    ["cHNidP8B+wQBAAAAAA==", "Unsupported version number: iostream error"],
    ["cHNidP8B+wQCAAAAAA==", "Transaction version is missing: iostream error"],
  ])("in base64: %s", (text, reason) => {
    const parsed = parsePsbt(text);
    if (text === "") expect(parsed.ok).toBe(false);
    else expect(parsed.ok ? "" : parsed.reason).toBe(reason);
  });

  test("with a key twice are refused", () => {
    const { funded } = psbtCase("raw(51)", 0);
    const base = encodePsbt(funded);
    // Behind the global map; the first key of the input is its previous transaction.
    const end = base.length - 2;
    const record = [1, 0x77, 1, 5];
    const twice = Uint8Array.of(
      ...base.subarray(0, end),
      ...record,
      ...record,
      ...base.subarray(end),
    );
    expect(reasonOf(twice)).toBe(
      "Duplicate Key, key for unknown value already provided: iostream error",
    );
  });
});

describe("@scure/btc-signer", () => {
  const NET = { bech32: "bcrt", pubKeyHash: 0x6f, scriptHash: 0xc4, wif: 0xef };
  const key = new Uint8Array(32).fill(5);
  const { publicKey } = new PrivateKey(key);
  const payments: readonly (readonly [string, ReturnType<typeof scure.p2wpkh>])[] = [
    ["p2wpkh", scure.p2wpkh(publicKey, NET)],
    ["p2pkh", scure.p2pkh(publicKey, NET)],
    ["p2sh-p2wpkh", scure.p2sh(scure.p2wpkh(publicKey, NET), NET)],
    ["p2wsh", scure.p2wsh(scure.p2ms(1, [publicKey]), NET)],
    ["p2tr", scure.p2tr(scure.utils.pubSchnorr(key), undefined, NET)],
  ].map(([name, payment]) => [name, payment] as [string, ReturnType<typeof scure.p2wpkh>]);

  /** Ours, updated for one key. */
  function ours(form: string, version: 0 | 2): { psbt: Psbt; sign: () => Psbt } {
    const wif = scure.WIF(NET).encode(key);
    const text = {
      p2wpkh: `wpkh(${wif})`,
      p2pkh: `pkh(${wif})`,
      "p2sh-p2wpkh": `sh(wpkh(${wif}))`,
      p2wsh: `wsh(multi(1,${wif}))`,
      p2tr: `tr(${wif})`,
    }[form] as string;
    const { funded, watching, signing } = psbtCase(text, 0, 2);
    const psbt = updatePsbt(toPsbtVersion(funded, version), { provider: watching });
    return { psbt, sign: () => signPsbt(psbt, signing).psbt };
  }

  describe.each([0, 2] as const)("in version %i", (version) => {
    test.each(payments)("signs ours, and we take it: %s", (form) => {
      const { psbt } = ours(form, version);
      const theirs = scure.Transaction.fromPSBT(encodePsbt(psbt), { allowUnknown: true });
      expect(theirs.id).toBe(psbt.transaction.txid);
      theirs.sign(key);
      const back = decodePsbt(theirs.toPSBT(version));
      if (!back.ok) expect.fail(back.reason);
      const transaction = extractTransaction(back.psbt);
      // Its ECDSA signatures are other ones: it does not look for a low r.
      theirs.finalize();
      expect(bytesToHex(theirs.extract())).toBe(bytesToHex(transaction?.toBytes() as Uint8Array));
    });

    test.each(payments)("gives us one to sign, and takes it: %s", (form, payment) => {
      const { psbt, sign } = ours(form, 0);
      const made = new scure.Transaction({ allowLegacyWitnessUtxo: true, version: 2 });
      for (const [i, { prevout, sequence }] of psbt.transaction.inputs.entries()) {
        const { previousTransaction, witnessUtxo } = psbtInput(
          psbt.inputs[i] as Psbt["inputs"][number],
        );
        made.addInput({
          txid: prevout.txid,
          index: prevout.vout,
          sequence,
          ...payment,
          ...(previousTransaction === undefined
            ? { witnessUtxo: { script: payment.script, amount: witnessUtxo?.value ?? 0n } }
            : { nonWitnessUtxo: previousTransaction.toBytes() }),
        });
      }
      for (const { value, scriptPubKey } of psbt.transaction.outputs) {
        made.addOutput({ script: scriptPubKey, amount: value });
      }
      const received = decodePsbt(made.toPSBT(version));
      if (!received.ok) expect.fail(received.reason);
      expect(received.psbt.version).toBe(version);
      const { signing } = psbtCase(`combo(${scure.WIF(NET).encode(key)})`, 0);
      const signed = signPsbt(received.psbt, signing);
      expect(signed.complete).toBe(true);
      expect(extractTransaction(signed.psbt)?.wtxid).toBe(extractTransaction(sign())?.wtxid);
      const theirs = scure.Transaction.fromPSBT(encodePsbt(signed.psbt));
      expect(theirs.isFinal).toBe(true);
      expect(
        compareBytes(theirs.extract(), extractTransaction(signed.psbt)?.toBytes() as Uint8Array),
      ).toBe(0);
    });
  });
});
