import type { Milliseconds, SignatureVerifier } from "@chain/core";
import { present } from "@chain/core/arguments";
import { EclipseAttack } from "./byzantine/eclipseAttack.ts";
import { ForgingPeer } from "./byzantine/forgingPeer.ts";
import { LyingPeer } from "./byzantine/lyingPeer.ts";
import { SilentPeer } from "./byzantine/silentPeer.ts";
import { Spammer } from "./byzantine/spammer.ts";
import { StallingPeer } from "./byzantine/stallingPeer.ts";
import { SimulationError } from "./errors.ts";
import type { SimulationEvent } from "./eventLog.ts";
import type { SimulationOptions } from "./options.ts";
import { makeReport, type Report } from "./report.ts";
import type { SimNode } from "./simNode.ts";
import { Simulation } from "./simulation.ts";
import type { Settle } from "./virtualTime.ts";

const MINUTE: Milliseconds = 60_000;
const HOUR = 60 * MINUTE;
/** Peers that each node calls. Core: MAX_OUTBOUND_FULL_RELAY_CONNECTIONS. */
const CALLS = 8;

export interface PresetOptions {
  readonly seed: number;
  readonly settle: Settle;
  /** Other numbers than the preset's own. */
  readonly nodes?: number;
  readonly hours?: number;
  readonly verifier?: SignatureVerifier;
  readonly onEvent?: (event: SimulationEvent) => void;
  /** How far it is, now and then: from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Asked before anything happens: to watch, or to do harm of one's own. */
  readonly prepare?: (simulation: Simulation) => void;
}

interface Preset {
  /** One line for people. */
  readonly about: string;
  readonly nodes: number;
  readonly hours: number;
  readonly options: Partial<SimulationOptions>;
  readonly play: (stage: Stage) => Promise<void>;
}

interface Stage {
  readonly simulation: Simulation;
  readonly nodes: number;
  /** Lets a share of the whole time pass. */
  readonly pass: (share: number) => Promise<void>;
}

/** The scenarios that have a name. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  small: {
    about: "20 nodes for an hour, with a block each minute",
    nodes: 20,
    hours: 1,
    options: { blockInterval: MINUTE, paymentInterval: 20_000, lossRate: 0.005 },
    play: async (stage) => {
      await meet(stage);
      await stage.pass(1);
    },
  },
  partition: {
    about: "30 nodes, cut into two for a third of the time, some killed and started again",
    nodes: 30,
    hours: 3,
    options: { blockInterval: 2 * MINUTE, paymentInterval: MINUTE },
    play: playPartition,
  },
  byzantine: {
    about: "20 nodes, and hostile peers of every kind that call all of them",
    nodes: 20,
    hours: 1,
    options: { blockInterval: 2 * MINUTE, paymentInterval: MINUTE },
    play: playByzantine,
  },
  eclipse: {
    about: "20 nodes that find each other, and 100 strangers around one of them",
    nodes: 20,
    hours: 2,
    options: { blockInterval: 5 * MINUTE, engine: { maxInbound: 30 } },
    play: playEclipse,
  },
  propagation: {
    about: "1,000 nodes for a day, to see how blocks spread",
    nodes: 1_000,
    hours: 24,
    options: {
      paymentInterval: 20 * MINUTE,
      // Idle connections are not what this is about: they are looked at, and kept up, less often.
      engine: {
        idleTickInterval: MINUTE,
        timeouts: { pingInterval: HOUR, ping: 2 * HOUR, inactivity: 3 * HOUR },
      },
    },
    play: async (stage) => {
      await meet(stage);
      await stage.pass(1);
    },
  },
};

/**
 * Plays a scenario to its end, where all that is left agrees.
 * @throws SimulationError `unknown-preset`; `bad-option`; `invariant`, with the command that plays it again.
 * @example
 * const report = await runPreset("small", { seed: 1, settle, nodes: 4, hours: 0.1 });
 * report.seed // 1
 */
