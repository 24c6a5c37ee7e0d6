/** The block catalogue, sent over TCP to a node with LevelDB, by somebody who comes back when he is thrown out. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { bytesToHex, type ChainParams, type Txid } from "@chain/core";
import { ChainManager, Node } from "@chain/engine";
import { fastestVerifier } from "@chain/signatures";
import { openLevelStore } from "@chain/storage/level";
import { NaiveNode } from "@chain/testing/naiveNode";
import { allStories } from "@chain/testing/stories";
import {
  createSession,
  type Message,
  MSG_TX,
  MSG_WITNESS_FLAG,
  NODE_NETWORK,
  NODE_WITNESS,
  type SessionEvent,
  UNSPECIFIED_ADDRESS,
  WTXID_RELAY_VERSION,
} from "@chain/wire";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock, systemRandom, systemTimers } from "../src/ports/system.ts";
import { listen, tcpDialer } from "../src/ports/tcp.ts";
import { freePort, temporaryDirectory } from "./support/place.ts";

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
  readonly #session: ReturnType<typeof createSession>;
  readonly #heard: Message[] = [];
  #question = 0;
  #wake: () => void = () => {};
  ended = false;

  constructor(
    params: ChainParams,
    port: number,
    twin: NaiveNode,
    sent: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#twin = twin;
    this.#sent = sent;
    this.#session = createSession({
      direction: "outbound",
      magic: params.magic,
      nonce: 77n,
      isOwnNonce: () => false,
      randomNonce: () => 5n,
      services: NODE_NETWORK | NODE_WITNESS,
      userAgent: "/sender:1/",
      startHeight: () => 0,
      relay: true,
      // The last that is told why something is refused.
      protocolVersion: WTXID_RELAY_VERSION - 1,
      receiver: UNSPECIFIED_ADDRESS,
      sender: UNSPECIFIED_ADDRESS,
    });
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("error", () => {}).on("data", (bytes) => this.#take({ type: "data", bytes }));
    this.#socket.once("close", () => {
      this.ended = true;
      this.#wake();
    });
  }

  static async open(...args: ConstructorParameters<typeof Sender>): Promise<Sender> {
    const sender = new Sender(...args);
    await once(sender.#socket, "connect");
    sender.#take({ type: "opened" });
    await sender.#until(() => sender.#session.state === "established");
    return sender;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(event: SessionEvent): void {
    for (const action of this.#session.handle(event, Date.now())) {
      if (action.type === "write") this.#socket.write(action.bytes);
      else if (action.type === "close") this.#socket.destroy();
      else if (action.type === "deliver") this.#answer(action.message);
    }
    this.#wake();
  }

  #say(message: Message): void {
    this.#take({ type: "send", message });
  }

  /** Has what it has sent, and says so. */
  #answer(message: Message): void {
    this.#heard.push(message);
    if (message.command === "getheaders") {
      const { tree } = this.#twin.chain;
      const fork = tree.findFork(message.locator);
      const headers = [];
      for (let height = fork.height + 1; height <= tree.tip.height; height++) {
        const header = tree.activeAt(height)?.header;
        if (header !== undefined) headers.push(header);
      }
      this.#say({ command: "headers", headers });
    } else if (message.command === "getdata") {
      for (const { type, hash } of message.items) {
        const raw = (type & ~MSG_WITNESS_FLAG) === 2 ? this.#sent.get(hash) : undefined;
        if (raw !== undefined) this.#say({ command: "block", raw });
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
    this.#heard.length = 0;
    this.#say({ command: "block", raw });
    // What is asked after it is answered after it; or never, to whom is thrown out.
    const hash = (++this.#question).toString(16).padStart(64, "0") as Txid;
    this.#say({ command: "getdata", items: [{ type: MSG_TX, hash }] });
    const rejected = () => this.#heard.find(({ command }) => command === "reject");
    await this.#until(() => this.#heard.some(({ command }) => command === "notfound"));
    const message = rejected();
    return message?.command === "reject" ? message.reason : undefined;
  }
}

/** Whom a refusal gets thrown out: not who may have been deceived himself, nor who is not understood. */
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
