import { TestChain } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { frameMessage } from "@chain/wire";
import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../src/events.ts";
import { CpuTimeBudget } from "../../../src/net/peer/cpuTimeBudget.ts";
import { InboundCpuBudget } from "../../../src/net/peer/inboundCpuBudget.ts";
import { type PermissionRule, parsePermissionRule } from "../../../src/net/peer/permissions.ts";

describe("a meter of work", () => {
  it("gives callers an allowance as long as there is one for all of them", () => {
    const welcome = new InboundCpuBudget();
    expect([welcome.take(0), welcome.take(0)]).toEqual([100, 95]);
    let callers = 2;
    for (; !welcome.isWornOut(0); callers++) welcome.take(0);
    expect(callers).toBe(59);
    let inTheNextSecond = 0;
    for (; !welcome.isWornOut(1_000); inTheNextSecond++) welcome.take(1_000);
    expect(inTheNextSecond).toBeLessThan(12);
    expect(new CpuTimeBudget(0, 50).left(0)).toBe(50);
  });
});

describe("a node", () => {
  /** With a stopwatch by which everything takes a while. */
  async function busyNode(options: Parameters<TestNetwork["add"]>[1] = {}) {
    const network = new TestNetwork();
    let cost = 0;
    const stopwatch = {
      now: () => {
        cost += 0.5;
        return network.time.now() + cost;
      },
    };
    const node = await network.add("node", { stopwatch, ...options });
    const source = new TestChain(network.params);
    for (let i = 0; i < 40; i++) source.mine();
    const answers = new Map<PeerId, number>();
    node.node.subscribe((event) => {
      if (event.type !== "message-sent" || event.message.command !== "pong") return;
      answers.set(event.peer, (answers.get(event.peer) ?? 0) + 1);
    });
    const pongs = (peer: PeerId): number => answers.get(peer) ?? 0;
    return { network, node, source, pongs };
  }
  function pings(network: TestNetwork, count: number): Uint8Array {
    const one = frameMessage(network.params.magic, { command: "ping", nonce: 1n });
    const many = new Uint8Array(count * one.length);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    return many;
  }

  it("lets only some in while blocks come, where too many call, and guests always", async () => {
    const permissions = [parsePermissionRule("noban@10.7.7.7") as PermissionRule];
    const { network, node, source } = await busyNode({ permissions });
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    const call = (host?: string): Stranger => {
      const stranger = new Stranger(network, "outbound");
      stranger.open(network.connectStranger(node, stranger.handler, host));
      return stranger;
    };
    for (let i = 0; i < 60; i++) call();
    // Nothing is more urgent yet.
    await time.until("all callers", () => node.node.peers().length === 61);
    honest.say({ command: "headers", headers: source.blocks.slice(1).map((b) => b.header) });
    await honest.hears("getdata");
    const refused = call();
    expect(await refused.isDropped()).not.toBe("");
    const guest = call("10.7.7.7");
    await time.until("the guest", () => guest.ready);
    // Some are let in again as time goes by.
    await time.pass(2_000);
    const later = call();
    await time.until("the handshake", () => later.ready);
  });

  it("gives a guest an allowance of its own, however many have called before", async () => {
    const permissions = [parsePermissionRule("noban@10.7.7.7") as PermissionRule];
    const { network, node, source, pongs } = await busyNode({ permissions });
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    for (let i = 0; i < 25; i++) await Stranger.connect(network, node);
    honest.say({ command: "headers", headers: source.blocks.slice(1).map((b) => b.header) });
    await honest.hears("getdata");
    const guest = await Stranger.connect(network, node, { host: "10.7.7.7" });
    guest.write(pings(network, 10));
    const asked = time.now();
    await time.until("the answers", () => pongs(26) >= 10);
    expect(time.now() - asked).toBeLessThan(50);
  });
});
