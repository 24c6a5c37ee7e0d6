import * as signatures from "@chain/signatures";
import { type Calls, maybe, misuseGaps, misuseProblems } from "@chain/testing/misuse";
import { describe, expect, test } from "vitest";

const bytes = (length: number) => new Uint8Array(length).fill(1);

const calls: Calls = {
  SignaturesError: {},
  fastestVerifier: [maybe(() => undefined)],
  fastestSigner: [],
  loadNativeSigner: [],
  loadNativeVerifier: [],
  loadWasmSigner: [],
  loadWasmVerifier: [],
};

describe("functions called from plain JavaScript", () => {
  test("none is left out", () => {
    expect(misuseGaps(signatures, calls)).toEqual([]);
  });

  test("say what is wrong, by name, with an error of ours", async () => {
    expect(await misuseProblems(signatures, calls)).toEqual([]);
  });

  test("so does every signer", async () => {
    for (const { sign } of [signatures.loadNativeSigner(), await signatures.loadWasmSigner()]) {
      const signing: Calls = { sign: [bytes(32), bytes(32), maybe(bytes(32))] };
      expect(await misuseProblems({ sign }, signing)).toEqual([]);
    }
  });

  test("so does every verifier", async () => {
    for (const verifier of [signatures.loadNativeVerifier(), await signatures.loadWasmVerifier()]) {
      const { verifyEcdsa, verifySchnorr, checkTaprootTweak } = verifier;
      const checks = { verifyEcdsa, verifySchnorr, checkTaprootTweak };
      const checking: Calls = {
        verifyEcdsa: [bytes(64), bytes(32), bytes(33)],
        verifySchnorr: [bytes(64), bytes(32), bytes(32)],
        checkTaprootTweak: [bytes(32), 0, bytes(32), bytes(32)],
      };
      expect(await misuseProblems(checks, checking)).toEqual([]);
    }
  });
});
