import { TestNetwork, type TestNode } from "@chain/testing/network";
import {
  frameMessage,
  NODE_NETWORK,
  NODE_WITNESS,
  PROTOCOL_VERSION,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";
import { describe, expect, it } from "vitest";
import { TimeOffsets } from "../../../src/net/connecting/timeOffsets.ts";

const MINUTE = 60;

const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

/** The `version` of a peer whose clock is so many seconds ahead. */
function version(network: TestNetwork, ahead: number): Uint8Array {
  return frameMessage(network.params.magic, {
    command: "version",
    protocolVersion: PROTOCOL_VERSION,
    services: NODE_NETWORK | NODE_WITNESS,
    timestamp: BigInt(Math.floor(network.time.now() / 1000) + ahead),
    receiver: UNSPECIFIED_ADDRESS,
    sender: UNSPECIFIED_ADDRESS,
    nonce: 5n,
    userAgent: "/clock:1/",
    startHeight: 0,
    relay: true,
  });
}

/** The node calls one such peer for each clock. */
async function call(network: TestNetwork, node: TestNode, clocks: readonly number[]) {
  for (const ahead of clocks) {
    const address = { host: "10.0.0.9", port: 4000 + Math.floor(network.time.now() % 10_000) };
    network.listen(address, (connection) => {
      network.time.after(0, () => void connection.write(version(network, ahead)));
      return silent;
    });
    await network.during(node.node.callAs("feeler", address));
    await network.time.pass(100);
  }
}

const linesOf = ({ log }: TestNode) => log.filter((line) => line.includes("our clock"));

describe("a clock that disagrees with most peers'", () => {
  it.each([
    [11, "behind", "our clock is 11 minutes behind those of most peers"],
    [-90, "ahead", "our clock is 90 minutes ahead of those of most peers"],
  ])(
    "by %i minutes is told once when it is %s, and once when it agrees again",
    async (minutes, _, text) => {
      const network = new TestNetwork();
      const node = await network.add("node");
      await call(network, node, Array(4).fill(minutes * MINUTE));
      expect([node.node.warnings, node.node.timeOffset]).toEqual([[], 0]);
      await call(network, node, [minutes * MINUTE]);
      expect(node.node.warnings).toEqual([expect.stringContaining(text)]);
      expect(node.node.timeOffset).toBe(minutes * MINUTE);
      await call(network, node, Array(3).fill(2 * minutes * MINUTE));
      expect(linesOf(node)).toEqual([expect.stringContaining(`warn net ${text}`)]);
      await call(network, node, Array(9).fill(0));
      expect(node.node.warnings).toEqual([]);
      expect(linesOf(node).slice(1)).toEqual([
        "info net our clock agrees with those of most peers again",
      ]);
    },
  );

  it("is not told because of peers that call us, be they ever so many", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    for (let i = 0; i < 20; i++) {
      network.connectStranger(node, silent).write(version(network, 3_600));
      await network.time.pass(100);
    }
    expect([node.node.warnings, linesOf(node)]).toEqual([[], []]);
  });

  it("is told above ten minutes, of the last fifty peers, whatever times they name", () => {
    const offsets = new TimeOffsets();
    for (let i = 0; i < 5; i++) offsets.add(10 * MINUTE);
    expect(offsets.warning).toBeUndefined();
    for (let i = 0; i < 6; i++) offsets.add(10 * MINUTE + 1);
    expect(offsets.warning).toBeDefined();
    for (let i = 0; i < 26; i++) offsets.add(0);
    expect(offsets.warning).toBeUndefined();
    for (let i = 0; i < 50; i++) offsets.add(-Number(2n ** 63n));
    expect(offsets.warning).toMatch(/^our clock is \d+ minutes ahead of those/);
  });
});
