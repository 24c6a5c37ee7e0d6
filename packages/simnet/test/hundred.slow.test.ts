/** A hundred nodes, one history after another: what holds for small networks holds for larger ones. */

import { settle } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import { Simulation } from "../src/index.ts";

const MINUTE = 60_000;

describe("a hundred nodes", () => {
  it.each([1, 2, 3])("agree whatever is cut, lost and killed (seed %i)", async (seed) => {
    const simulation = new Simulation({
      seed,
      settle,
      blockInterval: 3 * MINUTE,
      paymentInterval: 5 * MINUTE,
      lossRate: 0.01,
      engine: { idleTickInterval: 10_000 },
      replay: `this test with seed ${seed}`,
    });
    const nodes = await simulation.addRandomNodes(100, 6);
    const random = simulation.random("fate");
    simulation.mining.start();
    simulation.payments.start();
    await simulation.run(20 * MINUTE);

    const dead = random.shuffle(nodes).slice(0, 10);
    for (const node of dead) await simulation.kill(node);
    const mixed = random.shuffle(nodes);
    const parts = [mixed.slice(0, 35), mixed.slice(35)];
    simulation.partition(parts);
    await simulation.run(20 * MINUTE);
    // A part may fall apart where all calls of somebody went to the other: so only the whole has to agree.
    simulation.heal();
    for (const node of dead) await simulation.restart(node);
    await simulation.run(10 * MINUTE);
    await simulation.checkpoint();

    const [observer] = nodes;
    const { minedCount } = simulation.statistics;
    expect(minedCount).toBeGreaterThan(8);
    expect(observer!.chain.tip.height).toBe(
      minedCount - simulation.statistics.staleCount(observer!),
    );
  });
});
