/** A fresh node fetches a chain of another implementation: from honest peers, and from others. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { regtest } from "@chain/core";
import { type Identity, openChain, openControl, parseIdentity } from "@chain/fullnode";
import { anyPorts } from "@chain/testing/processes";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FrameFilter, type Tamper } from "./support/frameFilter.ts";
import { nodeArguments, Program } from "./support/process.ts";
import { Relay } from "./support/relay.ts";

const CHAIN = "chain-p2pkh";
/**
 * Of the blocks that arrive, at most so many for each block of the chain. How long it takes is printed and not held: it
 * says more of the machine than of the node. That a stalling peer costs seconds at most is held on a clock of the test,
 * in `blockDownload.test.ts` of the engine.
 */
const FACTOR = 1.3;
/** One dies when it has sent so many blocks: long before the others could do without it. */
const DIES_AFTER = 250;
const patience = { timeout: 60_000, interval: 25 };

let dataDir: string;
const servers: Server[] = [];
const relays: Relay[] = [];

/** A process that has the whole chain. */
class Server {
  readonly identity: Identity;
  #program: Program | undefined;

  constructor(identity: Identity) {
    this.identity = identity;
  }

  async start(): Promise<void> {
    // It calls nobody, or it would find our node by another way than the line that is watched.
    const alone = ["--connect", "127.0.0.1:1"];
    this.#program = new Program(
      nodeArguments({ ...this.identity, dataDir }, "--network", "regtest", ...alone),
    );
    await this.#program.event("ready");
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  /** Dies and comes back with what it has on disk. */
  async dieAndComeBack(): Promise<void> {
    await this.kill();
    await this.start();
  }
}

/** A way to a server, on which the messages that come back are looked at, or worse. */
async function lineTo({ identity }: Server, tamper: Tamper): Promise<Relay> {
  const relay = await Relay.open(
    { host: "127.0.0.1", port: identity.nodeId },
    () => new FrameFilter(regtest.magic, tamper),
  );
  relays.push(relay);
  return relay;
}

/** Counts the blocks that reach the node. */
class Arrivals {
  count = 0;

  of(tamper: Tamper): Tamper {
    return (command, payload) => {
      const passed = tamper(command, payload);
      if (command === "block" && passed !== undefined) this.count++;
      return passed;
    };
  }
}

/** Passes on everything, and says how many blocks that were. */
function honest(onBlock: (count: number) => void = () => {}): Tamper {
  let blocks = 0;
  return (command, payload) => {
    if (command === "block") onBlock(++blocks);
    return payload;
  };
}

/** Says what blocks it has, and never sends one. */
const stalling: Tamper = (command, payload) => (command === "block" ? undefined : payload);

/** Of the blocks that it sends, each fourth has the right header and a spoilt transaction. */
function lying(): Tamper {
  let blocks = 0;
  return (command, payload) => {
    if (command !== "block" || ++blocks % 4 !== 0) return payload;
    const spoilt = payload.slice();
    spoilt.set([(spoilt.at(-10) ?? 0) ^ 1], spoilt.length - 10); // in the script of the last output
    return spoilt;
  };
}

function identityAt(port: number | undefined): Identity {
  return parseIdentity({ port: String(port), network: "regtest", datadir: dataDir }, {});
}

interface Sync {
  /** From the moment that the node listens to its last block. */
  readonly milliseconds: number;
  /** Why peers went, and when. */
  readonly gone: readonly string[];
}

/** Lets a node without blocks fetch them all from those at the other end of the lines. */
async function sync(lines: readonly Relay[]): Promise<Sync> {
  const { facts } = sharedChain(CHAIN);
  const [port] = await anyPorts(1);
  const identity = identityAt(port);
  const connect = lines.flatMap((line) => ["--connect", `127.0.0.1:${line.port}`]);
  const program = new Program(
    nodeArguments({ ...identity, dataDir }, "--network", "regtest", ...connect),
  );
  try {
    const { time } = await program.event("ready");
    const control = await openControl(identity.paths);
    await expect.poll(() => control?.call("getblockcount"), patience).toBe(facts.height);
    const milliseconds = Date.now() - Date.parse(String(time));
    expect(await control?.call("getbestblockhash")).toBe(facts.tipHash);
    const gone = program.lines.filter(({ event }) => event === "peer-gone");
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    return {
      milliseconds,
      gone: gone.map(
        ({ time: at, msg }) => `${Date.parse(String(at)) - Date.parse(String(time))} ms: ${msg}`,
      ),
    };
  } finally {
    await program.kill();
    await rm(identity.paths.database, { recursive: true, force: true });
  }
}