export async function runPreset(name: string, options: PresetOptions): Promise<Report> {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (preset === undefined) {
    const known = Object.keys(PRESETS).join(", ");
    throw new SimulationError("unknown-preset", `no preset "${name}"; there are: ${known}`);
  }
  const { seed, settle, nodes = preset.nodes, hours = preset.hours, onProgress } = options;
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(nodes) || nodes < 4 || !(hours > 0)) {
    const what = "a seed is a whole number; nodes are 4 or more, hours more than 0";
    throw new SimulationError("bad-option", what);
  }
  const { verifier, onEvent } = options;
  const simulation = new Simulation({
    seed,
    settle,
    replay: replayOf(name, options),
    ...preset.options,
    ...(verifier === undefined ? {} : { verifier }),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  options.prepare?.(simulation);
  const whole = hours * HOUR;
  let passed = 0;
  const pass = async (share: number): Promise<void> => {
    for (let left = share * whole; left > 0; ) {
      const step = Math.min(left, whole / 100);
      await simulation.run(step);
      left -= step;
      passed += step;
      onProgress?.(passed / whole);
    }
  };
  await preset.play({ simulation, nodes, pass });
  await simulation.checkpoint();
  return makeReport(simulation);
}

function replayOf(name: string, { seed, nodes, hours }: PresetOptions): string {
  const changes = [
    ...(nodes === undefined ? [] : [`--nodes ${nodes}`]),
    ...(hours === undefined ? [] : [`--hours ${hours}`]),
  ];
  return ["pnpm sim", name, `--seed ${seed}`, ...changes].join(" ");
}

/** How long nodes may get to know each other before blocks are found. */
const MEETING = MINUTE;

/** Nodes that call others at random. */
async function meet({ simulation, nodes }: Stage): Promise<readonly SimNode[]> {
  const added = await simulation.addRandomNodes(nodes, CALLS);
  await simulation.run(MEETING);
  simulation.mining.start();
  simulation.payments.start();
  return added;
}

async function playPartition(stage: Stage): Promise<void> {
  const { simulation, pass } = stage;
  const nodes = await meet(stage);
  await pass(0.2);
  const [killed] = nodes as [SimNode];
  await simulation.kill(killed);
  const border = Math.ceil(nodes.length / 3);
  const parts = [nodes.slice(0, border), nodes.slice(border)];
  simulation.partition(parts);
  await pass(0.3);
  await simulation.checkpoint(parts);
  await simulation.restart(killed);
  simulation.heal();
  await pass(0.3);
  await simulation.checkpoint();
  await pass(0.2);
}

async function playByzantine(stage: Stage): Promise<void> {
  const { simulation, pass } = stage;
  const nodes = await meet(stage);
  await simulation.premine(present(nodes[0], "nodes[0]"), 170);
  await simulation.checkpoint();
  const adversaries = [
    new SilentPeer(simulation, "silent"),
    new StallingPeer(simulation, "staller"),
    new LyingPeer(simulation, "liar", "no-work"),
    new LyingPeer(simulation, "braggart", "low-work"),
    new ForgingPeer(simulation, "forger"),
  ];
  for (const adversary of adversaries) adversary.attack(nodes);
  const spammer = new Spammer(simulation, "spammer").attack(nodes.slice(0, 2));
  await pass(0.1);
  spammer.stop();
  await pass(0.9);
}

async function playEclipse({ simulation, nodes, pass }: Stage): Promise<void> {
  const seed = await simulation.addNode({ discovery: true });
  await simulation.addNodes(nodes - 1, () => ({ discovery: true, seeds: [seed] }));
  await pass(0.1);
  const victim = present(simulation.nodes.at(-1), "simulation.nodes.at(-1)");
  const attack = new EclipseAttack(simulation, 100, 5);
  attack.attack(victim);
  simulation.mining.start();
  simulation.payments.start();
  await pass(0.4);
  await simulation.kill(victim);
  await pass(0.05);
  await simulation.restart(victim);
  await pass(0.45);
  const peers = victim.node.peers().filter(({ ready }) => ready);
  if (peers.every(({ address }) => attack.has(address.host))) {
    simulation.fail(
      `${victim.name} is surrounded: all its ${peers.length} peers are one attacker's`,
    );
  }
}
