import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  idFromBytes,
  type LocatedCoin,
  regtest,
  type Txid,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SnapshotReader, snapshotBytes } from "../src/snapshot/snapshotFile.ts";

const { magic, genesis } = regtest;
const NAMES = new Map([
  ["fabfb5da", "regtest"],
  ["f9beb4d9", "main"],
]);
const network = { magic, nameOf: (of: Uint8Array) => NAMES.get(bytesToHex(of)) };
const BASE_HEIGHT = 299;

const txid = (first: number): Txid => idFromBytes<Txid>(new Uint8Array(32).fill(first, 0, 1));
const coinAt = (first: number, vout: number, value = 50_0000_0000n): LocatedCoin => ({
  outpoint: { txid: txid(first), vout },
  coin: { value, scriptPubKey: Uint8Array.of(0x51), height: 100, coinbase: true },
});

async function written(coins: readonly LocatedCoin[], count = BigInt(coins.length)) {
  const pieces: Uint8Array[] = [];
  const header = { magic, baseHash: genesis.hash, count };
  for await (const piece of snapshotBytes(header, coins)) pieces.push(piece);
  return concatBytes(...pieces);
}

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 1000): Promise<LocatedCoin[]> {
  const reader = await SnapshotReader.open(inPieces(bytes, size), network);
  const coins: LocatedCoin[] = [];
  for await (const batch of reader.coins(BASE_HEIGHT)) coins.push(...batch);
  return coins;
}

/** With other bytes at some place. */
function changed(bytes: Uint8Array, at: number, hex: string): Uint8Array {
  const copy = bytes.slice();
  copy.set(hexToBytes(hex), at);
  return copy;
}

const HEADER = 51;
const two = await written([coinAt(1, 0), coinAt(2, 3)]);

describe("a snapshot file", () => {
  test("has Core's form", () => {
    // One coin: id, count, index, code 100 * 2 + 1, 50 coins as 50 (1 + 10 * (5 - 1) + 9), script of 1 byte as 7.
    const coin = (first: string, vout: string) => `${first}${"00".repeat(31)}01${vout}80493207 51`;
    const expected = [
      "7574786fff0200fabfb5da",
      bytesToHex(genesis.header.hashBytes),
      "0200000000000000",
      coin("01", "00"),
      coin("02", "03"),
    ];
    expect(bytesToHex(two)).toBe(expected.join("").replaceAll(" ", ""));
  });

  test("gives the coins back, however the bytes come", async () => {
    const coins = fc.uniqueArray(
      fc.record({
        first: fc.nat(40),
        vout: fc.nat(300),
        script: fc.uint8Array({ maxLength: 60 }),
        value: fc.bigInt({ min: 0n, max: 21_000_000n * 100_000_000n }),
      }),
      { selector: ({ first, vout }) => `${first}:${vout}`, maxLength: 40 },
    );
    const property = fc.asyncProperty(
      coins,
      fc.integer({ min: 1, max: 200 }),
      async (all, size) => {
        const sorted = all
          .toSorted((a, b) => a.first - b.first || a.vout - b.vout)
          .map(({ first, vout, script, value }): LocatedCoin => {
            const { outpoint, coin } = coinAt(first, vout, value);
            return { outpoint, coin: { ...coin, scriptPubKey: script } };
          });
        expect(await read(await written(sorted), size)).toEqual(sorted);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  test("orders the outputs of a transaction as Core's database does", async () => {
    const votes = [0, 127, 128, 255, 256, 16_511, 16_512, 16_639, 16_640, 2_113_663];
    const coins = await read(await written(votes.map((vout) => coinAt(1, vout))));
    // By the bytes of the VarInt: 16,512 is 80 80 00, and 256 is 81 00.
    expect(coins.map(({ outpoint }) => outpoint.vout)).toEqual([
      ...[0, 127, 128, 255, 16_512, 16_639, 16_640, 256, 16_511, 2_113_663],
    ]);
  });

  test("is not written with another number of coins than it says", async () => {
    await expect(written([coinAt(1, 0)], 2n)).rejects.toMatchObject({ code: "bad-snapshot" });
  });
});

describe("a damaged snapshot file", () => {
  const unknown =
    "This snapshot has been created for an unrecognized network. This could be a custom signet, a new testnet or possibly caused by data corruption.";
  test.each([
    [
      "magic",
      changed(two, 0, "f00f00f000"),
      "Invalid UTXO set snapshot magic bytes. Please check if this is indeed a snapshot file or if you are using an outdated snapshot format.",
    ],
    [
      "version",
      changed(two, 5, "0300"),
      "Version of snapshot 3 does not match any of the supported versions.",
    ],
    [
      "another network",
      changed(two, 7, "f9beb4d9"),
      "The network of the snapshot (main) does not match the network of this node (regtest).",
    ],
    ["no network", changed(two, 7, "00000000"), unknown],
    ["end in the header", two.subarray(0, 50), "AutoFile::read: end of file"],
    ["nothing", new Uint8Array(0), "AutoFile::read: end of file"],
  ])("is refused for its beginning: %s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: "bad-snapshot-header", message });
  });

  const tooYoung = "Bad snapshot data after deserializing 0 coins";
  const truncated = (done: number) =>
    `Bad snapshot format or truncated snapshot after deserializing ${done} coins`;
  test.each([
    ["end in a coin", two.subarray(0, two.length - 1), truncated(1)],
    ["one coin less than it says", changed(two, 43, "03"), truncated(2)],
    [
      "one coin more than it says",
      changed(two, 43, "01"),
      "Bad snapshot - coins left over after deserializing 1 coins",
    ],
    [
      "more coins of a transaction than there are",
      changed(two, HEADER + 32, "fdffff"),
      "Mismatch in coins count in snapshot metadata and actual snapshot data",
    ],
    ["a count that is too large", changed(two, HEADER + 32, "feffffffff"), truncated(0)],
    ["a count in a longer form than it needs", changed(two, HEADER + 32, "fd0100"), truncated(0)],
    ["a height above the base", changed(two, HEADER + 34, "8458"), tooYoung],
    ["a height that is too large", changed(two, HEADER + 34, "ffffffff7f"), truncated(0)],
    [
      "more money than there is",
      changed(two, HEADER + 36, "cad28f5a"),
      `${tooYoung} - bad tx out value`,
    ],
    ["a script longer than the file", changed(two, HEADER + 37, "fefefeff0f"), truncated(0)],
  ])("is refused for its coins: %s", async (_, bytes, message) => {
    for (const size of [1, 1000]) {
      await expect(read(bytes, size)).rejects.toMatchObject({ code: "bad-snapshot", message });
    }
  });

  test("takes no memory for a script that never ends", async () => {
    let handedOut = 0;
    async function* endless() {
      yield changed(two, HEADER + 37, "8efefeff0f").subarray(0, HEADER + 42);
      for (; handedOut < 1000; handedOut++) yield new Uint8Array(1000);
    }
    const reader = await SnapshotReader.open(endless(), network);
    const done = reader.coins(BASE_HEIGHT).next();
    await expect(done).rejects.toMatchObject({ code: "bad-snapshot", message: truncated(0) });
    expect(handedOut).toBeLessThan(100);
  });
});
