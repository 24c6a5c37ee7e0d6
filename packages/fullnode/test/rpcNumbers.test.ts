/** Numbers in calls and answers, as Bitcoin Core 29 reads and writes them. */

import { readFile } from "node:fs/promises";
import { bytesToHex, hexToBytes } from "@chain/core";
import { payment, testKey } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { controlCredentials } from "../src/rpc/credentials.ts";
import { type Driven, drive, regtestAddress } from "./support/rpc.ts";

/** The text of an answer, before it is parsed. */
async function textOf({ identity }: Driven, method: string, params: unknown[]): Promise<string> {
  const { port, cookie } = JSON.parse(await readFile(identity.paths.control, "utf8"));
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: { authorization: controlCredentials(cookie) },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return answer.text();
}

/** A node with so many coins that can be spent. */
async function rich(coins = 1): Promise<Driven> {
  const driven = await drive();
  await driven.rpc.call("generatetoaddress", { nblocks: 100 + coins, address: regtestAddress(0) });
  return driven;
}

/** Spends the coin of test key 0 at a height, for a fee of 20,000 base units. */
async function pay(
  { node }: Driven,
  extra: { value: bigint; scriptPubKey: Uint8Array }[] = [],
  height = 1,
) {
  for await (const coin of node.chain.unspentByScript(testKey(0).script)) {
    if (coin.coin.height !== height) continue;
    const rest = coin.coin.value - extra.reduce((sum, { value }) => sum + value, 20_000n);
    const outputs = [{ value: rest, scriptPubKey: testKey(1).script }, ...extra];
    return payment({ coins: [coin], key: testKey(0), outputs });
  }
  throw new TypeError("no coin");
}

