import * as core from "@chain/core";
import { testDocExamples } from "@chain/testing/docExamples";
import * as simnet from "../src/index.ts";

testDocExamples("simnet", simnet, async () => {
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const simulation = new simnet.Simulation({ seed: 1, settle, blockInterval: 60_000 });
  const nodes = await simulation.addRandomNodes(4, 2);
  const publicKey = Uint8Array.of(2, ...new Uint8Array(31), 1);
  return { ...core, settle, simulation, nodes, publicKey };
});
