import { makeBlock } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { describe, expect, it } from "vitest";
import { AddedNodes } from "../../../src/net/connecting/addedNodes.ts";

const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

describe("DialSchedule", () => {
  it("calls at once, then ever less often, and soon again after a good connection", () => {
    const address = { host: "h", port: 1 };
    const dials = new AddedNodes([address], () => 1);
    expect(dials.due(0)).toEqual([address]);
    expect(dials.due(0)).toEqual([]);
    const waits: (number | undefined)[] = [];
    let now = 0;
    for (let i = 0; i < 9; i++) {
      expect(dials.nextTry).toBe(Number.POSITIVE_INFINITY);
      waits.push(dials.failed(address, now));
      now += waits.at(-1) ?? 0;
      expect(dials.nextTry).toBe(now);
      expect(dials.due(now - 1)).toEqual([]);
      expect(dials.due(now)).toEqual([address]);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    dials.connected(address);
    dials.established(address, now);
    // A node that greets and then shuts the door is not called twice a second for ever.
    expect(dials.failed(address, now + 9_999)).toBe(60_000);
    dials.established(address, now);
    expect(dials.failed(address, now + 10_000)).toBe(500);
    dials.giveUp(address);
    expect(dials.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    expect(dials.failed({ host: "other", port: 1 }, 0)).toBeUndefined();
  });
});

describe("connections", () => {
  it("calls a peer again for ever, and one that breaks the rules only after a long while", async () => {
    const network = new TestNetwork();
    const address = { host: "10.0.0.7", port: 7 };
    const calls: number[] = [];
    network.listen(address, (connection) => {
      calls.push(network.time.now());
      const stranger = new Stranger(network, "inbound");
      network.time.after(0, () => stranger.open(connection));
      stranger.onMessage = (message) => {
        if (message.command !== "getheaders") return;
        const { header } = makeBlock({
          parent: node.chain.headers.genesis,
          params: network.params,
        });
        stranger.say({ command: "headers", headers: [header, header] });
      };
      return stranger.handler;
    });
    const node = await network.add("node", { connect: [address] });
    await network.time.until("three calls", () => calls.length === 3);
    const waits = calls.slice(1).map((time, i) => time - (calls[i] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThan(30_000);
    expect(Math.max(...waits)).toBeLessThan(62_000);
    expect(node.log.some((line) => line.includes("misbehaves"))).toBe(true);
  });

  it("calls again when the wait is over, and not at the next round second", async () => {
    const network = new TestNetwork();
    const address = { host: "10.0.0.7", port: 7 };
    const calls: number[] = [];
    network.listen(address, (connection) => {
      calls.push(network.time.now());
      network.time.after(0, () => connection.close());
      return silent;
    });
    await network.add("node", { connect: [address] });
    await network.time.until("five calls", () => calls.length === 5);
    for (const [i, longest] of [500, 1_000, 2_000, 4_000].entries()) {
      const wait = (calls[i + 1] ?? 0) - (calls[i] ?? 0) - 2 * network.latency;
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest + 1);
    }
  });
});