describe("amounts in calls", () => {
  it("no limit is what is 0, and not what rounds to it", async () => {
    const driven = await rich();
    const { rpc } = driven;
    const hexstring = bytesToHex((await pay(driven)).toBytes());
    const send = (maxfeerate: unknown) => rpc.call("sendrawtransaction", { hexstring, maxfeerate });
    const invalid = { code: -3, message: "Invalid amount" };
    await expect(send(1e-9)).rejects.toMatchObject(invalid);
    await expect(
      rpc.call("testmempoolaccept", { rawtxs: [hexstring], maxfeerate: 1e-9 }),
    ).rejects.toMatchObject(invalid);
    await expect(send(1e-8)).rejects.toMatchObject({
      code: -25,
      message: "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)",
    });
    await expect(send(1)).rejects.toMatchObject({ code: -8 });
    expect(await send(null)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("numbers in answers", () => {
  it("have eight decimals wherever they are amounts, and all the digits of a difficulty", async () => {
    const driven = await rich();
    const { rpc, node } = driven;
    const transaction = await pay(driven);
    const answers = [
      await textOf(driven, "decoderawtransaction", [bytesToHex(transaction.toBytes())]),
      await textOf(driven, "testmempoolaccept", [[bytesToHex(transaction.toBytes())]]),
    ];
    await rpc.submit(transaction);
    answers.push(
      await textOf(driven, "getmempoolinfo", []),
      await textOf(driven, "getmempoolentry", [transaction.txid]),
      await textOf(driven, "getrawmempool", [true]),
      await textOf(driven, "getrawtransaction", [transaction.txid, 1]),
      await textOf(driven, "getblock", [node.chain.tip.hash, 2]),
      await textOf(driven, "gettxoutsetinfo", []),
      await textOf(driven, "getnetworkinfo", []),
    );
    const AMOUNTS =
      /"(?:value|fee|base|modified|ancestor|descendant|total_fee|total_amount|\w*minfee|minrelaytxfee|relayfee|incremental\w*fee)":([^,}\]]+)/g;
    for (const answer of answers) {
      const found = [...answer.matchAll(AMOUNTS)].map(([, text]) => text);
      expect(found.length, answer).toBeGreaterThan(0);
      for (const text of found) expect(text, answer).toMatch(/^(\{"base":)?\d+\.\d{8}$/);
    }
    expect(await textOf(driven, "getblockchaininfo", [])).toContain(
      '"difficulty":4.656542373906925e-10,',
    );
  });
});

describe("transactions in hex", () => {
  const EMPTY = "02000000000000000000";
  const LEGACY = "0200000000010000000000000000016a00000000";
  // Asked of Bitcoin Core: decoderawtransaction HEX, with iswitness left out, true, false.
  const CASES: readonly (readonly [string, string, readonly [boolean, boolean, boolean]])[] = [
    ["nothing in it", EMPTY, [true, true, true]],
    ["one output", LEGACY, [true, false, true]],
    [
      "one output with an empty script",
      "01000000000100000000000000000000000000",
      [true, false, true],
    ],
    ["bytes left over", `${LEGACY}00`, [false, false, false]],
    ["no hex", "zz", [false, false, false]],
    ["no bytes", "", [false, false, false]],
  ];

  it("are read without inputs in the forms that Core reads", async () => {
    const { rpc } = await drive();
    for (const [what, hexstring, [either, only, never]] of CASES) {
      for (const [params, isRead] of [
        [{}, either],
        [{ iswitness: true }, only],
        [{ iswitness: false }, never],
        [{ iswitness: null }, either],
      ] as const) {
        const call = rpc.call("decoderawtransaction", { hexstring, ...params });
        const size = hexstring.length / 2;
        if (isRead) expect(await call, what).toMatchObject({ vin: [], size });
        else await expect(call, what).rejects.toMatchObject({ code: -22 });
      }
      // Core tries only the form with witness here, because a transaction without inputs is refused anyway.
      await expect(rpc.call("sendrawtransaction", { hexstring }), what).rejects.toMatchObject(
        hexstring === EMPTY ? { code: -26, message: "bad-txns-vin-empty" } : { code: -22 },
      );
    }
  });
});

describe("outputs that nobody can spend", () => {
  const LIMIT = {
    code: -25,
    message: "Unspendable output exceeds maximum configured by user (maxburnamount)",
  };

  const SCRIPTS: readonly (readonly [string, string])[] = [
    ["OP_RETURN", "6a"],
    ["OP_RETURN with data", "6a0401020304"],
    ["a push that runs past the end", "4c"],
    ["an opcode without meaning", "ba"],
    ["a push that is too long", `4d0902${"00".repeat(521)}`],
    ["a script that is too long", "51".repeat(10_001)],
  ];

  it("are sent if the caller allows it, whatever makes them so", async () => {
    const driven = await rich(SCRIPTS.length);
    const { rpc } = driven;
    for (const [i, [what, script]] of SCRIPTS.entries()) {
      const burnt = await pay(driven, [{ value: 1_000n, scriptPubKey: hexToBytes(script) }], i + 1);
      const hexstring = bytesToHex(burnt.toBytes());
      const send = (params: object) => rpc.call("sendrawtransaction", { hexstring, ...params });
      await expect(send({}), what).rejects.toMatchObject(LIMIT);
      await expect(send({ maxburnamount: 0.00000999 }), what).rejects.toMatchObject(LIMIT);
      await expect(send({ maxburnamount: 1e-9 }), what).rejects.toMatchObject({ code: -3 });
      expect(await rpc.call("testmempoolaccept", { rawtxs: [hexstring] }), what).toMatchObject([
        { allowed: true },
      ]);
      expect(await send({ maxburnamount: 0.00001 }), what).toBe(burnt.txid);
    }
  });

  it("of no value are sent", async () => {
    const driven = await rich();
    const note = await pay(driven, [{ value: 0n, scriptPubKey: hexToBytes("6a0401020304") }]);
    const hexstring = bytesToHex(note.toBytes());
    expect(await driven.rpc.call("sendrawtransaction", { hexstring })).toBe(note.txid);
  });
});

it("a clock before the tip keeps blocks from being made, and says so", async () => {
  const { rpc } = await rich();
  const mine = () => rpc.call("generatetoaddress", { nblocks: 1, address: regtestAddress(0) });
  await rpc.call("setmocktime", { timestamp: 1_500_000_000 });
  await expect(mine()).rejects.toMatchObject({
    code: -1,
    message: expect.stringContaining("time-too-new"),
  });
  await rpc.call("setmocktime", { timestamp: 0 });
  expect(await mine()).toHaveLength(1);
});
