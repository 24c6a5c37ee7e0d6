/** Callers of the HTTP door that know no cookie and mean no good, and what an honest caller sees beside them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { freePort } from "@chain/testing/place";
import { expect, onTestFinished } from "vitest";
import { drive, regtestAddress } from "./rpc.ts";

/** The node, as hostile callers know it. */
interface Known {
  /** The first block. */
  readonly hash: string;
  /** The id of an old event. */
  readonly id: string;
}

type Speak = (socket: Socket, known: Known) => void;

const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const post = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`;

/** Their words on a connection of theirs, of which they read nothing. */
const HOSTILE: Readonly<Record<string, Speak>> = {
  "read no event": (socket) => socket.write(get("/events")),
  "ask for all events": (socket, { id }) =>
    socket.write(get("/events", `Last-Event-ID: ${id}\r\n`)),
  "ask for values, many in one": (socket) => socket.write(get("/metrics").repeat(50)),
  "ask for long answers, many in one": (socket, { hash }) =>
    socket.write(get(`/rest/headers/${hash}.json?count=2000`).repeat(20)),
  "send half of a request": (socket) => socket.write(get("/metrics").slice(0, -5)),
  "send half of a body": (socket) => socket.write(`${post("/rest/getutxos.json", 1_000)}half`),
  "promise a body without end": (socket) => socket.write(`${post("/metrics", 1e12)}half`),
  "send one byte after the other": (socket) => drip(socket, get("/events")),
  "go at once": (socket) => {
    socket.write(get("/events"), () => socket.resetAndDestroy());
  },
};

/** The events of the door as its owner reads them, whose connection stays. */
interface EventReader {
  /** The id of its first event. */
  readonly id: string;
  /** Heights of the blocks that it was told of, until this one. */
  until(height: number): Promise<readonly number[]>;
}

async function readEvents(port: number, authorization: string): Promise<EventReader> {
  const heights: number[] = [];
  const call = request({ host: "127.0.0.1", port, path: "/events", headers: { authorization } });
  onTestFinished(() => void call.destroy());
  call.end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new RangeError("the owner's stream of events has ended");
    return value;
  };
  let id = "";
  while (id === "") id = /^id: (.*)/.exec(await next())?.[1] ?? "";
  return {
    id,
    until: async (height: number) => {
      while (heights.at(-1) !== height) {
        const [, told] = /^data: .*"height":(\d+),"transactions"/.exec(await next()) ?? [];
        if (told !== undefined) heights.push(Number(told));
      }
      return heights;
    },
  };
}

async function ask(port: number, path: string, headers = {}): Promise<number | undefined> {
  const call = request({ host: "127.0.0.1", port, path, headers, agent: false }).end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  await once(response.resume(), "end");
  return response.statusCode;
}

export interface Left {
  /** Of memory, beyond those before. The callers' half of the connections, in the same process, is among them. */
  readonly bytes: number;
  /** Of the node, the owner's among them. */
  readonly connections: number;
  /** All that have called. */
  readonly callers: number;
}

/**
 * Sends so many callers of each kind to a node at the same time, round by round, while its owner mines and asks.
 * @returns the traces that they have left
 */
export async function besiege(count: number, rounds: number): Promise<Left> {
  const port = await freePort();
  const rpc = { port, rest: true, events: true, metrics: true };
  const { rpc: owner, identity, node } = await drive({ rpc });
  const authorization = `Basic ${readFileSync(identity.paths.cookie).toString("base64")}`;
  const mine = (nblocks: number) =>
    owner.call("generatetoaddress", { nblocks, address: regtestAddress(0) });
  const reader = await readEvents(port, authorization);
  await mine(50);
  const known = { id: reader.id, hash: await owner.call("getblockhash", { height: 0 }) };
  const before = memory();
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let round = 0; round < rounds; round++) {
    for (const speak of Object.values(HOSTILE)) {
      for (let i = 0; i < count; i++) sockets.push(call(port, known, speak));
      const [hash] = await mine(1);
      expect(await owner.call("getbestblockhash")).toBe(hash);
      for (const path of ["/metrics", `/rest/block/${hash}.json`]) {
        expect([path, await ask(port, path, { authorization })]).toEqual([path, 200]);
      }
    }
  }
  const { height } = node.chain.tip;
  expect(await reader.until(height)).toEqual(Array.from({ length: height }, (_, i) => 1 + i));
  // A newcomer without the cookie gets in as well, once those before have had their time.
  await expect.poll(() => ask(port, "/metrics").catch(() => undefined)).toBe(200);
  const both = process.getActiveResourcesInfo().filter((each) => each === "TCPSocketWrap").length;
  const theirs = sockets.filter(({ destroyed }) => !destroyed).length;
  return { bytes: memory() - before, connections: both - theirs, callers: sockets.length };
}

function call(port: number, known: Known, speak: Speak): Socket {
  const socket = connect(port, "127.0.0.1").pause();
  socket.on("error", () => {}).on("connect", () => speak(socket, known));
  return socket;
}

/** One byte whenever the node has taken the one before. */
function drip(socket: Socket, text: string, at = 0): void {
  if (socket.destroyed || at >= text.length) return;
  socket.write(text[at] ?? "", () => setImmediate(() => drip(socket, text, at + 1)));
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
