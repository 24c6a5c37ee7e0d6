import { hash160, mainnet, p2wpkhScript, regtest } from "@chain/core";
import { base64 } from "@scure/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOfScript, encodeAddress } from "../src/address.ts";
import { PrivateKey } from "../src/keys.ts";
import { signMessage, verifyMessage } from "../src/message.ts";

const addressOf = (key: PrivateKey, params = regtest): string =>
  encodeAddress({ type: "p2pkh", hash: hash160(key.publicKey) }, params);
const keys = fc
  .tuple(fc.uint8Array({ minLength: 31, maxLength: 31 }), fc.boolean())
  .map(([bytes, compressed]) => new PrivateKey(Uint8Array.of(1, ...bytes), { compressed }));

describe("a signed message", () => {
  test("is verified for its address, and for nothing else", () => {
    fc.assert(
      fc.property(
        keys,
        fc.string(),
        fc.string(),
        fc.nat({ max: 64 }),
        (key, message, other, at) => {
          const signature = signMessage(message, key);
          const check = (address: string, text: string, content: string) =>
            verifyMessage(address, text, content, regtest);
          expect(check(addressOf(key), signature, message)).toEqual({ ok: true, valid: true });
          if (other !== message) {
            expect(check(addressOf(key), signature, other)).toEqual({ ok: true, valid: false });
          }
          const bytes = base64.decode(signature);
          // Of the first byte three bits alone have a meaning.
          bytes[at] = (bytes[at] as number) ^ 1;
          const damaged = base64.encode(bytes);
          expect(check(addressOf(key), damaged, message)).toEqual({ ok: true, valid: false });
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each([
    ["xyz", "AAAA", "Invalid address"],
    [addressOf(new PrivateKey(new Uint8Array(32).fill(1)), mainnet), "AAAA", "Invalid address"],
    [
      addressOfScript(p2wpkhScript(new Uint8Array(20)), regtest) as string,
      "AAAA",
      "Address does not refer to key",
    ],
    [addressOf(new PrivateKey(new Uint8Array(32).fill(1))), "AAA", "Malformed base64 encoding"],
  ])("of %s with signature %s: %s", (address, signature, reason) => {
    expect(verifyMessage(address, signature, "", regtest)).toMatchObject({ ok: false, reason });
  });

  test.each(["", "AAAA", base64.encode(new Uint8Array(65)), base64.encode(new Uint8Array(66))])(
    "with the signature %s is not verified",
    (signature) => {
      const address = addressOf(new PrivateKey(new Uint8Array(32).fill(1)));
      expect(verifyMessage(address, signature, "m", regtest)).toEqual({ ok: true, valid: false });
    },
  );
});
