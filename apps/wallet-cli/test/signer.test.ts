import { bytesToHex, sha256 } from "@chain/core";
import { fastestSigner, loadNativeSigner, loadWasmSigner } from "@chain/signatures";
import { nobleSigner, PrivateKey } from "@chain/wallet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe.each([
  ["native", async () => loadNativeSigner()],
  ["wasm", loadWasmSigner],
] as const)("%s", (_, load) => {
  test("signs to the same bytes as JavaScript, with and without extra entropy (property)", async () => {
    const signer = await load();
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        bytes32,
        bytes32,
        fc.option(bytes32, { nil: undefined }),
        (secret, hash, extra) => {
          const key = sha256(secret);
          const expected = bytesToHex(nobleSigner.sign(hash, key, extra));
          expect(bytesToHex(signer.sign(hash, key, extra))).toBe(expected);
          const privateKey = new PrivateKey(key);
          expect(bytesToHex(privateKey.sign(hash, signer))).toBe(bytesToHex(privateKey.sign(hash)));
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });

  test("leaves key and hash as they were", async () => {
    const signer = await load();
    const [key, hash] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))];
    signer.sign(hash, key);
    expect([key, hash]).toEqual([sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))]);
  });
});

test("the fastest that loads here is the native one", async () => {
  expect((await fastestSigner())?.name).toBe("native");
});
