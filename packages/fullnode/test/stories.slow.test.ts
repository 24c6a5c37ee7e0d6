/** The block catalogue, sent over TCP to a node with LevelDB, by somebody who comes back when he is thrown out. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { bytesToHex, type ChainParams, type Txid } from "@chain/core";
import { ChainManager, Node } from "@chain/engine";
import { fastestVerifier } from "@chain/signatures";
import { openLevelStore } from "@chain/storage/level";
import { NaiveNode } from "@chain/testing/naiveNode";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { ScriptedPeer } from "@chain/testing/scriptedPeer";
import { allStories } from "@chain/testing/stories";
import {
  type Message,
  MSG_TX,
  MSG_WITNESS_FLAG,
  type SessionEvent,
  WTXID_RELAY_VERSION,
} from "@chain/wire";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock, systemRandom, systemTimers } from "../src/ports/system.ts";
import { listen, tcpDialer } from "../src/ports/tcp.ts";

/** Reasons are cut to this on the wire (BIP-0061). */
const MAX_REASON = 111;

async function startNode(params: ChainParams): Promise<{ chain: ChainManager; port: number }> {
  const store = await openLevelStore(join(await temporaryDirectory(), "chain.db"));
  const [clock, timers, log] = [systemClock, systemTimers, () => {}];
  const verifier = await fastestVerifier();
  const chain = await ChainManager.open({ params, store, verifier, clock, timers, log });
  const [random, dialer, userAgent] = [systemRandom, tcpDialer(), "/node:1/"];
  const node = new Node({ chain, clock, timers, random, dialer, log, userAgent });
  const port = await freePort();
  const listener = await listen({ host: "127.0.0.1", port }, (connection) =>
    node.accept(connection),
  );
  node.start();
  onTestFinished(async () => {
    await listener.close();
    await node.stop();
    await chain.close();
  });
  return { chain, port };
}

class Sender {
  readonly #twin: NaiveNode;
  readonly #sent: ReadonlyMap<string, Uint8Array>;
  readonly #socket: Socket;
  readonly #peer: ScriptedPeer;
  #question = 0;
  #wake: () => void = () => {};
  ended = false;

  constructor(
    { magic }: ChainParams,
    port: number,
    twin: NaiveNode,
    sent: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#twin = twin;
    this.#sent = sent;
    const socket = connect(port, "127.0.0.1");
    this.#socket = socket;
    const transport = {
      magic,
      direction: "outbound" as const,
      now: () => Date.now(),
      write: (bytes: Uint8Array) => void socket.write(bytes),
      close: () => void socket.destroy(),
    };
    // The last version that is told why something is refused.
    this.#peer = new ScriptedPeer(transport, { protocolVersion: WTXID_RELAY_VERSION - 1 });
    this.#peer.onMessage = (message) => this.#answer(message);
    socket.on("error", () => {}).on("data", (bytes) => this.#take({ type: "data", bytes }));
    socket.once("close", () => {
      this.ended = true;
      this.#wake();
    });
  }

  static async open(...args: ConstructorParameters<typeof Sender>): Promise<Sender> {
    const sender = new Sender(...args);
    await once(sender.#socket, "connect");
    sender.#take({ type: "opened" });
    await sender.#until(() => sender.#peer.ready);
    return sender;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(event: SessionEvent): void {
    this.#peer.take(event);
    this.#wake();
  }

  /** Has what it has sent, and says so. */
  #answer(message: Message): void {
    if (message.command === "getheaders") {
      const { tree } = this.#twin.chain;
      const fork = tree.findFork(message.locator);
      const headers = [];
      for (let height = fork.height + 1; height <= tree.tip.height; height++) {
        const header = tree.activeAt(height)?.header;
        if (header !== undefined) headers.push(header);
      }
      this.#peer.say({ command: "headers", headers });
    } else if (message.command === "getdata") {
      for (const { type, hash } of message.items) {
        const raw = (type & ~MSG_WITNESS_FLAG) === 2 ? this.#sent.get(hash) : undefined;
        if (raw !== undefined) this.#peer.say({ command: "block", raw });
      }
    }
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done() && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends a block, and waits until it is dealt with. @returns why it was refused, if it was */
  async send(raw: Uint8Array): Promise<string | undefined> {
    this.#peer.received.length = 0;
    this.#peer.say({ command: "block", raw });
    // The node answers a later question later; or never, if it has disconnected us.
    const hash = (++this.#question).toString(16).padStart(64, "0") as Txid;
    this.#peer.say({ command: "getdata", items: [{ type: MSG_TX, hash }] });
    const rejected = () => this.#peer.received.find(({ command }) => command === "reject");
    await this.#until(() => this.#peer.received.some(({ command }) => command === "notfound"));
    const message = rejected();
    return message?.command === "reject" ? message.reason : undefined;
  }
}

/** Whether a sender stays after this refusal: it may have been deceived itself, or is not understood. */
function isForgiven(reason: string): boolean {
  return ["bad-block-encoding", "duplicate-invalid"].includes(reason);
}

describe.each(allStories())("$name", ({ name, params, steps }) => {
  test(`${steps.length} blocks`, async () => {
    const { chain, port } = await startNode(params);
    const twin = new NaiveNode(params, await fastestVerifier());
    const sent = new Map<string, Uint8Array>();
    // Blocks beside the best chain are fetched when they are needed, so a refusal may come later than here.
    const hasForks = steps.some(({ expected }) => expected === "side");
    let sender = await Sender.open(params, port, twin, sent);
    for (const { name: step, raw, hash, expected } of steps) {
      const outcome = twin.accept(raw);
      if (outcome === "tip" || outcome === "side") sent.set(hash, raw);
      const reason = await sender.send(raw);
      const what = `${name}, ${step}`;
      if (!hasForks) {
        const wanted = expected === "tip" ? undefined : expected.replace(/^[\w-]+: /, "");
        expect([what, reason]).toEqual([what, wanted?.slice(0, MAX_REASON)]);
        expect([what, sender.ended]).toEqual([what, wanted !== undefined && !isForgiven(wanted)]);
      }
      if (sender.ended) sender = await Sender.open(params, port, twin, sent);
      const tip = () => [what, chain.tip.hash];
      if (hasForks) await expect.poll(tip).toEqual([what, twin.chain.tip.hash]);
      else expect(tip()).toEqual([what, twin.chain.tip.hash]);
    }
    sender.close();
    const located = [...twin.chain.coins.values()];
    const coins = await chain.getCoins(located.map(({ outpoint }) => outpoint));
    expect(coins.map((coin) => coin && [coin.value, bytesToHex(coin.scriptPubKey)])).toEqual(
      located.map(({ coin }) => [coin.value, bytesToHex(coin.scriptPubKey)]),
    );
    expect((await chain.coinStatistics()).count).toBe(located.length);
  });
});
