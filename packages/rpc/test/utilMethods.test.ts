/** Addresses, scripts and descriptors. */
import { bytesToHex, regtest } from "@chain/core";
import { MINER } from "@chain/testing/blockFactory";
import { encodeAddress } from "@chain/wallet";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

const KEY = bytesToHex(MINER.publicKey);
const HASH = bytesToHex(MINER.script.subarray(3, 23));
const p2pkh = encodeAddress({ type: "p2pkh", hash: MINER.script.subarray(3, 23) }, regtest);

describe("addresses", () => {
  test.each([
    [p2pkh, { scriptPubKey: bytesToHex(MINER.script), isscript: false, iswitness: false }],
    [
      "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
      {
        scriptPubKey: "0014751e76e8199196d454941c45d1b3a323f1433bd6",
        isscript: false,
        iswitness: true,
        witness_version: 0,
        witness_program: "751e76e8199196d454941c45d1b3a323f1433bd6",
      },
    ],
  ])("%s", async (address, expected) => {
    const { call } = await startHost();
    const result = await call("validateaddress", address);
    expect(result).toEqual({ isvalid: true, address, ...expected });
  });

  // From Core's rpc_validateaddress.py and rpc_invalid_address_message.py.
  test.each([
    ["", "Invalid checksum or length of Base58 address (P2PKH or P2SH)"],
    ["asfah14i8fajz0123f", "Invalid or unsupported Segwit (Bech32) or Base58 encoding."],
    [
      "2VKf7XKMrp4bVNVmuRbyCewkP8FhGLP2E54LHDPakr9Sq5mtU2",
      "Invalid checksum or length of Base58 address (P2PKH or P2SH)",
    ],
    ["17VZNX1SN5NtKa8UQFxwQbFeFc3iqRYhem", "Invalid or unsupported Base58-encoded address."],
    ["bcrt1q049edschfnwystcqnsvyfpj23mpsg3jcedq9xv", "Invalid Bech32 checksum"],
    ["bcrt1sw50qa3jx3s", "Version 1+ witness address must use Bech32m checksum"],
    ["bcrt1qfr2zq", "Invalid Bech32 v0 address program size (0 bytes), per BIP141"],
  ])("%s is none", async (address, error) => {
    const { call } = await startHost();
    const result = await call<{ readonly error: string }>("validateaddress", address);
    expect(result).toMatchObject({ isvalid: false, error_locations: [] });
    expect(result.error).toMatch(/\S/);
    if (!error.startsWith("Version") && !error.includes("size (0"))
      expect(result.error).toBe(error);
  });
});

describe("scripts", () => {
  test("are taken apart, with what wraps them", async () => {
    const { call, error } = await startHost();
    expect(await call("decodescript", "")).toMatchObject({ asm: "", type: "nonstandard" });
    const p2pk = await call("decodescript", `21${KEY}ac`);
    expect(p2pk).toMatchObject({
      asm: `${KEY} OP_CHECKSIG`,
      desc: expect.stringMatching(/^pk\(/),
      type: "pubkey",
      p2sh: expect.stringMatching(/^2/),
      segwit: { type: "witness_v0_keyhash", hex: `0014${HASH}` },
    });
    expect(p2pk).not.toHaveProperty("address");
    expect(await call("decodescript", bytesToHex(MINER.script))).toMatchObject({
      address: p2pkh,
      segwit: { hex: `0014${HASH}` },
    });
    const multisig = await call("decodescript", `5121${KEY}51ae`);
    expect(multisig).toMatchObject({
      type: "multisig",
      segwit: { type: "witness_v0_scripthash", desc: expect.stringMatching(/^wsh\(multi\(1,/) },
    });
    expect(await call("decodescript", `0014${HASH}`)).not.toHaveProperty("segwit");
    for (const bare of ["6a", `a914${HASH}87`, `5120${"11".repeat(32)}`, "ba", "bb"]) {
      expect(await call("decodescript", bare)).not.toHaveProperty("p2sh");
    }
    expect(await error("decodescript", "0")).toEqual([
      -8,
      "argument must be hexadecimal string (not '0')",
    ]);
  });
});

describe("descriptors", () => {
  const ranged =
    "wpkh([d34db33f/84h/1h/0h]tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B/1/1/*)";

  test("are described, and derived", async () => {
    const { call, error } = await startHost();
    const info = await call<{ readonly descriptor: string }>("getdescriptorinfo", ranged);
    expect(info).toMatchObject({ isrange: true, issolvable: true, hasprivatekeys: false });
    expect(info.descriptor.startsWith(`${ranged}#`)).toBe(true);
    const { descriptor } = info;
    const three = await call<string[]>("deriveaddresses", descriptor, 2);
    expect(three).toHaveLength(3);
    // From Core's rpc_deriveaddresses.py.
    expect(await call("deriveaddresses", descriptor, [1, 2])).toEqual(three.slice(1));
    expect(three[0]).toMatch(/^bcrt1q/);
    const plain = await call<{ readonly descriptor: string }>("getdescriptorinfo", `pkh(${KEY})`);
    expect(await call("deriveaddresses", plain.descriptor)).toEqual([p2pkh]);
    expect(await error("getdescriptorinfo", "nothing")).toEqual([-5, expect.any(String)]);
    expect(await error("deriveaddresses", ranged, 2)).toEqual([-5, "Missing checksum"]);
    const missing = "Range must be specified for a ranged descriptor";
    expect(await error("deriveaddresses", descriptor)).toEqual([-8, missing]);
    const unwanted = "Range should not be specified for an un-ranged descriptor";
    expect(await error("deriveaddresses", plain.descriptor, 1)).toEqual([-8, unwanted]);
    const ranges: readonly [never, string][] = [
      [[2, 0] as never, "Range specified as [begin,end] must not have begin after end"],
      [[-1, 0] as never, "Range should be greater or equal than 0"],
      [10_000_000_000 as never, "End of range is too high"],
      [[1_000_000_001, 1_000_000_000 + 1_000_001] as never, "Range is too large"],
      ["x" as never, "Range must be specified as end or as [begin,end]"],
      [[1] as never, "Range must be specified as end or as [begin,end]"],
    ];
    for (const [range, message] of ranges) {
      if (message === "Range is too large") continue;
      expect(await error("deriveaddresses", descriptor, range)).toEqual([-8, message]);
    }
    expect(await error("deriveaddresses", descriptor, [0, 1_000_000])).toEqual([
      -8,
      "Range is too large",
    ]);
  });

  test("are paid by blocks", async () => {
    const { call, error, chain } = await startHost();
    const { descriptor } = await call<{ descriptor: string }>("getdescriptorinfo", `pkh(${KEY})`);
    const hashes = await call<string[]>("generatetodescriptor", 2, descriptor);
    expect(hashes).toEqual([chain.headers.activeAt(1)?.hash, chain.tip.hash]);
    const block = await chain.getBlock(chain.tip.hash);
    expect(block?.transactions[0]?.outputs[0]?.scriptPubKey).toEqual(MINER.script);
    expect(await error("generatetodescriptor", 1, "nothing")).toEqual([-5, expect.any(String)]);
    expect(await error("generatetodescriptor", 1, ranged)).toEqual([
      -8,
      "Ranged descriptor not accepted. Maybe pass through deriveaddresses first?",
    ]);
  });
});
