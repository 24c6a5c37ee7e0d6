/** Twenty processes that are killed, cut off and stalled at random while others pay: in the end all have one chain. */

import { setTimeout as pause } from "node:timers/promises";
import {
  type ControlClient,
  createDatabase,
  type Identity,
  openOffline,
  parseIdentity,
  type RpcResults,
} from "@chain/fullnode";
import { addressOf, asNode, GENESIS, temporaryDirectory } from "@chain/testing/place";
import { anyPorts } from "@chain/testing/processes";
import { Rng } from "@chain/testing/random";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChaosNetwork } from "./support/chaosNetwork.ts";
import { Ledger } from "./support/ledger.ts";
import { runProgram } from "./support/run.ts";

const SEED = Number(process.env["CHAOS_SEED"] ?? Date.now() % 1_000_000);
const MINUTES = Number(process.env["CHAOS_MINUTES"] ?? 5);
const NODES = 20;
/** Fewer must not run. */
const ENOUGH = 13;
/** Between two things that happen. Milliseconds. */
const PACE = 600;
/** Longest that a network may be split, so that nobody waits too long before calling again. Milliseconds. */
const LONGEST_SPLIT = 25_000;
/** Until all agree again. Milliseconds. */
const SETTLED_WITHIN = 75_000;

/** Harm that is done at random, and how often it was. */
class Chaos {
  readonly counts: Record<string, number> = {};
  readonly #network: ChaosNetwork;
  readonly #ledger: Ledger;
  readonly #dice: Rng;
  #splitAt = 0;

  constructor(network: ChaosNetwork, ledger: Ledger, dice: Rng) {
    this.#network = network;
    this.#ledger = ledger;
    this.#dice = dice;
  }

  async step(): Promise<void> {
    const dice = this.#dice;
    await this.#endOrBegin();
    this.#disturb();
    if (dice.chance(30)) await this.#mine();
    for (let i = dice.below(4); i > 0; i--) {
      const node = dice.oneOf(this.#network.ready);
      if (node !== undefined) await this.#ledger.pay(node);
    }
  }

  async #endOrBegin(): Promise<void> {
    const dead = this.#network.dead.length;
    const luck = this.#dice.uniform();
    if (dead >= NODES - ENOUGH || (dead > 0 && luck < 0.35)) this.#restart();
    else if (luck < 0.6) await this.#kill();
    else if (luck < 0.7) await this.#stop();
  }

  #disturb(): void {
    const network = this.#network;
    const luck = this.#dice.uniform();
    if (network.isSplit) {
      const age = Date.now() - this.#splitAt;
      if (age > LONGEST_SPLIT || luck < 0.05) this.#did("heal", () => network.heal());
    } else if (luck < 0.1) {
      this.#splitAt = Date.now();
      this.#did("split", () => network.split());
    } else if (luck < 0.2) {
      this.#did("cut", () => network.disturb("cut"));
    } else if (luck < 0.3) {
      this.#did("stalled", () => network.disturb("stalled"));
    }
  }

  #did(what: string, act: () => void): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    act();
  }

  #restart(): void {
    const node = this.#dice.oneOf(this.#network.dead);
    this.#did("restart", () => void node?.start());
  }

  /** Even one that is only starting. */
  async #kill(): Promise<void> {
    const node = this.#dice.oneOf(this.#network.nodes.filter(({ running }) => running));
    if (node === undefined) return;
    this.#did("kill", () => this.#ledger.beforeKill(node));
    await node.end("SIGKILL");
  }

  async #stop(): Promise<void> {
    const node = this.#dice.oneOf(this.#network.ready);
    this.#did("stop", () => {});
    await node?.end("SIGTERM");
  }

  async #mine(): Promise<void> {
    const control = await this.#dice.oneOf(this.#network.ready)?.control();
    this.#did("mine", () => {});
    await control?.mine(addressOf(this.#dice.below(8)));
  }
}

async function controls(network: ChaosNetwork): Promise<ControlClient[]> {
  const found = await Promise.all(network.nodes.map((node) => node.control()));
  return found.map((control, i) => control ?? expect.unreachable(`node ${i} does not run`));
}

type CoinSet = Omit<RpcResults["gettxoutsetinfo"], "disk_size">;

