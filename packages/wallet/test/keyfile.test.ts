import { bytesToHex, hexToBytes, Transaction } from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKey, isScryptCost } from "../src/encryption.ts";
import { WalletError } from "../src/errors.ts";
import {
  decodeKeyFile,
  encodeKeyFile,
  type KeyFile,
  type Sealing,
  sealSecrets,
  unsealSecrets,
} from "../src/keyfile.ts";
import { testCoin, testKey } from "./support/fixtures.ts";

const cost = { n: 16, r: 1, p: 1 };
const salt = "5a".repeat(16);
const keys = [1, 2].map((n) => testKey(n, n === 1));
const secretKeys = keys.map((key) => bytesToHex(key.toBytes()));
const content = {
  network: "devnet",
  keys: keys.map((key, i) => ({
    publicKey: bytesToHex(key.publicKey),
    created: 1_700_000_000 + i,
    ...(i === 0 ? {} : { label: "저축" }),
  })),
};
const transaction = new Transaction({
  version: 2,
  inputs: [
    {
      prevout: testCoin(1, 1n, testKey(1).script).outpoint,
      scriptSig: Uint8Array.of(1, 7),
      sequence: 0xfffffffd,
      witness: [],
    },
  ],
  outputs: [{ value: 5n, scriptPubKey: testKey(2).script }],
  lockTime: 0,
});
const plain: KeyFile = {
  ...content,
  secrets: { type: "plain", keys: secretKeys },
  pending: [
    { transaction, created: 1_700_000_005 },
    { transaction, created: 1_700_000_006, accepted: true },
    { transaction, created: 1_700_000_007, onlyOwnNode: true },
  ],
};
const sealing: Sealing = {
  key: await deriveKey("열려라 참깨", hexToBytes(salt), cost),
  salt,
  cost,
};
const sealed: KeyFile = {
  ...plain,
  secrets: sealSecrets(secretKeys, sealing, new Uint8Array(24).fill(9), content),
};

/** As two files compare: transactions by their bytes. */
function essence({ pending, ...rest }: KeyFile): object {
  const payments = pending.map((entry) => [bytesToHex(entry.transaction.toBytes()), entry.created]);
  return { ...rest, payments };
}

describe.each([
  ["plain", plain],
  ["sealed", sealed],
])("a %s key file", (name, file) => {
  const text = encodeKeyFile(file);

  test("is read as it was written", () => {
    expect(essence(decodeKeyFile(text))).toEqual(essence(file));
    expect(encodeKeyFile(decodeKeyFile(text))).toBe(text);
  });

  test(`shows ${name === "plain" ? "its" : "no"} private keys`, () => {
    expect(secretKeys.some((key) => text.includes(key))).toBe(name === "plain");
    expect(text).toContain(content.keys[0]?.publicKey);
  });

  test("any changed byte is found, or changes nothing", () => {
    const bytes = new TextEncoder().encode(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const changed = bytes.slice();
        changed[position] = (changed[position] as number) ^ flip;
        expectRefusedOrSame(new TextDecoder().decode(changed), file);
      }),
      { numRuns: 1000 },
    );
  });

  test("any missing end is found", () => {
    for (let length = 0; length < text.trimEnd().length; length += 7) {
      expect(() => decodeKeyFile(text.slice(0, length))).toThrow(
        expect.objectContaining({ code: "corrupt" }),
      );
    }
  });
});

function expectRefusedOrSame(text: string, file: KeyFile): void {
  let decoded: KeyFile;
  try {
    decoded = decodeKeyFile(text);
  } catch (error) {
    if (!(error instanceof WalletError)) throw error;
    expect(["corrupt", "newer-version"]).toContain(error.code);
    return;
  }
  expect(essence(decoded)).toEqual(essence(file));
}

