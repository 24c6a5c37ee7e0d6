/** Honest nodes agree in the end, however strangers behave. */

import { settle } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import {
  EclipseAttack,
  ForgingPeer,
  LyingPeer,
  SilentPeer,
  type SimNode,
  Simulation,
  Spammer,
  StallingPeer,
} from "../src/index.ts";

const MINUTE = 60_000;

async function village(
  options: { readonly maxInbound?: number } = {},
): Promise<{ simulation: Simulation; nodes: readonly SimNode[]; lines: string[] }> {
  const lines: string[] = [];
  const simulation = new Simulation({
    seed: 5,
    settle,
    blockInterval: MINUTE,
    paymentInterval: MINUTE,
    engine: options,
    onEvent: ({ who, what }) => lines.push(`${who} ${what}`),
  });
  const first = await simulation.addNode();
  const others = await simulation.addNodes(3, () => ({ connect: [first] }));
  simulation.mining.start();
  simulation.payments.start();
  return { simulation, nodes: [first, ...others], lines };
}

describe("honest nodes", () => {
  it("part with those who never speak", async () => {
    const { simulation, nodes } = await village();
    const silent = new SilentPeer(simulation, "silent").attack(nodes);
    await simulation.run(10 * MINUTE);
    // A minute for the handshake, each time.
    expect(silent.connections).toBeGreaterThan(4 * 5);
    expect(silent.refusals).toBeGreaterThanOrEqual(silent.connections - 4);
    await simulation.checkpoint();
  });

  it("go on without blocks that are announced and never come", async () => {
    const { simulation, nodes } = await village();
    const staller = new StallingPeer(simulation, "staller").attack(nodes);
    await simulation.run(20 * MINUTE);
    expect(staller.asked).toBeGreaterThan(5);
    expect(staller.refusals).toBeGreaterThan(4);
    staller.stop();
    await simulation.checkpoint();
    expect(nodes[0]!.chain.tip.height).toBeGreaterThan(8);
  });

  it("turn away those whose headers have no work", async () => {
    const { simulation, nodes } = await village();
    const liar = new LyingPeer(simulation, "liar", "no-work").attack(nodes);
    await simulation.run(5 * MINUTE);
    // Once heard, never again.
    expect(liar.open).toBe(0);
    expect(liar.last).toHaveLength(1);
    for (const { chain } of nodes) expect(chain.headers.get(liar.last[0]!)).toBeUndefined();
    await simulation.checkpoint();
  });

  it("keep no headers of a branch that is far behind", async () => {
    const { simulation, nodes } = await village();
    await simulation.premine(nodes[0]!, 180);
    await simulation.checkpoint();
    const liar = new LyingPeer(simulation, "liar", "low-work").attack(nodes);
    await simulation.run(5 * MINUTE);
    expect(liar.last).toHaveLength(20);
    for (const { chain } of nodes) {
      for (const hash of liar.last) expect(chain.headers.get(hash)).toBeUndefined();
    }
    await simulation.checkpoint();
  });

  it("take no block that makes too much, and nothing more from its author", async () => {
    const { simulation, nodes, lines } = await village();
    const forger = new ForgingPeer(simulation, "forger").attack(nodes);
    await simulation.run(10 * MINUTE);
    expect(forger.given).toBe(nodes.length);
    expect(forger.open).toBe(0);
    const refused = lines.filter((line) => line.endsWith("bad-cb-amount"));
    expect(refused.length).toBeGreaterThanOrEqual(nodes.length);
    await simulation.checkpoint();
  });

  it("bear any amount of junk", async () => {
    const { simulation, nodes } = await village();
    const spammer = new Spammer(simulation, "spammer").attack(nodes.slice(0, 1));
    await simulation.run(MINUTE);
    expect(spammer.connections).toBeGreaterThanOrEqual(1);
    expect(simulation.network.traffic.get("*other*")!.messages).toBeGreaterThan(1_000);
    for (const { chain } of nodes) expect(chain.mempool.count).toBeLessThan(20);
    spammer.stop();
    await simulation.checkpoint();
  });

  it("are not surrounded by one who has many machines", async () => {
    const simulation = new Simulation({
      seed: 3,
      settle,
      blockInterval: 2 * MINUTE,
      engine: { maxInbound: 20 },
    });
    const seed = await simulation.addNode({ discovery: true });
    const settings = { discovery: true, seeds: [seed] };
    const others = await simulation.addNodes(9, () => settings);
    const victim = others.at(-1)!;
    await simulation.run(5 * MINUTE);
    const attack = new EclipseAttack(simulation, 40, 4);
    attack.attack(victim);
    simulation.mining.start();
    await simulation.run(5 * MINUTE);
    const peers = () => victim.node.peers().filter(({ ready }) => ready);
    expect(peers().filter(({ address }) => attack.has(address.host)).length).toBeGreaterThan(10);
    // And again, with what the attack has left in its address book.
    await simulation.kill(victim);
    await simulation.run(MINUTE);
    await simulation.restart(victim);
    await simulation.run(5 * MINUTE);
    expect(peers().filter(({ address }) => !attack.has(address.host)).length).toBeGreaterThan(0);
    await simulation.checkpoint();
  });
});
