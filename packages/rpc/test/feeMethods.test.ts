/** Estimates of fees. The estimator itself has its tests in the engine. */
import type { Txid } from "@chain/core";
import { FeeEstimator } from "@chain/engine";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

/** One that has seen so many blocks with 20 transactions each, which paid this and waited for one block. */
function fed(blocks: number, fee: bigint): FeeEstimator {
  const estimator = new FeeEstimator();
  for (let height = 1; height <= blocks; height++) {
    const ids = Array.from({ length: 20 }, (_, i) => {
      return (height * 100 + i).toString(16).padStart(64, "0") as Txid;
    });
    for (const id of ids) {
      estimator.transactionAdded(id, { fee, size: 1000, height: height - 1 });
    }
    estimator.blockConnected(height, ids);
  }
  return estimator;
}

describe("fees", () => {
  test("are estimated from what was seen, for half as many blocks", async () => {
    const { call } = await startHost({ parts: { fees: { estimator: fed(21, 23_456n) } } });
    expect(await call("estimatesmartfee", 1)).toEqual({ feerate: 0.00023456, blocks: 2 });
    expect(await call("estimatesmartfee", 1008, "conservative")).toEqual({
      feerate: 0.00023456,
      blocks: 10,
    });
  });

  test("are no more than the next block asks, once the mempool is loaded", async () => {
    const estimate = (conservative: boolean) => (conservative ? 9_000n : 8_000n);
    const fees = { estimator: fed(21, 23_456n), mempoolFees: { estimate } };
    const { call } = await startHost({ parts: { fees } });
    expect(await call("estimatesmartfee", 6)).toEqual({ feerate: 0.00008, blocks: 6 });
    expect(await call("estimatesmartfee", 6, "conservative")).toMatchObject({ feerate: 0.00009 });
    const mempool = { isLoaded: () => false, keep: async () => {} };
    const loading = await startHost({ parts: { fees, mempool: mempool as never } });
    expect(await loading.call("estimatesmartfee", 6)).toMatchObject({ feerate: 0.00023456 });
    const unknown = { ...fees, mempoolFees: { estimate: () => undefined } };
    const blind = await startHost({ parts: { fees: unknown } });
    expect(await blind.call("estimatesmartfee", 6)).toMatchObject({ feerate: 0.00023456 });
    const dear = { ...fees, mempoolFees: { estimate: () => 30_000n } };
    const full = await startHost({ parts: { fees: dear } });
    expect(await full.call("estimatesmartfee", 6)).toMatchObject({ feerate: 0.00023456 });
  });

  test("are no less than the mempool asks", async () => {
    const { call } = await startHost({ parts: { fees: { estimator: fed(21, 150n) } } });
    expect(await call("estimatesmartfee", 6)).toEqual({ feerate: 0.00001, blocks: 6 });
  });

  test("are not told where too little was seen", async () => {
    const { call } = await startHost({ parts: { fees: { estimator: new FeeEstimator() } } });
    const errors = ["Insufficient data or no feerate found"];
    expect(await call("estimatesmartfee", 6)).toEqual({ errors, blocks: 0 });
  });
});

describe("the figures behind them", () => {
  test("are told by each horizon that tracks the target", async () => {
    const { call } = await startHost({ parts: { fees: { estimator: fed(20, 2_000n) } } });
    const horizons = async (target: number) => Object.keys(await call("estimaterawfee", target));
    expect(await horizons(12)).toEqual(["short", "medium", "long"]);
    expect(await horizons(13)).toEqual(["medium", "long"]);
    expect(await horizons(48)).toEqual(["medium", "long"]);
    expect(await horizons(49)).toEqual(["long"]);
    const { short } = await call<Record<string, object>>("estimaterawfee", 2, 0.9);
    expect(short).toEqual({
      feerate: 0.00002,
      decay: 0.962,
      scale: 1,
      pass: {
        startrange: 1961,
        endrange: 1e99,
        withintarget: 283.8,
        totalconfirmed: 283.8,
        inmempool: 0,
        leftmempool: 0,
      },
      fail: {
        startrange: 0,
        endrange: 1961,
        withintarget: 0,
        totalconfirmed: 0,
        inmempool: 0,
        leftmempool: 0,
      },
    });
  });

  test("say that nothing was seen", async () => {
    const { call } = await startHost({ parts: { fees: { estimator: new FeeEstimator() } } });
    const { long } = await call<Record<string, object>>("estimaterawfee", 1008);
    expect(long).toEqual({
      decay: 0.99931,
      scale: 24,
      fail: {
        startrange: 0,
        endrange: 1e99,
        withintarget: 0,
        totalconfirmed: 0,
        inmempool: 0,
        leftmempool: 0,
      },
      errors: ["Insufficient data or no feerate found which meets threshold"],
    });
  });

  // From Core's rpc_estimatefee.py.
  test.each([
    [["foo"], -3, /Wrong type passed/],
    [[1, "foo"], -3, /Wrong type passed/],
    [[0], -8, /^Invalid conf_target, must be between 1 and 1008$/],
    [[1009], -8, /^Invalid conf_target, must be between 1 and 1008$/],
    [[1, -0.1], -8, /^Invalid threshold$/],
    [[1, 1.1], -8, /^Invalid threshold$/],
  ])("%j is refused", async (given, code, message) => {
    const { error } = await startHost({ parts: { fees: { estimator: new FeeEstimator() } } });
    expect(await error("estimaterawfee", ...given)).toEqual([code, expect.stringMatching(message)]);
  });

  test("are not there where the host estimates nothing", async () => {
    const { error } = await startHost({ parts: { fees: { fixed: {} } } });
    expect(await error("estimaterawfee", 6)).toEqual([-32_603, "Fee estimation disabled"]);
  });
});

describe("fees on a network for tests", () => {
  test.each([
    [1, 2],
    [2, 2],
    [1008, 1008],
  ])("are the minimum relay fee for %s blocks by default", async (target, blocks) => {
    const { call } = await startHost({ parts: { fees: { fixed: {} } } });
    expect(await call("estimatesmartfee", target)).toEqual({ feerate: 0.00001, blocks });
  });

  test("are the rate that was set, and no less than the mempool asks", async () => {
    const { call } = await startHost({ parts: { fees: { fixed: { rate: 25_000n } } } });
    expect(await call("estimatesmartfee", 6, "CONSERVATIVE")).toEqual({
      feerate: 0.00025,
      blocks: 6,
    });
    const low = await startHost({ parts: { fees: { fixed: { rate: 1n } } } });
    expect(await low.call("estimatesmartfee", 6)).toEqual({ feerate: 0.00001, blocks: 6 });
  });

  // From Core's rpc_estimatefee.py.
  test.each([
    [[0], "Invalid conf_target, must be between 1 and 1008"],
    [[1009], "Invalid conf_target, must be between 1 and 1008"],
    [
      [1, "foo"],
      'Invalid estimate_mode parameter, must be one of: "unset", "economical", "conservative"',
    ],
  ])("%j is refused", async (given, message) => {
    const { error } = await startHost({ parts: { fees: { fixed: {} } } });
    expect(await error("estimatesmartfee", ...given)).toEqual([-8, message]);
  });

  test("are not estimated where the host can't", async () => {
    const { error } = await startHost();
    expect(await error("estimatesmartfee", 6)).toEqual([-32_603, "Fee estimation disabled"]);
  });
});
