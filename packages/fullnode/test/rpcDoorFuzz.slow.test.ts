/** Ten thousand calls over HTTP, half and slow callers among them: no fault of ours, and the node stays up. */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { bytesToHex } from "@chain/core";
import { toJson } from "@chain/rpc";
import { heapUsed } from "@chain/testing/fuzz";
import { freePort } from "@chain/testing/place";
import { Rng } from "@chain/testing/random";
import { expect, onTestFinished, test } from "vitest";
import { drive, regtestAddress } from "./support/rpc.ts";
import { ASKED, Questions } from "./support/rpcQuestions.ts";

const SEED = 20_261_128;
const CALLS = 10_000;
/** Most bytes of heap that the calls may leave behind. */
const LEFT = 128 * 1024 * 1024;

test(`${CALLS} calls of seed ${SEED} bring no fault of ours`, async () => {
  const faults: string[] = [];
  const port = await freePort();
  const { rpc, node, identity } = await drive({
    rpc: { port, rest: true, events: true, metrics: true },
    log: (level, _, message) => {
      if (level === "error") faults.push(message);
    },
  });
  await rpc.call("generatetoaddress", { nblocks: 110, address: regtestAddress(0) });
  const { tip } = node.chain;
  const hex = bytesToHex((await node.chain.getRawBlock(tip.hash)) ?? expect.unreachable());
  const address = regtestAddress(0);
  const texts = [tip.hash, "00".repeat(32), hex, hex.slice(0, 160), hex.slice(162), "", "00", "zz"];
  const words = [
    address,
    `addr(${address})`,
    "add",
    "remove",
    "start",
    "127.0.0.1",
    "cHNidP8=",
    "é\u0000",
  ];
  const random = new Rng(SEED);
  const below = (end: number) => random.below(end);
  const questions = new Questions(random, [...texts, ...words]);
  const cookie = readFileSync(identity.paths.cookie);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  onTestFinished(() => agent.destroy());
  const halves = halfCallers(port);
  const before = heapUsed();
  const codes = new Map<number, number>();
  for (let made = 0; made < CALLS; ) {
    const size = below(10) === 0 ? 1 + below(20) : 1;
    const all = Array.from({ length: size }, () => questions.request());
    const text = toJson(size === 1 ? (all[0] ?? null) : all);
    const body = below(20) === 0 ? text.slice(0, below(text.length)) : text;
    if (below(50) === 0) halves.begin(body, below(body.length + 1));
    const answer = await post(port, agent, cookie, body);
    for (const code of codesOf(answer.text)) {
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (code === -32_603) faults.push(`${code}: ${body.slice(0, 300)}`);
    }
    expect([200, 204, 400, 404, 500], body.slice(0, 300)).toContain(answer.status);
    made += size;
    expect(faults, body.slice(0, 600)).toEqual([]);
  }
  await halves.end();
  expect(heapUsed() - before).toBeLessThan(LEFT);
  expect(await rpc.call("getblockcount")).toBeGreaterThan(0);
  // The seed finds good calls and most kinds of wrong ones.
  const kinds = [0, -1, -3, -5, -8, -22, -32_600, -32_700];
  expect([...codes.keys()]).toEqual(expect.arrayContaining(kinds));
  expect(ASKED.length).toBeGreaterThan(70);
});

/** Code of each answer: 0 for a result. */
function codesOf(text: string): number[] {
  if (text === "") return [];
  const answers = JSON.parse(text) as unknown;
  return (Array.isArray(answers) ? answers : [answers]).map(
    (each: { readonly error?: { readonly code: number } | null }) => each.error?.code ?? 0,
  );
}

function post(port: number, agent: Agent, cookie: Uint8Array, body: string) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const authorization = `Basic ${Buffer.from(cookie).toString("base64")}`;
    const options = { host: "127.0.0.1", port, agent, method: "POST", headers: { authorization } };
    const call = request(options, async (response) => {
      let text = "";
      for await (const part of response.setEncoding("utf8")) text += part;
      resolve({ status: response.statusCode ?? 0, text });
    });
    call.on("error", reject).end(body);
  });
}

/** Callers that send a part of a request and stay, or read events and values and take nothing in. */
function halfCallers(port: number) {
  const sockets: Socket[] = [];
  return {
    begin: (body: string, sent: number) => {
      const socket = connect(port, "127.0.0.1").pause();
      socket.on("error", () => {});
      sockets.push(socket);
      const paths = ["/events", "/metrics", "/rest/chaininfo.json"];
      const path = paths[sockets.length % 6];
      if (path !== undefined) socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      else {
        const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
        socket.write(`${head}${body}`.slice(0, sent + 20));
      }
    },
    end: async () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
