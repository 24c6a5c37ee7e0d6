import { bytesToHex, regtest } from "@chain/core";
import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../src/descriptor/descriptor.ts";
import { createMultisig } from "../../src/descriptor/multisig.ts";
import { PrivateKey } from "../../src/keys.ts";

const key = (n: number, compressed = true): Uint8Array =>
  new PrivateKey(new Uint8Array(32).fill(n), { compressed }).publicKey;

describe("a multisig address", () => {
  test.each([
    ["legacy", /^sh\(multi\(2,/],
    ["p2sh-segwit", /^sh\(wsh\(multi\(2,/],
    ["bech32", /^wsh\(multi\(2,/],
  ] as const)("of type %s is that of its descriptor", (type, form) => {
    const made = createMultisig(2, [key(1), key(2), key(3)], type, regtest);
    if (!made.ok) expect.fail(made.reason);
    expect(made.descriptor).toMatch(form);
    expect(made.warnings).toEqual([]);
    const parsed = parseDescriptor(made.descriptor, regtest, { requireChecksum: true });
    expect(parsed.ok && parsed.descriptor.addresses(0)).toEqual({
      ok: true,
      addresses: [made.address],
    });
    expect(bytesToHex(made.redeemScript)).toMatch(/^5221.*53ae$/);
  });

  test("with an uncompressed key is of type legacy, and says so", () => {
    const made = createMultisig(1, [key(1), key(2, false)], "bech32", regtest);
    expect(made).toMatchObject({
      ok: true,
      address: expect.stringMatching(/^2/),
      warnings: [
        "Unable to make chosen address type, please ensure no uncompressed public keys are present.",
      ],
    });
  });

  test.each([
    [0, 1, "a multisignature address must require at least one key to redeem"],
    [2, 1, "not enough keys supplied (got 1 keys, but need at least 2 to redeem)"],
    [
      1,
      21,
      "Number of keys involved in the multisignature address creation > 20\nReduce the number",
    ],
    [1, 16, "redeemScript exceeds size limit: 547 > 520"],
  ])("of %i of %i keys is refused", (required, count, reason) => {
    const keys = Array.from({ length: count }, (_, n) => key(n + 1));
    expect(createMultisig(required, keys, "legacy", regtest)).toMatchObject({ ok: false, reason });
  });
});
