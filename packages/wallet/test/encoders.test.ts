/** Each text form that we write is read back, by each network, at the edges where two forms look alike. */
import { bytesToHex, DEVNET, mainnet, regtest, signet, testnet4 } from "@chain/core";
import { base58 } from "@scure/base";
import bs58check from "bs58check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AddressParams,
  addressOfScript,
  decodeAddress,
  encodeAddress,
} from "../src/address.ts";
import { fromWif, PrivateKey, toWif } from "../src/keys.ts";

const NETWORKS: readonly AddressParams[] = [mainnet, testnet4, signet, regtest, DEVNET];
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const HRPS = [...new Set(NETWORKS.map(({ bech32Hrp }) => bech32Hrp))];

const networks = fc.constantFrom(...NETWORKS);
const hash20 = fc.uint8Array({ minLength: 20, maxLength: 20 });

/** All the ways to write a text in capital and small letters. */
function cases(text: string): string[] {
  const [first, ...rest] = text;
  if (first === undefined) return [""];
  return [...new Set([first.toLowerCase(), first.toUpperCase()])].flatMap((letter) =>
    cases(rest.join("")).map((tail) => letter + tail),
  );
}

/** Of them, those that Base58 can hold: it has no `0`, `O`, `I` and `l`. */
const STARTS = HRPS.flatMap((hrp) => cases(`${hrp}1`)).filter((start) =>
  [...start].every((letter) => BASE58.includes(letter)),
);

/** The hash of 20 bytes whose address begins so; `undefined` where the version byte allows none. */
function hashBehind(start: string, tail: string, version: number): Uint8Array | undefined {
  for (const length of [33, 34, 35]) {
    const bytes = base58.decode((start + tail).slice(0, length));
    if (bytes.length === 25 && bytes[0] === version) return bytes.slice(1, 21);
  }
  return undefined;
}

const tails = fc.string({
  unit: fc.constantFrom(...BASE58),
  minLength: 35,
  maxLength: 35,
});

/** Testnets and regtest have the same version bytes, and other bech32 prefixes. */
function reads(own: AddressParams, other: AddressParams, type: string): boolean {
  return type === "witness"
    ? own.bech32Hrp === other.bech32Hrp
    : own.pubkeyHashPrefix === other.pubkeyHashPrefix;
}

describe("Base58 that begins like bech32", () => {
  test("the address of issue 11 is read", () => {
    const text = "CdEV1yyyyyyyyyyyyyyyyyyyyyyyzm48hF";
    const decoded = decodeAddress(text, DEVNET);
    if (!decoded.ok) expect.fail(decoded.reason);
    expect(encodeAddress(decoded, DEVNET)).toBe(text);
  });

  test("every prefix, in every mixture of case, that an address of a network can begin with", () => {
    let met = 0;
    fc.assert(
      fc.property(tails, (tail) => {
        for (const params of NETWORKS) {
          const versions = [
            ["p2pkh", params.pubkeyHashPrefix],
            ["p2sh", params.scriptHashPrefix],
          ] as const;
          for (const start of STARTS) {
            for (const [type, version] of versions) {
              const hash = hashBehind(start, tail, version);
              if (hash === undefined) continue;
              met++;
              const text = encodeAddress({ type, hash }, params);
              expect(decodeAddress(text, params), text).toMatchObject({ ok: true, type, hash });
            }
          }
        }
      }),
      { numRuns: 50 },
    );
    expect(met).toBeGreaterThan(100);
  });

  test("mistyped, it is told to be mistyped and not to mix letters", () => {
    expect(decodeAddress("CdEV1yyyyyyyyyyyyyyyyyyyyyyyzm48hG", DEVNET)).toMatchObject({
      code: "checksum",
    });
  });
});

test("every Base58 address is read by its networks, and named by the others", () => {
  fc.assert(
    fc.property(networks, fc.constantFrom("p2pkh", "p2sh"), hash20, (own, type, hash) => {
      const text = encodeAddress({ type: type as "p2pkh" | "p2sh", hash }, own);
      for (const params of NETWORKS) {
        const decoded = decodeAddress(text, params);
        if (!reads(own, params, type)) {
          expect(decoded).toMatchObject({ ok: false, code: "other-network" });
          continue;
        }
        if (!decoded.ok) expect.fail(`${text}: ${decoded.reason}`);
        expect(addressOfScript(decoded.script, own)).toBe(text);
      }
    }),
  );
});

test("every witness address is read in small and in capital letters, and never mixed", () => {
  const programs = fc.uint8Array({ minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(networks, fc.nat(16), programs, fc.nat(), (own, version, program, at) => {
      fc.pre(version > 0 || program.length === 20 || program.length === 32);
      const text = encodeAddress({ type: "witness", version, program }, own);
      const letters = [...text.matchAll(/[a-z]/g)].map(({ index }) => index);
      const turned = letters[at % letters.length] as number;
      const mixed =
        text.slice(0, turned) + (text[turned] as string).toUpperCase() + text.slice(turned + 1);
      for (const params of NETWORKS) {
        for (const form of [text, text.toUpperCase()]) {
          const decoded = decodeAddress(form, params);
          if (reads(own, params, "witness")) {
            expect(decoded).toMatchObject({ ok: true, version, program });
          } else expect(decoded).toMatchObject({ ok: false, code: "other-network" });
        }
        expect(decodeAddress(mixed, params)).toMatchObject({
          code: "not-an-address",
          reason: expect.stringContaining("mixed"),
        });
      }
    }),
  );
});

test("every private key is read by its networks, and is an address nowhere", () => {
  const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(networks, secrets, fc.boolean(), (own, bytes, compressed) => {
      const key = new PrivateKey(bytes, { compressed });
      const text = toWif(key, own);
      for (const params of NETWORKS) {
        expect(decodeAddress(text, params)).toMatchObject({ code: "private-key" });
        const parsed = fromWif(text, params);
        expect(parsed.ok, parsed.ok ? "" : parsed.reason).toBe(own.wifPrefix === params.wifPrefix);
        if (parsed.ok) {
          expect(bytesToHex(parsed.key.toBytes())).toBe(bytesToHex(bytes));
          expect(parsed.key.compressed).toBe(compressed);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("other lengths and versions are no addresses of ours", () => {
  const payloads = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const known = NETWORKS.flatMap((each) => [each.pubkeyHashPrefix, each.scriptHashPrefix]);
  fc.assert(
    fc.property(networks, payloads, (params, payload) => {
      fc.pre(payload.length !== 21 || !known.includes(payload[0] as number));
      expect(decodeAddress(bs58check.encode(payload), params).ok).toBe(false);
    }),
  );
});