describe("refused", () => {
  const good = JSON.parse(encodeKeyFile(plain)) as Record<string, unknown>;
  test.each<[string, unknown, string]>([
    ["nothing", "", "corrupt"],
    ["another file", "SQLite format 3\0", "corrupt"],
    ["null", null, "corrupt"],
    ["a list", [], "corrupt"],
    ["another format", { ...good, format: "x" }, "corrupt"],
    ["a newer version", { format: "chain-wallet", version: 2, anything: true }, "newer-version"],
    ["version 0", { ...good, version: 0 }, "corrupt"],
    ["a field that is not ours", { ...good, extra: 1 }, "corrupt"],
    ["a key on the prototype", `{"__proto__":{"format":"chain-wallet","version":1}}`, "corrupt"],
    ["no checksum", { ...good, checksum: undefined }, "corrupt"],
    ["another checksum", { ...good, checksum: "00".repeat(32) }, "corrupt"],
    [
      "a payment that does not decode",
      { ...good, pending: [{ transaction: "00".repeat(10), created: 1 }] },
      "corrupt",
    ],
    ["deep nesting", "[".repeat(100_000), "corrupt"],
  ])("%s", (_, value, code) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    expect(() => decodeKeyFile(text)).toThrow(expect.objectContaining({ code }));
  });

  test("fewer private keys than public ones, though the checksum fits", () => {
    const short: KeyFile = { ...plain, secrets: { type: "plain", keys: secretKeys.slice(1) } };
    expect(() => decodeKeyFile(encodeKeyFile(short))).toThrow(
      expect.objectContaining({ code: "corrupt" }),
    );
  });

  test("a message repeats nothing of the file", () => {
    const spoilt = encodeKeyFile(plain).replace(secretKeys[0] as string, "zz".repeat(32));
    expect(() => decodeKeyFile(spoilt)).toThrow(/damaged.*at secrets.keys.0$/);
  });

  test.each([
    { n: 2 ** 18, r: 8, p: 2 },
    { n: 2 ** 30, r: 1, p: 1 },
    { n: 2, r: 2 ** 30, p: 1 },
    { n: 2, r: 1, p: 2 ** 30 },
    { n: 1000, r: 8, p: 1 },
    { n: 0, r: 8, p: 1 },
    { n: 16, r: 0, p: 1 },
    { n: 16, r: -1, p: -1 },
  ])("scrypt with $n, $r, $p, before any memory is taken", async (hostile) => {
    expect(isScryptCost(hostile)).toBe(false);
    const secrets = { ...sealed.secrets, cost: hostile } as KeyFile["secrets"];
    const text = JSON.stringify({ ...JSON.parse(encodeKeyFile(sealed)), secrets });
    expect(() => decodeKeyFile(text)).toThrow(/damaged.*at secrets.cost$/);
    expect(() => encodeKeyFile({ ...sealed, secrets })).toThrow(
      expect.objectContaining({ code: "unwritable" }),
    );
    await expect(deriveKey("x", new Uint8Array(16), hostile)).rejects.toMatchObject({
      code: "corrupt",
    });
  });
});

describe("the seal", () => {
  const open = (file: KeyFile, key: Uint8Array): readonly string[] => {
    if (file.secrets.type === "plain") expect.fail("not sealed");
    return unsealSecrets(file.secrets, { key }, file);
  };

  test("opens with the passphrase, in any Unicode form", async () => {
    expect(open(sealed, sealing.key)).toEqual(secretKeys);
    const decomposed = await deriveKey("열려라 참깨".normalize("NFD"), hexToBytes(salt), cost);
    expect(open(sealed, decomposed)).toEqual(secretKeys);
  });

  test("opens with no other", async () => {
    for (const passphrase of ["열려라 참께", "열려라 참깨 ", "x"]) {
      const key = await deriveKey(passphrase, hexToBytes(salt), cost);
      expect(() => open(sealed, key)).toThrow(
        expect.objectContaining({ code: "wrong-passphrase" }),
      );
    }
    await expect(deriveKey("", hexToBytes(salt), cost)).rejects.toMatchObject({
      code: "empty-passphrase",
    });
  });

  test("covers public keys, labels, times, network, salt and cost", () => {
    if (sealed.secrets.type === "plain") expect.fail("not sealed");
    const [first, second] = sealed.keys;
    if (first === undefined || second === undefined) expect.fail("no keys");
    const tampered: readonly KeyFile[] = [
      { ...sealed, network: "mainnet" },
      { ...sealed, keys: [second, first] },
      { ...sealed, keys: [{ ...first, publicKey: bytesToHex(testKey(7).publicKey) }, second] },
      { ...sealed, keys: [{ ...first, label: "x" }, second] },
      { ...sealed, keys: [{ ...first, created: 0 }, second] },
      { ...sealed, secrets: { ...sealed.secrets, salt: "00".repeat(16) } },
      { ...sealed, secrets: { ...sealed.secrets, cost: { n: 32, r: 1, p: 1 } } },
      { ...sealed, secrets: { ...sealed.secrets, nonce: "00".repeat(24) } },
    ];
    for (const file of tampered) {
      // With a checksum that fits: somebody did it on purpose.
      expect(() => open(decodeKeyFile(encodeKeyFile(file)), sealing.key)).toThrow(
        expect.objectContaining({ code: "wrong-passphrase" }),
      );
    }
  });

  test("what is sealed is opened again, for any keys and passphrase", async () => {
    const secrets = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(secrets, fc.string({ minLength: 1 }), async (raw, passphrase) => {
        const hex = raw.map(bytesToHex);
        const file = {
          network: "devnet",
          keys: hex.map((publicKey) => ({ publicKey, created: 1 })),
        };
        const key = await deriveKey(passphrase, hexToBytes(salt), cost);
        const result = sealSecrets(hex, { key, salt, cost }, new Uint8Array(24), file);
        expect(unsealSecrets(result, { key }, file)).toEqual(hex);
      }),
      { numRuns: 30 },
    );
  });
});
