import { Output } from "@bitcoinerlab/descriptors";
import { bytesToHex, mainnet, regtest } from "@chain/core";
import {
  anyDescriptor,
  damagedDescriptor,
  MISTAKES,
  MULTIPATH,
  SOLVABLE,
} from "@chain/testing/descriptorTexts";
import { networks } from "bitcoinjs-lib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Descriptor, parseDescriptor } from "../../src/descriptor/descriptor.ts";

function parsed(text: string, params = regtest): readonly Descriptor[] {
  const result = parseDescriptor(text, params);
  return result.ok ? result.descriptors : expect.fail(`${text}: ${result.reason}`);
}

const only = (text: string): Descriptor => parsed(text)[0] as Descriptor;

function scriptsAt(descriptor: Descriptor, index: number): string[] {
  const expansion = descriptor.expand(index) ?? expect.fail("not expanded");
  return expansion.scripts.map(bytesToHex);
}

/** `undefined` where the other library refuses it, because a script has a key twice. */
function scriptOfOther(descriptor: string, index: number): string | undefined {
  const range = descriptor.includes("*") ? { index } : {};
  // It takes no bare multisig, and has the same script behind a hash.
  const isBare = /^(sorted)?multi\(/.test(descriptor);
  try {
    const output = new Output({
      descriptor: isBare ? `sh(${descriptor})` : descriptor,
      network: networks.regtest,
      ...range,
    });
    const script = isBare ? output.getRedeemScript() : output.getScriptPubKey();
    return script && bytesToHex(script);
  } catch (error) {
    if (String(error).includes("contains duplicate public keys")) return undefined;
    throw error;
  }
}

const indices = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 0x7fff_ffff }));

describe("scripts of descriptors", () => {
  const KNOWN = Object.entries(SOLVABLE).filter(([name]) => !["combo", "rawtr"].includes(name));

  test.each(KNOWN)("%s: those that another library makes", (_, texts) => {
    fc.assert(
      fc.property(texts, indices, (text, index) => {
        const theirs = scriptOfOther(text, index);
        fc.pre(theirs !== undefined);
        expect(scriptsAt(only(text), index)).toEqual([theirs]);
      }),
      { numRuns: 10 },
    );
  });

  test("combo has those of pk, pkh, wpkh and sh(wpkh), the last two for compressed keys alone", () => {
    fc.assert(
      fc.property(SOLVABLE.combo, indices, (text, index) => {
        const key = text.slice("combo(".length, -1);
        const alone = ["pk", "pkh", "wpkh"].map((name) => `${name}(${key})`);
        const all = [...alone, `sh(wpkh(${key}))`]
          .map((each) => parseDescriptor(each, regtest))
          .flatMap((each) => (each.ok ? scriptsAt(each.descriptor, index) : []));
        expect(scriptsAt(only(text), index)).toEqual(all);
      }),
      { numRuns: 10 },
    );
  });

  test("a multipath specifier means one descriptor for each item (BIP-0389)", () => {
    fc.assert(
      fc.property(MULTIPATH, indices, ({ text, means }, index) => {
        const versions = parsed(text);
        expect(versions.map(String)).toEqual(means.map((each) => String(only(each))));
        expect(versions.map((each) => scriptsAt(each, index))).toEqual(
          means.map((each) => scriptsAt(only(each), index)),
        );
      }),
      { numRuns: 10 },
    );
  });
});

describe("the canonical text", () => {
  test("is read as the same descriptor again, and has no private key", () => {
    fc.assert(
      fc.property(anyDescriptor, indices, (text, index) => {
        const descriptor = only(text);
        const canonical = String(descriptor);
        const again = parseDescriptor(canonical, regtest, { requireChecksum: true });
        if (!again.ok) expect.fail(again.reason);
        expect(String(again.descriptor)).toBe(canonical);
        expect(again.descriptor.hasPrivateKeys).toBe(false);
        expect(again.descriptor.isRange).toBe(text.includes("*"));
        expect(JSON.stringify(descriptor)).toBe("{}");
        // Without private keys hardened steps can't be made any more, and nothing else is different.
        const expansion = again.descriptor.expand(index);
        if (expansion !== undefined) {
          expect(expansion.scripts.map(bytesToHex)).toEqual(scriptsAt(descriptor, index));
        }
      }),
      { numRuns: 15 },
    );
  });

  test("with private keys is read as the same descriptor again", () => {
    fc.assert(
      fc.property(anyDescriptor, indices, (text, index) => {
        const descriptor = only(text);
        const secret = descriptor.toPrivateString();
        expect(secret === undefined).toBe(!descriptor.hasPrivateKeys);
        if (secret === undefined) return;
        const again = only(secret);
        expect(again.toPrivateString()).toBe(secret);
        expect(scriptsAt(again, index)).toEqual(scriptsAt(descriptor, index));
      }),
      { numRuns: 15 },
    );
  });

  const XPUB =
    "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";

  test.each([
    [`pkh([DEADBEEF/001/02']${XPUB}/3h/4)`, `pkh([deadbeef/1/2h]${XPUB}/3h/4)`],
    [`pkh([deadbeef/1h]${XPUB}/3'/*h)`, `pkh([deadbeef/1']${XPUB}/3'/*')`],
    [`pkh([deadbeef/1h/2']${XPUB}/3/*)`, `pkh([deadbeef/1'/2']${XPUB}/3/*)`],
    [`pkh(${XPUB}/*')`, `pkh(${XPUB}/*')`],
    ["raw(DEADBEEF)", "raw(deadbeef)"],
    [
      "addr(BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4)",
      "addr(bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4)",
    ],
  ])("of %s", (text, canonical) => {
    expect(String(parsed(text, mainnet)[0]).split("#")[0]).toBe(canonical);
  });
});

