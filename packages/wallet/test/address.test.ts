import {
  bytesToHex,
  DEVNET,
  hash160,
  hexToBytes,
  mainnet,
  p2pkhScript,
  p2shScript,
  regtest,
  testnet4,
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
    const script = type === "p2pkh" ? p2pkhScript(hash) : p2shScript(hash);
    expect(decodeAddress(text, params)).toEqual({ ok: true, type, hash, script });
    expect(addressOfScript(script, params)).toBe(text);
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

describe("the vectors of BIP-0350", () => {
  test.each([
    ["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"],
    [
      "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
      "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ],
    [
      "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
      "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
    ],
    ["BC1SW50QGDZ25J", "6002751e"],
    ["bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323"],
    [
      "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
      "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ],
    [
      "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
      "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ],
    [
      "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
      "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    ],
    ["bc1pfeessrawgf", "51024e73"],
  ])("%s", (text, hex) => {
    const [params, others] = text.startsWith("tb") ? [testnet4, mainnet] : [mainnet, testnet4];
    const decoded = decodeAddress(text, params);
    if (!decoded.ok) expect.fail(decoded.reason);
    expect(bytesToHex(decoded.script)).toBe(hex);
    expect(encodeAddress(decoded, params)).toBe(text.toLowerCase());
    expect(addressOfScript(decoded.script, params)).toBe(text.toLowerCase());
    expect(decodeAddress(text, others)).toMatchObject({ ok: false, code: "other-network" });
  });

  test.each([
    [
      "another human-readable part",
      "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
    ],
    ["bech32 for version 1", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"],
    ["bech32 for version 2", "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf"],
    ["bech32 for version 16", "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL"],
    ["bech32m for version 0", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh"],
    ["bech32m for version 0", "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47"],
    [
      "a character of no checksum",
      "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    ],
    ["version 17", "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R"],
    ["a program of 1 byte", "bc1pw5dgrnzv"],
    [
      "a program of 41 bytes",
      "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
    ],
    ["16 bytes of version 0", "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P"],
    ["mixed case", "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq"],
    [
      "padding of more than 4 bits",
      "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
    ],
    ["padding that is not zero", "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j"],
    ["nothing in it", "bc1gmk9yu"],
  ])("refused: %s", (_, text) => {
    for (const params of [mainnet, testnet4, DEVNET]) {
      expect(decodeAddress(text, params).ok).toBe(false);
    }
  });
});

test("every witness program has an address that leads back to it", () => {
  const programs = fc.uint8Array({ minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(fc.nat(16), programs, (version, program) => {
      fc.pre(version > 0 || program.length === 20 || program.length === 32);
      const text = encodeAddress({ type: "witness", version, program }, DEVNET);
      expect(text).toMatch(/^cdev1/);
      expect(decodeAddress(text, DEVNET)).toMatchObject({ ok: true, version, program });
      const position = 5 + ((program[0] as number) % (text.length - 5));
      const other = text[position] === "q" ? "p" : "q";
      const wrong = text.slice(0, position) + other + text.slice(position + 1);
      expect(decodeAddress(wrong, DEVNET).ok).toBe(false);
    }),
  );
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
    ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "other-network", "main network"],
    ["cdev1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "checksum", "mistyped"],
    [
      "TB1QRP33G0Q5C5TXSP9ARYSRX4K6ZDKFS4NCE4XJ0GDCCCEFVPYSXF3Q0SL5K7",
      "other-network",
      "test networks",
    ],
    ["tb1Qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7", "not-an-address", "mixed"],
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

test("a program of another length is misuse", () => {
  const wrong = { type: "witness", version: 0, program: new Uint8Array(21) } as const;
  expect(() => encodeAddress(wrong, DEVNET)).toThrow(
    expect.objectContaining({ code: "invalid-length" }),
  );
  expect(() => encodeAddress({ ...wrong, version: 17 }, DEVNET)).toThrow(
    expect.objectContaining({ code: "out-of-range" }),
  );
});

test("a hash of another length is misuse", () => {
  expect(() => encodeAddress({ type: "p2pkh", hash: new Uint8Array(21) }, DEVNET)).toThrow(
    expect.objectContaining({ code: "invalid-length" }),
  );
});
