/** Methods that are ours. */
import { bytesToHex, encodeUndo, regtest } from "@chain/core";
import { MINER, payment } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

describe("methods of ours", () => {
  test("tell of the process", async () => {
    const { call } = await startHost();
    expect(await call("getnodeinfo")).toEqual({
      node_id: 3000,
      network: "regtest",
      role: "central",
      pid: 7,
      uptime: 0,
      height: 0,
      headers: 0,
      bestblockhash: regtest.genesis.hash,
      genesis: bytesToHex(regtest.genesis.toBytes()),
      connections_in: 0,
      connections_out: 0,
      mempool: 0,
      signatures: "noble",
      warnings: [],
    });
    const { error } = await startHost({ parts: { process: undefined as never } });
    expect(await error("getnodeinfo")).toEqual([-32_601, "Method not found"]);
  });

  test("tell what a block and a script have", async () => {
    const { call, error, chain, mine, coin, pay } = await startHost();
    await mine(101);
    const first = await coin(1);
    const paid = await pay([first], 10_000n);
    const script = bytesToHex(MINER.script);
    const { height, coins } = await call<{ height: number; coins: { txid: string }[] }>(
      "listunspentbyscript",
      script,
    );
    expect(height).toBe(101);
    expect(coins).toHaveLength(101);
    expect(coins.find(({ txid }) => txid === first.outpoint.txid)).toBeUndefined();
    expect(coins.at(-1)).toEqual({
      txid: paid.txid,
      vout: 0,
      amount: 49.9999,
      height: 102,
      coinbase: false,
      pending: true,
    });
    const [hash = ""] = await mine(1);
    const undo = await chain.getUndo(hash as never);
    expect(await call("getblockundo", hash)).toBe(bytesToHex(encodeUndo(undo ?? [])));
    expect(await error("getblockundo", "00".repeat(32))).toEqual([-5, "Block not found"]);
    expect(await error("listunspentbyscript", "x")).toEqual([
      -8,
      "script must be hexadecimal string (not 'x')",
    ]);
  });

  test("take a payment once", async () => {
    const { call, error, mine, coin } = await startHost();
    await mine(101);
    const coins = [await coin(1)];
    const pay = (fee: bigint) =>
      payment({
        coins,
        sequence: 0,
        outputs: [{ value: 5_000_000_000n - fee, scriptPubKey: MINER.script }],
      });
    const hex = bytesToHex(pay(10_000n).toBytes());
    expect(await call("submitpayment", hex)).toBe(pay(10_000n).txid);
    expect(await error("submitpayment", hex)).toEqual([-26, "txn-already-in-mempool"]);
    const other = bytesToHex(pay(90_000n).toBytes());
    expect((await error("submitpayment", other))[0]).toBe(-26);
    const much = bytesToHex(pay(900_000_000n).toBytes());
    expect((await error("submitpayment", much))[0]).toBe(-25);
    expect((await error("submitpayment", "00"))[0]).toBe(-22);
  });
});
