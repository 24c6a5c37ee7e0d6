/** Transactions that other libraries signed, with all hash types, of which not one bit can be changed. */

import { isTaproot, looseBits, SIGNERS } from "@chain/testing/signers";
import { SigHash } from "@scure/btc-signer";
import { describe, expect, test } from "vitest";
import { fastestVerifier } from "../src/fastest.ts";
import { testSigned } from "./support/signed.ts";

testSigned(1);

describe.each(SIGNERS)("$name", ({ kinds, build }) => {
  test.each(kinds)("%s: no bit at all is loose", async (kind) => {
    const signed = build(kind, isTaproot(kind) ? SigHash.DEFAULT : SigHash.ALL);
    expect(looseBits(signed, await fastestVerifier(), 1)).toEqual([]);
  });
});
