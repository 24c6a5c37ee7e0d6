/** A light node in the simulated network, full nodes that find blocks and pay, and peers that serve filters. */
import { type LightEvent, LightNode, type LightStore, MemoryLightStore } from "@chain/light";
import { type SimNode, Simulation } from "@chain/simnet";
import { settle } from "@chain/testing/time";
import { expect, onTestFinished } from "vitest";
import { type Lies, ServingPeer } from "./servingPeer.ts";

/** A seed that is printed where a test fails: set LIGHT_SEED to have its history again. */
export const SEED: number = Number(process.env["LIGHT_SEED"] ?? Math.floor(Math.random() * 1e9));

export interface World {
  readonly simulation: Simulation;
  readonly node: SimNode;
  readonly payee: SimNode;
  /** Lets a block be found. */
  mine(count?: number): Promise<void>;
  serve(lies?: Lies): ServingPeer;
  light(
    peers: readonly { readonly address: { readonly host: string; readonly port: number } }[],
    store?: LightStore,
  ): Promise<Light>;
  /** The coins of a script, as the full node has them. */
  balance(script: Uint8Array): Promise<bigint>;
}

export interface Light {
  readonly node: LightNode;
  readonly events: LightEvent[];
  readonly store: LightStore;
  /** The balance is that of the full node's tip. */
  caughtUp(within?: number): Promise<void>;
  stop(): Promise<void>;
}

export async function newWorld(seed: number = SEED): Promise<World> {
  const simulation = new Simulation({ seed, settle, replay: `LIGHT_SEED=${seed}` });
  const node = await simulation.addNode({ name: "full" });
  const payee = await simulation.addNode({ name: "payee", weight: 0, connect: [node] });
  const mine = (count = 1) => simulation.premine(node, count);
  return {
    simulation,
    node,
    payee,
    mine,
    serve: (lies) => new ServingPeer(simulation, node, lies),
    balance: async (script) => {
      let sum = 0n;
      for await (const { coin } of node.chain.unspentByScript(script)) sum += coin.value;
      return sum;
    },
    light: (peers, store = new MemoryLightStore()) => openLight(simulation, node, { peers, store }),
  };
}

async function openLight(
  simulation: Simulation,
  full: SimNode,
  {
    peers,
    store,
  }: {
    readonly peers: Parameters<World["light"]>[0];
    readonly store: LightStore;
  },
): Promise<Light> {
  const { params, time, network } = simulation;
  const errors: string[] = [];
  const node = await time.during(
    LightNode.open({
      params,
      store,
      clock: time,
      timers: time,
      random: simulation.random("light"),
      dialer: network.dialerOf(simulation.addHost()),
      log: (level, _, text) => {
        if (level === "error") errors.push(text);
      },
      userAgent: "/light:1/",
      connect: peers.map(({ address }) => address),
    }),
  );
  const events: LightEvent[] = [];
  node.subscribe((event) => void events.push(event));
  const stop = () => time.during(node.stop());
  onTestFinished(async () => {
    await stop();
    expect(errors, `seed ${simulation.seed}`).toEqual([]);
  });
  return {
    node,
    events,
    store,
    stop,
    caughtUp: (within) =>
      simulation.until(
        `the light node has searched the chain (seed ${simulation.seed})`,
        () => node.balance.isCurrent && node.tip.hash === full.chain.tip.hash,
        within,
      ),
  };
}
