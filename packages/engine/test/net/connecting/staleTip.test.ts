import { describe, expect, it } from "vitest";
import { type ChosenPeer, StaleTip } from "../../../src/net/connecting/staleTip.ts";

describe("StaleTip", () => {
  const MINUTE = 60_000;
  const peer = (id: number, more: Partial<ChosenPeer> = {}): ChosenPeer => {
    return { id, connectedAt: 0, lastBlockAt: 0, busy: false, ...more };
  };

  it("wants one more when no block has come for three times as long as one takes", () => {
    const stale = new StaleTip(600);
    const wants = (minute: number, isDownloading = false) =>
      stale.wantsExtra(minute * MINUTE, isDownloading);
    expect([0, 10, 20, 30].map((minute) => wants(minute))).toEqual([false, false, false, false]);
    expect(wants(40, true)).toBe(false); // blocks are on their way
    expect(wants(50)).toBe(true);
    expect(wants(51)).toBe(true);
    stale.tipChanged(52 * MINUTE);
    expect(wants(53)).toBe(false);
    expect(wants(80)).toBe(false);
    expect(wants(90)).toBe(true);
  });

  it("parts with the one that told of a block last, if it had its time", () => {
    const stale = new StaleTip(600);
    const now = 10 * MINUTE;
    const nine = Array.from({ length: 9 }, (_, id) => peer(id, { lastBlockAt: 9 - id }));
    expect(stale.surplus(nine.slice(1), 8, 0)).toBeUndefined();
    expect(stale.surplus(nine, 8, 44_999)).toBeUndefined(); // it was just looked at
    expect(stale.surplus(nine, 8, 45_000)).toBe(8);
    const young = [...nine.slice(0, 8), peer(20, { connectedAt: now - 29_999 })];
    expect(stale.surplus(young, 8, now)).toBeUndefined();
    expect(stale.surplus(young, 8, now + 45_000)).toBe(20);
    const busy = [...nine.slice(0, 8), peer(20, { busy: true })];
    expect(stale.surplus(busy, 8, now + 90_000)).toBeUndefined();
    const silent = Array.from({ length: 9 }, (_, id) => peer(id));
    expect(stale.surplus(silent, 8, now + 135_000)).toBe(8);
  });
});
