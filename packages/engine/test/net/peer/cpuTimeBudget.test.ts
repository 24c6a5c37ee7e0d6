import { describe, expect, it } from "vitest";
import { CpuTimeBudget, untilTurn } from "../../../src/net/peer/cpuTimeBudget.ts";

describe("a CPU time budget", () => {
  it("counts the time of messages that came to nothing, and regains 2.5 ms a second", () => {
    const budget = new CpuTimeBudget(0);
    expect(budget.left(0)).toBe(100);
    budget.start(0);
    expect(budget.left(40)).toBeCloseTo(60, 0);
    budget.finish("nothing", 120);
    expect(budget.left(120)).toBeCloseTo(-20, 0);
    expect(budget.left(8_120)).toBeCloseTo(0, 0);
    expect(budget.left(1e9)).toBe(100);
  });

  it("does not count waiting, nor transactions that were taken, and a block restores all", () => {
    const budget = new CpuTimeBudget(0);
    budget.start(0);
    budget.stop(10);
    budget.start(5_010);
    expect(budget.left(5_020)).toBeCloseTo(80, 0);
    budget.finish("transaction", 5_020);
    expect(budget.left(5_020)).toBe(100);
    budget.start(5_020);
    budget.finish("nothing", 15_020);
    // Nobody owes more than a second.
    expect(budget.left(15_020)).toBe(-1_000);
    budget.start(15_020);
    budget.finish("block", 15_030);
    expect(budget.left(15_030)).toBe(100);
  });

  it("does not count the work of others that an operation waits for", () => {
    let now = 0;
    const stopwatch = { now: () => now };
    const budget = new CpuTimeBudget(0);
    budget.start(now);
    now = 10;
    const onTurn = untilTurn(budget, stopwatch);
    now = 310;
    onTurn();
    now = 330;
    budget.stop(now);
    expect(budget.left(now)).toBeCloseTo(70, 0);
    // It does not begin to count where nothing is being handled.
    untilTurn(budget, stopwatch)();
    expect(budget.isRunning).toBe(false);
  });
});
