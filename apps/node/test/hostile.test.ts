import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devnet, ZERO_BLOCK_HASH } from "@chain/core";
import { type Identity, openControl } from "@chain/fullnode";
import { addressOf, GENESIS, newChain } from "@chain/testing/place";
import { hello } from "@chain/testing/probe";
import {
  Deframer,
  frameMessage,
  frameRaw,
  type Message,
  MSG_TX,
  PROTOCOL_VERSION,
} from "@chain/wire";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { nodeArguments, Program } from "./support/process.ts";

const { magic } = devnet(GENESIS);

/** A bare socket to the node. */
class Caller {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #deframer = new Deframer(magic);
  readonly #messages: string[] = [];
  readonly #watchers = new Set<() => void>();

  constructor({ nodeId }: Identity) {
    this.socket = connect(nodeId, "127.0.0.1");
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    this.socket.on("data", (bytes) => {
      for (const event of this.#deframer.push(bytes)) {
        if (event.type === "message") this.#messages.push(event.command);
      }
      for (const watcher of this.#watchers) watcher();
    });
  }

  static async open(identity: Identity): Promise<Caller> {
    const caller = new Caller(identity);
    await new Promise((resolve) => caller.socket.once("connect", resolve));
    return caller;
  }

  /** Says a proper version, so that the rest is listened to. */
  static async shakeHands(identity: Identity): Promise<Caller> {
    const caller = await Caller.open(identity);
    caller.say(hello({ services: 0n }));
    caller.say({ command: "verack" });
    await caller.heard("verack");
    return caller;
  }

  say(message: Message): void {
    this.socket.write(frameMessage(magic, message, PROTOCOL_VERSION));
  }

  heard(command: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#messages.includes(command)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Whether the node still answers on this connection. */
  async answers(): Promise<void> {
    this.say({ command: "ping", nonce: 1n });
    await this.heard("pong");
  }
}

let identity: Identity;
let node: Program;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "chain-node-test-"));
  identity = await newChain(directory);
  node = new Program(nodeArguments(identity, "--log-level", "debug"));
  await node.event("ready");
}, 30_000);

/** After each case the node serves others, takes blocks, and ends in peace. */
afterEach(async () => {
  const honest = await Caller.shakeHands(identity);
  await honest.answers();
  honest.socket.destroy();
  const control = await openControl(identity.paths);
  const before = await control?.info();
  const { height } = (await control?.mine(addressOf(1))) ?? {};
  expect(height).toBe((before?.height ?? -2) + 1);
});

afterAll(async () => {
  node.child.kill("SIGTERM");
  const code = await node.ended;
  await rm(directory, { recursive: true });
  expect({ code, error: node.error }).toEqual({ code: 0, error: "" });
}, 30_000);

function header(command: string, length: number, checksum = 0): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.set(magic, 0);
  bytes.write(command, 4, "latin1");
  bytes.writeUInt32LE(length, 16);
  bytes.writeUInt32LE(checksum, 20);
  return bytes;
}

describe("a node on TCP", () => {
  it("does not mind bytes that are none of its protocol", async () => {
    const says = (why: RegExp) => node.until(({ msg }) => why.test(String(msg)));
    // Nothing at all, and then the end.
    const nothing = await Caller.open(identity);
    nothing.socket.end();
    await nothing.closed;
    // Half a header, and then the end.
    const half = await Caller.open(identity);
    half.socket.end(header("version", 100).subarray(0, 13));
    await half.closed;
    // Garbage ends the connection.
    const garbage = await Caller.open(identity);
    garbage.socket.write(randomBytes(100_000));
    await garbage.closed;
    await says(/magic/);
    // A length of 4 GB: ended by the header alone.
    const huge = await Caller.open(identity);
    huge.socket.write(header("version", 0xffff_ffff));
    await huge.closed;
    await says(/4294967295 bytes announced/);
    // Another network's magic.
    const foreign = await Caller.open(identity);
    foreign.socket.write(
      frameMessage(Uint8Array.of(0xf9, 0xbe, 0xb4, 0xd9), { command: "verack" }),
    );
    await foreign.closed;
  });

  it("drops what it can't use, and goes on with the same peer", async () => {
    const peer = await Caller.shakeHands(identity);
    peer.socket.write(Buffer.concat([header("inv", 4, 1), Buffer.alloc(4)]));
    peer.socket.write(frameRaw(magic, "nonsense", Uint8Array.of(1, 2, 3)));
    peer.socket.write(frameRaw(magic, "tx", Uint8Array.of(1)));
    peer.socket.write(frameRaw(magic, "inv", Uint8Array.of(0xff, 1)));
    peer.say({ command: "inv", items: [] });
    peer.say({ command: "getdata", items: [{ type: MSG_TX, hash: ZERO_BLOCK_HASH }] });
    await peer.heard("notfound");
    await peer.answers();
    const text = JSON.stringify(node.lines);
    for (const why of ["checksum", "nonsense", "unreadable"]) expect(text).toContain(why);
    peer.socket.destroy();
  });

  it("bears 200 connections at once, silent ones", async () => {
    const callers = Array.from({ length: 200 }, () => new Caller(identity));
    await Promise.all(
      callers.map(({ socket, closed }) =>
        Promise.race([new Promise((resolve) => socket.once("connect", resolve)), closed]),
      ),
    );
    // Those beyond the limit are turned away, so wait for at least one of them.
    await Promise.race(callers.map(({ closed }) => closed));
    const control = await openControl(identity.paths);
    const { connections_in = 0 } = (await control?.info()) ?? {};
    expect(connections_in).toBeGreaterThan(50);
    expect(connections_in).toBeLessThanOrEqual(125);
    for (const { socket } of callers) socket.destroy();
    await Promise.all(callers.map(({ closed }) => closed));
    await expect.poll(async () => (await control?.info())?.connections_in).toBe(0);
  });

  it("lets nobody fill its memory by asking and not reading", async () => {
    const control = await openControl(identity.paths);
    const peer = await Caller.shakeHands(identity);
    peer.socket.pause();
    const ask = frameMessage(magic, {
      command: "getdata",
      items: Array.from({ length: 1000 }, () => ({ type: 2, hash: GENESIS.hash })),
    });
    // 40,000 blocks of 184 bytes are 7 MB; what the node does not read stays here.
    for (let i = 0; i < 40; i++) peer.socket.write(ask);
    await control?.mine(addressOf(1));
    peer.socket.destroy();
    await peer.closed;
  });
});