/** Waits until all have one tip. A tie is broken by a block: no time would. @returns the coins of each, at that tip */
async function settle(nodes: readonly ControlClient[]): Promise<readonly CoinSet[]> {
  const end = Date.now() + SETTLED_WITHIN;
  for (;;) {
    const infos = await Promise.all(nodes.map((node) => node.info()));
    const tips = new Map<string, number>(
      infos.map(({ bestblockhash, height }) => [bestblockhash, height]),
    );
    if (tips.size === 1) {
      const sets = await Promise.all(nodes.map((node) => node.call("gettxoutsetinfo")));
      if (sets.every(({ bestblock }) => tips.has(bestblock))) {
        // How much room they take on a disk is a matter of its history.
        return sets.map(({ disk_size: _, ...set }) => set);
      }
    }
    const summary = infos.map(
      ({ node_id, height, bestblockhash, connections_in, connections_out }) =>
        [node_id, height, bestblockhash.slice(-8), connections_in, connections_out].join(" "),
    );
    if (Date.now() > end) expect.fail(`they do not agree:\n${summary.join("\n")}`);
    if (new Set(tips.values()).size === 1) await nodes[0]?.mine(addressOf(0));
    await pause(500);
  }
}

function complaintsOf({ nodes }: ChaosNetwork): string[] {
  return nodes.flatMap(({ complaints }) => complaints);
}

/** The hash of the coins that a node has that does not run. */
async function coinsOnDisk(identity: Identity): Promise<string> {
  const { chain, close } = await openOffline(identity);
  try {
    return (await chain.coinStatistics()).hash;
  } finally {
    await close();
  }
}

describe("twenty nodes", () => {
  it(`agree after ${MINUTES} minutes of chaos (CHAOS_SEED=${SEED})`, {
    timeout: (MINUTES * 60 + 150) * 1000,
  }, async () => {
    console.log(`CHAOS_SEED=${SEED} CHAOS_MINUTES=${MINUTES}`);
    const dice = new Rng(SEED);
    const datadir = await temporaryDirectory();
    const ports = await anyPorts(NODES);
    const identities = ports.map((port) => parseIdentity({ port: String(port), datadir }, {}));
    for (const identity of identities) await createDatabase(identity, GENESIS);
    const miners = new Set([0, NODES - 1]);
    const network = await ChaosNetwork.create({
      identities,
      dice,
      calls: 3,
      arguments: (i) => (miners.has(i) ? ["--miner", addressOf(i % 8), "--mine-when", "1"] : []),
    });
    onTestFinished(() => network.close());
    await Promise.all(network.nodes.map((node) => node.start()));
    const ledger = new Ledger(dice);
    const chaos = new Chaos(network, ledger, dice);
    const end = Date.now() + MINUTES * 60_000;
    while (Date.now() < end) {
      await chaos.step();
      await pause(PACE);
    }

    network.heal();
    const healedAt = Date.now();
    await Promise.all(network.dead.map((node) => node.start()));
    expect(complaintsOf(network)).toEqual([]);
    const state = () => [network.ready.length, ...complaintsOf(network)];
    await expect.poll(state, { timeout: SETTLED_WITHIN }).toEqual([NODES]);
    const nodes = await controls(network);
    const sets = await settle(nodes);
    const settled = Date.now() - healedAt;
    const [set] = sets;
    for (const other of sets) expect(other).toEqual(set);
    // 10 coins for each block, the genesis block included: nobody has made any, and none is gone.
    expect(set?.total_amount).toBe(10 * ((set?.height ?? 0) + 1));
    const outcome = await ledger.outcome(nodes);
    await Promise.all(network.nodes.map((node) => node.end("SIGTERM")));
    const reorganisations = network.nodes.reduce((sum, node) => sum + node.reorganisations, 0);
    const { refused, count: payments } = ledger;
    const height = set?.height;
    const facts = { height, reorganisations, settled, payments, refused };
    console.log({ ...chaos.counts, ...facts, ...outcome });
    const lost = outcome.lost.map((txid) => ledger.historyOf(txid, network.nodes));
    expect(lost.join("\n")).toBe("");
    expect(outcome.unkept).toBeLessThan(payments / 10);
    expect(ledger.surprises).toEqual([]);
    expect(complaintsOf(network)).toEqual([]);
    // A node that was killed now and then has the coins on disk that its blocks lead to.
    const identity = dice.oneOf(identities) ?? expect.unreachable();
    const kept = await coinsOnDisk(identity);
    const rebuilt = await runProgram(["reindexutxo", ...asNode(identity)]);
    expect(rebuilt).toMatchObject({ code: 0, error: "" });
    expect(await coinsOnDisk(identity)).toBe(kept);
    // Something did happen.
    expect(outcome.confirmed).toBeGreaterThan(0);
    expect(reorganisations).toBeGreaterThan(0);
  });
});
