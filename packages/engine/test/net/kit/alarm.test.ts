import { virtualTime } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import { Alarm } from "../../../src/net/kit/alarm.ts";

function setUp() {
  const time = virtualTime(0);
  const rings: number[] = [];
  return {
    time,
    rings,
    alarm: new Alarm({ clock: time, timers: time }, () => rings.push(time.now())),
  };
}

describe("Alarm", () => {
  it("rings once, at the earliest of the times that it was told", async () => {
    const { time, rings, alarm } = setUp();
    alarm.by(1_000);
    alarm.by(500);
    alarm.by(2_000);
    await time.pass(5_000);
    expect(rings).toEqual([500]);
    alarm.by(6_000);
    await time.pass(5_000);
    expect(rings).toEqual([500, 6_000]);
  });

  it("takes at least a millisecond for what is due already, or as long as it is told", async () => {
    const { time, rings, alarm } = setUp();
    await time.pass(100);
    alarm.by(0);
    await time.pass(50);
    alarm.by(0, 20);
    await time.pass(50);
    expect(rings).toEqual([101, 170]);
  });

  it("does not ring once it is stopped, until it is told another time", async () => {
    const { time, rings, alarm } = setUp();
    alarm.by(500);
    alarm.stop();
    await time.pass(1_000);
    expect(rings).toEqual([]);
    alarm.by(1_500);
    await time.pass(1_000);
    expect(rings).toEqual([1_500]);
  });

  it("rests where the clock stands still, so that what is never due does not ring all the time", () => {
    const delays: number[] = [];
    let fire = () => {};
    const timers = {
      after: (delay: number, callback: () => void) => {
        delays.push(delay);
        fire = callback;
        return () => {};
      },
    };
    const alarm: Alarm = new Alarm({ clock: { now: () => 7 }, timers }, () => alarm.by(0));
    alarm.by(0);
    fire();
    fire();
    expect(delays).toEqual([1, 20, 20]);
  });
});
