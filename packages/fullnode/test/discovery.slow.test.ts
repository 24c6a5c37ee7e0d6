/** Nodes on TCP that find each other, and live on without the one they all knew. */

import { GENESIS, newIdentity } from "@chain/testing/place";
import { describe, expect, it, onTestFinished } from "vitest";
import type { NodeConfig } from "../src/node/config.ts";
import { type RunningNode, startNode } from "../src/node/start.ts";

async function start(config: NodeConfig): Promise<RunningNode> {
  const node = await startNode(config);
  onTestFinished(() => node.stop());
  return node;
}

/** With how many others it has shaken hands. */
function known({ node }: RunningNode): number {
  return node.peers().filter(({ ready }) => ready).length;
}

const patience = { timeout: 20_000 };

describe("nodes that know one of them", () => {
  it("find the others, go on when that one is gone, and come back without being told", async () => {
    const identities = await Promise.all(Array.from({ length: 4 }, () => newIdentity()));
    const [first, ...rest] = identities;
    if (first === undefined) expect.unreachable();
    const centre = await start({ identity: first, genesis: GENESIS, addNodes: [] });
    const addNodes = [{ host: "127.0.0.1", port: centre.port }];
    const others: RunningNode[] = [];
    for (const identity of rest) others.push(await start({ identity, genesis: GENESIS, addNodes }));
    for (const node of others) await expect.poll(() => known(node), patience).toBe(3);
    await centre.stop();
    const [miner, , last] = others as [RunningNode, RunningNode, RunningNode];
    expect(miner.chain.tip.height).toBe(0);
    await last.stop();
    // Nobody tells it anything now: it goes back to whom it knows.
    const again = await start({ identity: rest[2]!, addNodes: [] });
    await expect.poll(() => known(again), patience).toBe(2);
  }, 60_000);
});