describe("what a descriptor says of itself", () => {
  test.each([
    ["raw(00)", { isRange: false, isSolvable: false, hasPrivateKeys: false }],
    ["addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)", { isRange: false, isSolvable: false }],
    [
      "wpkh(0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798)",
      { isSolvable: true },
    ],
  ])("%s", (text, about) => {
    expect(only(text)).toMatchObject(about);
  });

  test("addresses: none for a key, a reason for a hardened step without private key", () => {
    const key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const reasonOf = (text: string) => {
      const found = only(text).addresses(0);
      return found.ok ? found.addresses.length : found.reason;
    };
    expect(reasonOf(`pk(${key})`)).toBe("Descriptor does not have a corresponding address");
    expect(reasonOf("raw(51)")).toBe("Descriptor does not have a corresponding address");
    expect(reasonOf(`combo(${key})`)).toBe(3);
    const xpub =
      "tpubD6NzVbkrYhZ4Y529GvCkRKDNJ6AAF8VptYbpg3GSbqTkUQnNi3cYTzzDtjPqfcoZdii14nQRPLt4A9LCHGUUzL6RC3z1ZPUdP1yCaAwR3nZ";
    expect(reasonOf(`wpkh(${xpub}/1h/2)`)).toBe("Cannot derive script without private keys");
    expect(reasonOf(`wpkh(${xpub}/*h)`)).toBe("Cannot derive script without private keys");
    expect(reasonOf(`wpkh(${xpub}/${"0/".repeat(254)}0)`)).toBe(1);
    expect(reasonOf(`wpkh(${xpub}/${"0/".repeat(255)}0)`)).toBe(
      "Cannot derive script without private keys",
    );
  });

  test("private keys and origins of an expansion, where they are asked for", () => {
    fc.assert(
      fc.property(anyDescriptor, indices, (text, index) => {
        const descriptor = only(text);
        const { provider } = descriptor.expand(index) ?? expect.fail("not expanded");
        expect(provider.hasPrivateKeys).toBe(false);
        expect(provider.publicKeys.length).toBeGreaterThan(0);
        for (const key of provider.publicKeys) expect(provider.origin(key)).toBeDefined();
        const secret = descriptor.expand(index, { withPrivateKeys: true })?.provider;
        expect(secret?.hasPrivateKeys).toBe(descriptor.hasPrivateKeys);
      }),
      { numRuns: 10 },
    );
  });
});

describe("wrong descriptors", () => {
  test("each mistake is refused in one line", () => {
    const taken: string[] = [];
    for (const text of MISTAKES) {
      const result = parseDescriptor(text, regtest);
      if (result.ok) taken.push(text);
      else expect(result.reason).toMatch(/^[^\n]+$/);
    }
    // At a limit and not beyond it, or a threshold of one key.
    expect(taken.map((text) => text.slice(0, 20))).toMatchSnapshot();
  });

  test("no text makes the parser throw", () => {
    fc.assert(
      fc.property(fc.oneof(damagedDescriptor, fc.string()), (text) => {
        const result = parseDescriptor(text, regtest);
        if (result.ok)
          expect(String(only(String(result.descriptor)))).toBe(String(result.descriptor));
        else expect(result.reason).not.toBe("");
      }),
      { numRuns: 200 },
    );
  });

  test("twenty thousand keys are counted and not decoded", () => {
    const key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const text = `wsh(multi(1${`,${key}`.repeat(20_000)}))`;
    const result = parseDescriptor(text, regtest);
    expect(result).toMatchObject({
      reason: "Cannot have 20000 keys in multisig; must have between 1 and 20 keys, inclusive",
    });
  });

  test("keys of another network are refused", () => {
    const XPUB =
      "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
    expect(parseDescriptor(`pkh(${XPUB})`, mainnet).ok).toBe(true);
    expect(parseDescriptor(`pkh(${XPUB})`, regtest)).toMatchObject({
      reason: `pkh(): key '${XPUB}' is not valid`,
    });
  });
});
