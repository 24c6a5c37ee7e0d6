/** Transactions that other libraries signed: half of the hash types of each kind, and some bits. The slow suite has all. */
import { isTaproot, looseBits, SIGNERS } from "@chain/testing/signers";
import { SigHash } from "@scure/btc-signer";
import { describe, expect, test } from "vitest";
import { fastestVerifier } from "../src/fastest.ts";
import { testSigned } from "./support/signed.ts";

testSigned(2);

describe.each(SIGNERS)("$name", ({ kinds, build }) => {
  test.each(kinds)("%s: no bit is loose", async (kind) => {
    const signed = build(kind, isTaproot(kind) ? SigHash.DEFAULT : SigHash.ALL);
    // Every one of them in the slow suite.
    expect(looseBits(signed, await fastestVerifier(), 41)).toEqual([]);
  });
});
