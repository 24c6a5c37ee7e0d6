/** One seed, one history. */

import { settle } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import { formatEvent, Simulation } from "../src/index.ts";

async function history(seed: number): Promise<{ lines: readonly string[]; hash: string }> {
  const lines: string[] = [];
  const simulation = new Simulation({
    seed,
    settle,
    lossRate: 0.01,
    blockInterval: 30_000,
    onEvent: (event) => lines.push(formatEvent(event)),
  });
  const nodes = await simulation.addNodes(3);
  await simulation.addNodes(4, (n) => ({ connect: [nodes[n % 3]!, nodes[(n + 1) % 3]!] }));
  simulation.mining.start();
  simulation.payments.start();
  await simulation.run(5 * 60_000);
  await simulation.kill(nodes[1]!);
  await simulation.run(2 * 60_000);
  await simulation.restart(nodes[1]!);
  await simulation.run(2 * 60_000);
  await simulation.checkpoint();
  expect(simulation.statistics.minedCount).toBeGreaterThan(10);
  return { lines, hash: simulation.log.hash };
}

describe("a simulation", () => {
  it("has one history for each seed", async () => {
    const [first, again, other] = [await history(1), await history(1), await history(2)];
    expect(again).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
    expect(first.lines.filter((line) => line.includes("paid")).length).toBeGreaterThan(5);
  });
});
