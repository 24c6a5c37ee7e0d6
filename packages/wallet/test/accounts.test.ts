import { mainnet, regtest } from "@chain/core";
import * as scure from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACCOUNT_KINDS,
  type AccountKind,
  accountDescriptors,
  newMnemonic,
  readMnemonic,
  seedOfMnemonic,
} from "../src/accounts.ts";
import { ExtendedKey } from "../src/descriptors.ts";

const ABANDON = `${"abandon ".repeat(11)}about`;

describe("accounts of the mnemonic that BIP-0049, 0084 and 0086 take as an example", () => {
  // First receiving address and first change address.
  const EXAMPLES: Record<AccountKind, readonly [string, string] | undefined> = {
    legacy: undefined,
    "p2sh-segwit": ["37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf", "34K56kSjgUCUSD8GTtuF7c9Zzwokbs6uZ7"],
    bech32: [
      "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
      "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
    ],
    bech32m: [
      "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
      "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
    ],
  };

  it.each(ACCOUNT_KINDS)("%s", async (kind) => {
    const master = ExtendedKey.fromSeed(await seedOfMnemonic(ABANDON), mainnet);
    const { receive, change } = accountDescriptors(master, { kind, params: mainnet });
    const expected = EXAMPLES[kind] ?? ["1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA", undefined];
    expect(receive.addresses(0)).toEqual({ ok: true, addresses: [expected[0]] });
    if (expected[1] !== undefined)
      expect(change.addresses(0)).toEqual({ ok: true, addresses: [expected[1]] });
    expect(receive.toString()).toMatch(/\[73c5da0a\/\d\dh\/0h\/0h\]xpub\w+\/0\/\*/);
    expect(receive.toString()).not.toContain("prv");
    expect(receive.toPrivateString()).toContain("xprv");
  });

  it("are others on other networks, and in other accounts", async () => {
    const master = ExtendedKey.fromSeed(await seedOfMnemonic(ABANDON), regtest);
    const texts = [{}, { account: 1 }, { coinType: 0 }].map((more) =>
      accountDescriptors(master, { kind: "bech32", params: regtest, ...more }).receive.toString(),
    );
    expect(texts.map((text) => /\[.*\]/.exec(text)?.[0])).toEqual([
      "[73c5da0a/84h/1h/0h]",
      "[73c5da0a/84h/1h/1h]",
      "[73c5da0a/84h/0h/0h]",
    ]);
  });
});

describe("a mnemonic", () => {
  it("is read back, in whatever form its words are typed", () => {
    fc.assert(
      fc.property(fc.constantFrom(12, 15, 18, 21, 24), fc.boolean(), (words, short) => {
        const mnemonic = newMnemonic({ words: words as 12 });
        expect(scure.validateMnemonic(mnemonic, wordlist)).toBe(true);
        const typed = mnemonic
          .split(" ")
          .map((word) => (short ? word.slice(0, 4) : word).toUpperCase())
          .join("\n  ");
        expect(readMnemonic(` ${typed}\t`)).toEqual({ ok: true, mnemonic });
      }),
      { numRuns: 30 },
    );
  });

  it("of chance alone is what its generator says", () => {
    const randomBytes = (length: number) => new Uint8Array(length);
    expect(newMnemonic({ randomBytes })).toBe(ABANDON);
  });

  it("makes another seed with each passphrase", async () => {
    const [plain, secret] = [
      await seedOfMnemonic(ABANDON),
      await seedOfMnemonic(ABANDON, "TREZOR"),
    ];
    expect(plain).toEqual(scure.mnemonicToSeedSync(ABANDON));
    expect(secret).toEqual(scure.mnemonicToSeedSync(ABANDON, "TREZOR"));
    expect(secret).not.toEqual(plain);
    await expect(seedOfMnemonic("abandon")).rejects.toThrow(/12, 15, 18, 21 or 24 words/);
  });

  it.each([
    ["nothing", "", "word-count", "a mnemonic has 12, 15, 18, 21 or 24 words, and this has 0"],
    ["a word too few", "abandon ".repeat(11), "word-count", /this has 11$/],
    ["a very long text", "abandon ".repeat(1_000), "word-count", /words/],
    [
      "swapped letters",
      `${"abandon ".repeat(11)}abuot`,
      "unknown-word",
      /^word 12, "abuot", .*is it "about"/,
    ],
    [
      "a missing letter",
      `abndon ${"abandon ".repeat(10)}about`,
      "unknown-word",
      /^word 1, .*is it "abandon"\?$/,
    ],
    [
      "another thing",
      `${"abandon ".repeat(11)}L5oLkpV3aqBjhki6LmvChTCV`,
      "unknown-word",
      'word 12, "l5o…", is not in the list',
    ],
    ["a wrong last word", "abandon ".repeat(12), "checksum", /all words are in the list/],
  ] as const)("with %s is refused by a sentence", (_, text, code, reason) => {
    expect(readMnemonic(text)).toEqual({
      ok: false,
      code,
      reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
    });
  });
});
