import { describe, expect, it } from "vitest";
import { untilTurn, WorkMeter } from "../../../src/net/peer/workMeter.ts";

describe("a meter of work", () => {
  it("counts the time of messages that came to nothing, and regains 2.5 ms a second", () => {
    const meter = new WorkMeter(0);
    expect(meter.left(0)).toBe(100);
    meter.start(0);
    expect(meter.left(40)).toBeCloseTo(60, 0);
    meter.settle("nothing", 120);
    expect(meter.left(120)).toBeCloseTo(-20, 0);
    expect(meter.left(8_120)).toBeCloseTo(0, 0);
    expect(meter.left(1e9)).toBe(100);
  });

  it("does not count waiting, nor transactions that were taken, and a block restores all", () => {
    const meter = new WorkMeter(0);
    meter.start(0);
    meter.stop(10);
    meter.start(5_010);
    expect(meter.left(5_020)).toBeCloseTo(80, 0);
    meter.settle("transaction", 5_020);
    expect(meter.left(5_020)).toBe(100);
    meter.start(5_020);
    meter.settle("nothing", 15_020);
    // Nobody owes more than a second.
    expect(meter.left(15_020)).toBe(-1_000);
    meter.start(15_020);
    meter.settle("block", 15_030);
    expect(meter.left(15_030)).toBe(100);
  });

  it("does not count the work of others that an operation waits for", () => {
    let now = 0;
    const stopwatch = { now: () => now };
    const meter = new WorkMeter(0);
    meter.start(now);
    now = 10;
    const onTurn = untilTurn(meter, stopwatch);
    now = 310;
    onTurn();
    now = 330;
    meter.stop(now);
    expect(meter.left(now)).toBeCloseTo(70, 0);
    // It does not begin to count where nothing is being handled.
    untilTurn(meter, stopwatch)();
    expect(meter.isRunning).toBe(false);
  });
});