const why = present ? "" : " (skipped: ../shared/data is absent)";

describe.skipIf(!present)(`a thousand blocks over TCP${why}`, () => {
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "chain-bad-peers-"));
    const identities = (await anyPorts(4)).map(identityAt);
    const [first, ...others] = identities;
    if (first === undefined) expect.unreachable();
    const { chain } = await openChain(first, { log: () => {} });
    for (const block of sharedChain(CHAIN).raw) await chain.acceptBlock(block);
    await chain.close();
    for (const { paths } of others) {
      await cp(first.paths.database, paths.database, { recursive: true });
    }
    servers.push(...identities.map((identity) => new Server(identity)));
    await Promise.all(servers.map((server) => server.start()));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await Promise.all(relays.map((relay) => relay.close()));
    await rm(dataDir, { recursive: true, force: true });
  });

  it("arrive from three who are honest, few of them twice", { timeout: 120_000 }, async () => {
    const [a, b, c] = fourServers();
    const arrivals = new Arrivals();
    const { milliseconds, gone } = await sync([
      await lineTo(a, arrivals.of(honest())),
      await lineTo(b, arrivals.of(honest())),
      await lineTo(c, arrivals.of(honest())),
    ]);
    expect(gone).toEqual([]);
    expect(arrivals.count).toBeGreaterThanOrEqual(sharedChain(CHAIN).facts.height);
    expect(arrivals.count).toBeLessThanOrEqual(FACTOR * sharedChain(CHAIN).facts.height);
    console.log("from three who are honest:", { milliseconds, blocks: arrivals.count });
  });

  it.each([
    { title: "one who stalls, a liar and one who dies", withFourth: false },
    { title: "those three and one who is honest", withFourth: true },
  ])("arrive from $title, few of them twice", { timeout: 120_000 }, async ({ withFourth }) => {
    const arrivals = new Arrivals();
    const { milliseconds, gone } = await fromBad(withFourth, arrivals);
    for (const reason of [/bad-txnmrklroot/, /closed|reset/]) {
      expect(gone).toContainEqual(expect.stringMatching(reason));
    }
    expect(arrivals.count).toBeGreaterThanOrEqual(sharedChain(CHAIN).facts.height);
    expect(arrivals.count).toBeLessThanOrEqual(FACTOR * sharedChain(CHAIN).facts.height);
    console.log("with bad ones:", { withFourth, milliseconds, blocks: arrivals.count, gone });
  });
});

function fourServers(): readonly [Server, Server, Server, Server] {
  return servers as [Server, Server, Server, Server];
}

/**
 * One peer stalls for good, and stays, as in Core: a thousand blocks do not use up the window of 1,024, and others take
 * over what it was asked for. One spoils blocks, and is thrown out for the first of them; one is killed in the middle of
 * it and started again at once, and our node has to call it again by itself.
 */
async function fromBad(withFourth: boolean, arrivals: Arrivals): Promise<Sync> {
  const [a, b, c, d] = fourServers();
  let death: Promise<void> | undefined;
  const dying = honest((count) => {
    if (count >= DIES_AFTER) death ??= c.dieAndComeBack();
  });
  const lines = [
    await lineTo(a, stalling),
    await lineTo(b, arrivals.of(lying())),
    await lineTo(c, arrivals.of(dying)),
  ];
  if (withFourth) lines.push(await lineTo(d, arrivals.of(honest())));
  const result = await sync(lines);
  await (death ?? expect.unreachable("nobody died"));
  return result;
}
