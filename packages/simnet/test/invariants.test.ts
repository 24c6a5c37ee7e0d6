/** A broken invariant is noticed, and the message says how to see it again. */
import { Block, blockSubsidy, Transaction } from "@chain/core";
import type { NodeEvent } from "@chain/engine";
import { settle } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import { runPreset, type SimNode, Simulation } from "../src/index.ts";
import { Invariants } from "../src/invariants.ts";

const MINUTE = 60_000;

function quiet(seed = 4): Simulation {
  return new Simulation({ seed, settle, replay: `pnpm sim quiet --seed ${seed}` });
}

/** A node whose chain says what a test wants. */
function puppet(simulation: Simulation) {
  const failures: string[] = [];
  const { params } = simulation;
  let listener: (event: NodeEvent) => void = () => {};
  const tip = { chainWork: 10n, height: 5 };
  const chain = {
    params,
    tip,
    mempool: { memory: 1, limits: { maxMemory: 10 } },
    subscribe: (wanted: typeof listener) => {
      listener = wanted;
    },
  };
  const host = simulation.addHost();
  const peers: object[] = [];
  const fields = { name: "puppet", running: true, host, chain, node: { peers: () => peers } };
  const node = fields as unknown as SimNode;
  const invariants = new Invariants({
    network: simulation.network,
    maxInbound: 2,
    fail: (what) => failures.push(what),
  });
  invariants.watch(node);
  const emit = (event: object) => listener(event as NodeEvent);
  return { node, chain, tip, peers, host, invariants, failures, emit, params };
}

describe("invariants", () => {
  it("notice a tip that goes back to less work", () => {
    const { tip, emit, failures } = puppet(quiet());
    tip.chainWork = 11n;
    emit({ type: "tip-changed" });
    expect(failures).toEqual([]);
    tip.chainWork = 9n;
    emit({ type: "tip-changed" });
    expect(failures).toEqual(["puppet went back to less work, at height 5"]);
  });

  it("notice a block that makes another amount than its subsidy", () => {
    const { emit, failures, params } = puppet(quiet());
    const { header, transactions } = params.genesis;
    const [coinbase] = transactions as [Transaction];
    const paying = (value: bigint, lockTime: number) => {
      const outputs = [{ value, scriptPubKey: coinbase.outputs[0]!.scriptPubKey }];
      const block = new Block(header, [new Transaction({ ...coinbase, outputs, lockTime })]);
      // Another hash for each, as another header would have.
      Object.defineProperty(block, "hash", { value: `${lockTime}`.padStart(64, "0") });
      emit({ type: "block-connected", block, height: 1 });
    };
    const subsidy = blockSubsidy(1, params);
    paying(subsidy, 1);
    expect(failures).toEqual([]);
    paying(subsidy + 1n, 2);
    paying(subsidy - 1n, 3);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toContain(`makes ${subsidy + 1n}, not ${subsidy}`);
  });

  it("notice what grows beyond its bounds", () => {
    const { node, chain, peers, invariants, failures } = puppet(quiet());
    invariants.checkBounds(node);
    expect(failures).toEqual([]);
    chain.mempool.memory = 11;
    for (let n = 0; n < 3; n++) peers.push({ inbound: true, kind: "inbound" });
    for (let n = 0; n < 17; n++) peers.push({ inbound: false, kind: "outbound" });
    invariants.checkBounds(node);
    expect(failures).toEqual([
      "the mempool of puppet takes 11 bytes",
      "puppet has 3 inbound peers",
      "puppet has called 17 peers",
    ]);
  });

  it("notice bytes that pile up on a line", async () => {
    const simulation = quiet();
    const [one, other] = await simulation.addNodes(2);
    const { dial } = simulation.network.dialerOf(one!.host);
    const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    await simulation.time.during(
      dial(other!.address, (connection) => {
        connection.write(new Uint8Array(17_000_000));
        return silent;
      }),
    );
    await expect(simulation.run(1)).rejects.toMatchObject({
      code: "invariant",
      message: expect.stringContaining("has written 17000000 bytes"),
    });
  });
});

describe("a checkpoint", () => {
  it("notices nodes that do not agree", async () => {
    const simulation = quiet();
    const [one, other] = await simulation.addNodes(2);
    await simulation.premine(one!, 2);
    await simulation.checkpoint([[one!], [other!]]);
    await expect(simulation.checkpoint()).rejects.toMatchObject({
      code: "invariant",
      message: expect.stringMatching(/no agreement: 1 on .* at 2, 1 on .* at 0 .*--seed 4/),
    });
  });

  it("notices coins that are not the same, or too many", async () => {
    for (const [lie, complaint] of [
      [{ hash: "00" }, "node1 has other coins than node0"],
      [{ total: 1n }, "node0 has coins of 1, where"],
    ] as const) {
      const simulation = quiet();
      const first = await simulation.addNode();
      const second = await simulation.addNode({ connect: [first] });
      await simulation.premine(first, 2);
      const { chain } = "total" in lie ? first : second;
      const honest = chain.coinStatistics.bind(chain);
      chain.coinStatistics = async () => ({ ...(await honest()), ...lie });
      await expect(simulation.checkpoint()).rejects.toMatchObject({
        code: "invariant",
        message: expect.stringContaining(complaint),
      });
    }
  });

  it("lets one more block decide between two of equal work", async () => {
    const simulation = quiet();
    const first = await simulation.addNode();
    const second = await simulation.addNode({ connect: [first] });
    simulation.partition([[first], [second]]);
    await simulation.premine(first, 1);
    await simulation.premine(second, 1);
    simulation.heal();
    await simulation.run(MINUTE);
    const tips = () => [first.chain.tip.hash, second.chain.tip.hash];
    expect(new Set(tips()).size).toBe(2);
    await simulation.checkpoint();
    expect(new Set(tips()).size).toBe(1);
    expect(first.chain.tip.height).toBe(2);
  });

  it("takes a node that is down for what it is", async () => {
    const simulation = quiet();
    const [one, other] = await simulation.addNodes(2);
    await simulation.premine(one!, 2);
    await simulation.kill(other!);
    expect(() => other!.chain).toThrow(expect.objectContaining({ code: "not-running" }));
    await simulation.checkpoint();
    await simulation.run(MINUTE);
  });
});

describe("a scenario", () => {
  it("that fails says how to play it again", async () => {
    const failing = runPreset("small", {
      seed: 7,
      nodes: 4,
      settle,
      prepare: (simulation) => simulation.time.after(90_000, () => simulation.fail("the sky fell")),
    });
    await expect(failing).rejects.toMatchObject({
      code: "invariant",
      message: "the sky fell (again: pnpm sim small --seed 7 --nodes 4)",
    });
  });

  it("takes only numbers that make sense", async () => {
    for (const wrong of [{ seed: 0.5 }, { nodes: 3 }, { hours: 0 }, { hours: Number.NaN }]) {
      await expect(runPreset("small", { seed: 1, settle, ...wrong })).rejects.toMatchObject({
        code: "bad-option",
      });
    }
    await expect(runPreset("constructor", { seed: 1, settle })).rejects.toMatchObject({
      code: "unknown-preset",
    });
  });
});
