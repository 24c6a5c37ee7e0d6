import type { Block, HeaderNode } from "@chain/core";
import { GENESIS_TIME } from "@chain/testing/blockFactory";
import { virtualTime } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import type { Timers } from "../../src/ports.ts";
import { give, grow, openNode } from "../support/chains.ts";
import { realTimers, TestClock } from "../support/ports.ts";

const DAY = 24 * 60 * 60;

describe("living", () => {
  it("knows when it is catching up; age alone does not count, and headers alone not for long", async () => {
    const { chain, clock } = await openNode();
    clock.milliseconds = (GENESIS_TIME + 90 * DAY) * 1000;
    expect(chain.initialDownload).toBe(false);
    const source = (await openNode()).chain;
    const tip = await grow(source, source.tip, 60);
    const path = Array.from({ length: 60 }, (_, i) => tip.ancestor(i + 1) as HeaderNode);
    await chain.acceptHeaders(path.slice(0, 25).map(({ header }) => header));
    expect(chain.initialDownload).toBe(true);
    await give(chain, (await source.getBlock((path[0] as HeaderNode).hash)) as Block);
    expect(chain.initialDownload).toBe(false);
    // The tip is recent for once: from now on nobody can talk this node into silence.
    clock.milliseconds = (chain.tip.header.time + 60) * 1000;
    expect(chain.initialDownload).toBe(false);
    await chain.acceptHeaders(path.map(({ header }) => header));
    expect(chain.initialDownload).toBe(false);
  });

  it("counts the age of the tip where it is told how old that may be, and only until it was younger once", async () => {
    const clock = new TestClock(GENESIS_TIME);
    const { chain } = await openNode({ clock, maxTipAge: 3600_000 });
    const showsAge = (seconds: number) => {
      clock.milliseconds = (chain.tip.time + seconds) * 1000;
    };
    showsAge(3601);
    expect(chain.initialDownload).toBe(true);
    // The next block is old as well when it comes.
    showsAge(DAY);
    await grow(chain, chain.tip, 1);
    showsAge(3601);
    expect(chain.initialDownload).toBe(true);
    showsAge(3600);
    expect(chain.initialDownload).toBe(false);
    showsAge(90 * DAY);
    expect(chain.initialDownload).toBe(false);
  });

  it("believes headers without blocks for two minutes, and says so when it does no longer", async () => {
    const time = virtualTime(0);
    const clock = new TestClock(GENESIS_TIME + 90 * DAY);
    const timers: Timers = {
      after: (wait, callback) => (wait === 0 ? realTimers : time).after(wait, callback),
    };
    const { chain, events, lines } = await openNode({ clock, timers });
    const source = (await openNode()).chain;
    const tip = await grow(source, source.tip, 60);
    const path = Array.from({ length: 60 }, (_, i) => tip.ancestor(i + 1) as HeaderNode);
    const bodyOf = async ({ hash }: HeaderNode) => (await source.getBlock(hash)) as Block;
    await chain.acceptHeaders(path.map(({ header }) => header));
    await time.pass(119_000);
    expect(chain.initialDownload).toBe(true);
    // A block is a sign of life.
    await give(chain, await bodyOf(path[0] as HeaderNode));
    await time.pass(119_000);
    expect(chain.initialDownload).toBe(true);
    await time.pass(1_000);
    expect(chain.initialDownload).toBe(false);
    expect(events.at(-1)).toEqual({ type: "download-stalled", height: 1 });
    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    // More of the same changes nothing; the next block does.
    await grow(source, tip, 1);
    await chain.acceptHeaders([source.tip.header]);
    expect(chain.initialDownload).toBe(false);
    await give(chain, await bodyOf(path[1] as HeaderNode));
    expect(chain.initialDownload).toBe(true);
    await chain.close();
    await time.pass(200_000);
    expect(events.filter(({ type }) => type === "download-stalled")).toHaveLength(1);
  });
});
