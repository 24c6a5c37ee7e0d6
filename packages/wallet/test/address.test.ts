import {
  bytesToHex,
  DEVNET,
  hash160,
  hexToBytes,
  mainnet,
  p2pkhScript,
  regtest,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOfScript, decodeAddress, encodeAddress } from "../src/address.ts";
import { toWif } from "../src/keys.ts";
import { testKey } from "./support/fixtures.ts";
import { type Base58Vector, vectors } from "./support/vectors.ts";

const hashes = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe("Core's vectors", () => {
  const valid = vectors<readonly Base58Vector[]>("bitcoind/base58_keys_valid.json").filter(
    ([, , { isPrivkey }]) => !isPrivkey,
  );

  test.each(valid)("%s", (text, payload, { isTestnet, addrType }) => {
    const [params, others] = isTestnet ? [regtest, mainnet] : [mainnet, regtest];
    const type = addrType === "script" ? "p2sh" : "p2pkh";
    const hash = hexToBytes(payload);
    expect(encodeAddress({ type, hash }, params)).toBe(text);
    if (type === "p2pkh") {
      const decoded = decodeAddress(text, params);
      expect(decoded).toEqual({ ok: true, type, hash, script: p2pkhScript(hash) });
      expect(addressOfScript(p2pkhScript(hash), params)).toBe(text);
    } else {
      expect(decodeAddress(text, params)).toMatchObject({ ok: false, code: "script-hash" });
      expect(addressOfScript(hexToBytes(`a914${payload}87`), params)).toBe(text);
    }
    expect(decodeAddress(text, others)).toMatchObject({ ok: false, code: "other-network" });
  });

  test.each(
    vectors<readonly [string][]>("bitcoind/base58_keys_invalid.json").map(([text]) => text),
  )("invalid: %j", (text) => {
    for (const params of [mainnet, regtest, DEVNET]) {
      expect(decodeAddress(text, params).ok).toBe(false);
    }
  });
});

describe("a refusal says what is wrong", () => {
  const good = encodeAddress({ type: "p2pkh", hash: new Uint8Array(20).fill(3) }, DEVNET);
  const mistyped = good.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
  test.each([
    ["", "empty", "no address"],
    [mistyped, "checksum", "mistyped"],
    [`${good} `, "not-base58", '" "'],
    [good.replace("C", "0"), "not-base58", '"0"'],
    [`주소${good.slice(2)}`, "not-base58", '"주"'],
    ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "other-network", "Bitcoin's main network"],
    ["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "other-network", "test networks"],
    [encodeAddress({ type: "p2sh", hash: new Uint8Array(20) }, DEVNET), "script-hash", "P2SH"],
    ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "segwit", "bech32"],
    ["cdev1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "segwit", "bech32"],
    ["TB1QRP33G0Q5C5TXSP9ARYSRX4K6ZDKFS4NCE4XJ0GDCCCEFVPYSXF3Q0SL5K7", "segwit", "bech32"],
    [toWif(testKey(1), DEVNET), "private-key", "private key"],
    [toWif(testKey(1, false), mainnet), "private-key", "private key"],
    ["1".repeat(1_000_000), "not-an-address", "too long"],
    ["3MNQE1X", "not-an-address", "not an address"], // the checksum of nothing
  ])("%s", (text, code, words) => {
    const decoded = decodeAddress(text, DEVNET);
    if (decoded.ok) expect.fail("accepted");
    expect(decoded.code).toBe(code);
    expect(decoded.reason).toContain(words);
  });
});

test("devnet's addresses begin with C", () => {
  fc.assert(
    fc.property(hashes, (hash) => {
      const text = encodeAddress({ type: "p2pkh", hash }, DEVNET);
      expect(text).toMatch(/^C/);
      expect(decodeAddress(text, DEVNET)).toMatchObject({ ok: true, hash });
    }),
  );
});

test("one wrong character is found", () => {
  const characters = fc.constantFrom(
    ..."123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
  );
  fc.assert(
    fc.property(hashes, fc.nat(33), characters, (hash, position, character) => {
      const text = encodeAddress({ type: "p2pkh", hash }, DEVNET);
      fc.pre(position < text.length && text[position] !== character);
      const wrong = text.slice(0, position) + character + text.slice(position + 1);
      expect(decodeAddress(wrong, DEVNET).ok).toBe(false);
    }),
  );
});

test("scripts without an address have none", () => {
  const script = p2pkhScript(hash160(testKey(1).publicKey));
  for (const other of ["", "6a", bytesToHex(script.subarray(1)), `${bytesToHex(script)}00`]) {
    expect(addressOfScript(hexToBytes(other), DEVNET)).toBeUndefined();
  }
});

test("a hash of another length is misuse", () => {
  expect(() => encodeAddress({ type: "p2pkh", hash: new Uint8Array(21) }, DEVNET)).toThrow(
    expect.objectContaining({ code: "invalid-length" }),
  );
});
