/** Addresses and keys have the form of their network, and real money comes with a warning. */
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { describe, expect, it } from "vitest";
import { run } from "../src/cli.ts";

async function wallet(datadir: string, network: string, ...argv: string[]) {
  const io = new TestIo();
  const code = await run([...argv, "--network", network, "--datadir", datadir], {}, io);
  return { code, out: io.out.trim(), error: io.error };
}

const WARNING = /^warning: mainnet: these coins are real money, and this wallet was never tried/;

describe.each([
  ["mainnet", /^1[1-9A-HJ-NP-Za-km-z]{25,33}$/, /^[KL][1-9A-HJ-NP-Za-km-z]{51}$/],
  ["testnet4", /^[mn][1-9A-HJ-NP-Za-km-z]{25,33}$/, /^c[1-9A-HJ-NP-Za-km-z]{51}$/],
  ["signet", /^[mn][1-9A-HJ-NP-Za-km-z]{25,33}$/, /^c[1-9A-HJ-NP-Za-km-z]{51}$/],
])("a wallet of %s", (network, addresses, keys) => {
  const isReal = network === "mainnet";

  it("makes addresses and keys of its network, and needs no chain that was made before", async () => {
    const datadir = await temporaryDirectory();
    const made = await wallet(datadir, network, "createwallet");
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(addresses) });
    if (isReal) expect(made.error).toMatch(WARNING);
    else expect(made.error).toBe("");
    const key = await wallet(datadir, network, "exportkey", "--address", made.out);
    expect(key).toMatchObject({ code: 0, out: expect.stringMatching(keys) });
    const balance = await wallet(datadir, network, "getbalance", "--address", made.out, "--json");
    expect(balance.code).toBe(0);
    expect(JSON.stringify(JSON.parse(balance.out))).toContain(made.out);
    expect(balance.error.split("\n").length).toBe(isReal ? 2 : 1);
  });

  it("pays nobody of another network, and asks nobody whom it was not told of", async () => {
    const datadir = await temporaryDirectory();
    const { out: from } = await wallet(datadir, network, "createwallet");
    const other = isReal
      ? "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"
      : "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
    const amount = ["--amount", "1"];
    const wrong = await wallet(datadir, network, "send", "--from", from, "--to", other, ...amount);
    expect(wrong).toMatchObject({
      code: 1,
      error: expect.stringContaining("an address of Bitcoin"),
    });
    const alone = await wallet(datadir, network, "send", "--from", from, "--to", from, ...amount);
    expect(alone.code).toBe(1);
    expect(alone.error).toContain("does not run: start it, or name one that takes the payment");
  });
});

it("a wallet file of one network is none of another", async () => {
  const datadir = await temporaryDirectory();
  const port = ["--port", "3999"];
  await wallet(datadir, "testnet4", "createwallet", ...port);
  const none = await wallet(datadir, "mainnet", "listaddresses", ...port);
  expect(none.code).toBe(1);
  expect(none.error).toContain("node 3999 has no wallet yet");
  await mkdir(join(datadir, "mainnet"));
  const path = (network: string) => join(datadir, network, "wallet_3999.db");
  await copyFile(path("testnet4"), path("mainnet"));
  const other = await wallet(datadir, "mainnet", "listaddresses", ...port);
  expect(other.code).toBe(1);
  expect(other.error).toContain("the wallet is one of testnet4, not of mainnet");
});
