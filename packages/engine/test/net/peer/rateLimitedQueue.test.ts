import { virtualTime } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import { RateLimitedQueue } from "../../../src/net/peer/rateLimitedQueue.ts";

describe("the queue of those that cost much", () => {
  /** Each wants in again and again, for so many milliseconds. @returns the order in which they were in */
  async function run(needsRest: boolean, lasts: number): Promise<string[]> {
    const time = virtualTime(0);
    const order: string[] = [];
    const taken: Record<string, number> = { ping: 0, inv: 0 };
    const queue = new RateLimitedQueue<string>({
      stopwatch: time,
      timers: time,
      needsRest: () => needsRest,
      priority: (key) => -(taken[key] ?? 0),
    });
    const user = async (key: string, cost: number) => {
      for (;;) {
        await queue.enter(key);
        const from = time.now();
        await new Promise<void>((resolve) => {
          time.after(cost, resolve);
        });
        taken[key] = (taken[key] ?? 0) + time.now() - from;
        order.push(key);
        queue.leave(key);
      }
    };
    void user("ping", 4);
    void user("inv", 80);
    await time.pass(lasts);
    return order;
  }

  it("is used a tenth of the time, by each of them the same", async () => {
    const order = await run(true, 80_000);
    const count = (key: string) => order.filter((each) => each === key).length;
    expect(count("inv")).toBeGreaterThan(45);
    expect(count("inv")).toBeLessThan(55);
    expect(count("ping") / count("inv")).toBeGreaterThan(18);
    expect(count("ping") / count("inv")).toBeLessThan(22);
  });

  it("needs no rest where nothing else is to be done", async () => {
    const order = await run(false, 3_200);
    expect(order.filter((each) => each === "inv").length).toBeGreaterThan(18);
  });

  it("has a timer only while somebody waits for the end of its rest", async () => {
    const time = virtualTime(0);
    let timers = 0;
    const lane = new RateLimitedQueue<string>({
      stopwatch: time,
      timers: {
        after: (delay, callback) => {
          timers++;
          const cancel = time.after(delay, () => {
            timers--;
            callback();
          });
          return () => {
            timers--;
            cancel();
          };
        },
      },
      needsRest: () => true,
      priority: () => 0,
    });
    await lane.enter("one");
    await time.pass(50);
    lane.leave("one");
    expect(timers).toBe(0);
    let isIn = false;
    void lane.enter("two").then(() => {
      isIn = true;
    });
    await time.pass(449);
    expect([timers, isIn]).toEqual([1, false]);
    await time.pass(1);
    expect([timers, isIn]).toEqual([0, true]);
    lane.leave("two");
    void lane.enter("three");
    expect(timers).toBe(1);
    lane.withdraw("three");
    expect(timers).toBe(0);
  });
});
