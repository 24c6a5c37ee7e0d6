/** The P2P protocol over WebSocket: as a browser calls, and as somebody does who means harm. */
import { once } from "node:events";
import { connect } from "node:net";
import { type Dialer, webSocketDialer } from "@chain/engine";
import { freePort } from "@chain/testing/place";
import { expect, onTestFinished, test, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { systemTimers } from "../src/ports/system.ts";
import { listenWebSocket, MAX_FRAME } from "../src/ports/webSocket.ts";
import { Recorder } from "./support/recorder.ts";
import { drive } from "./support/rpc.ts";

const HOST = "127.0.0.1";
const PAGE = "https://wallet.example";

async function listening(server: Recorder): Promise<number> {
  const listener = await listenWebSocket({ host: HOST, port: 0 }, server.attach, {
    origins: [PAGE],
  });
  onTestFinished(() => listener.close());
  return listener.port;
}

/** The dialer of a browser, on a `WebSocket` like the browser's. @param opened hears of the latter */
function dialerOf(opened: (socket: WebSocket) => void = () => {}): Dialer {
  const open = (url: string) => {
    const socket = new WebSocket(url);
    onTestFinished(() => socket.terminate());
    opened(socket);
    return socket as never;
  };
  return webSocketDialer({ open, timers: systemTimers });
}

const dialer = dialerOf();

/** A client that sends what it likes. */
async function bare(port: number, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${HOST}:${port}/`, options);
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

async function pair(opened?: (socket: WebSocket) => void) {
  const [server, client] = [new Recorder(), new Recorder()];
  const port = await listening(server);
  await dialerOf(opened).dial({ host: HOST, port }, client.attach);
  await server.until(() => server.connection !== undefined);
  const ends = [server, client].map(({ connection }) => connection ?? expect.unreachable());
  return { server, client, ends };
}

test("bytes go both ways, those before the end as well, and the end is told once", async () => {
  const { server, client, ends } = await pair();
  expect(ends.map(({ remote }) => remote.host)).toEqual([HOST, HOST]);
  // More than a message may have: the dialer cuts it.
  client.connection?.write(new Uint8Array(3 * MAX_FRAME));
  server.connection?.write(Uint8Array.of(1, 2, 3));
  await Promise.all([
    server.until(() => server.received === 3 * MAX_FRAME),
    client.until(() => client.received === 3),
  ]);
  client.connection?.write(new Uint8Array(500_000));
  client.connection?.close();
  client.connection?.close();
  await Promise.all([server.closed(), client.closed()]);
  expect(server.received).toBe(3 * MAX_FRAME + 500_000);
  expect(server.events.at(-1)).toBe("close: the peer closed the connection");
  const ended = client.events.filter((event) => event.startsWith("close"));
  expect(ended).toEqual(["close: closed by us"]);
});

test("a sender holds back while the other side does not read", async () => {
  let arrived = 0;
  const { server, client } = await pair((socket) => {
    socket.on("message", (message: Uint8Array | ArrayBuffer) => {
      arrived += message.byteLength;
    });
  });
  const bytes = new Uint8Array(100_000);
  client.connection?.setReading(false);
  server.connection?.setReading(false);
  let written = 0;
  while (client.connection?.write(bytes) !== false) {
    written++;
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(1_000);
  }
  expect(client.events).not.toContain("drain");
  server.connection?.setReading(true);
  await client.until(() => client.events.includes("drain"));
  await server.until(() => server.received === (written + 1) * bytes.length);
  // A browser can't stop what arrives: it is kept until it is read.
  server.connection?.write(bytes);
  server.connection?.write(bytes);
  await vi.waitUntil(() => arrived === 2 * bytes.length);
  expect(client.received).toBe(0);
  client.connection?.setReading(true);
  await client.until(() => client.received === 2 * bytes.length);
});

test("a peer that sends on and on to one that can't read is cut off", async () => {
  const { server, client } = await pair();
  client.connection?.setReading(false);
  for (let n = 0; n < 20; n++) server.connection?.write(new Uint8Array(MAX_FRAME));
  await client.closed();
  expect(client.received).toBe(0);
  expect(client.events.at(-1)).toBe("close: it sends more than we can read");
});

test.each([
  ["text", (socket: WebSocket) => socket.send("hello"), 1003, "it sent text over a WebSocket"],
  [
    "a message that is too long",
    (socket: WebSocket) => socket.send(new Uint8Array(MAX_FRAME + 1)),
    1009,
    "WebSocket: Max payload size exceeded",
  ],
  [
    "one that is too long in fragments",
    (socket: WebSocket) => {
      socket.send(new Uint8Array(MAX_FRAME), { fin: false });
      socket.send(new Uint8Array(1), { fin: true });
    },
    1009,
    "WebSocket: Max payload size exceeded",
  ],
])("%s ends the connection", async (_, send, status, why) => {
  const server = new Recorder();
  const socket = await bare(await listening(server));
  const closed = once(socket, "close");
  send(socket);
  await server.closed();
  expect(server.received).toBe(0);
  expect(server.events.at(-1)).toContain(`close: ${why}`);
  expect((await closed)[0]).toBe(status);
});

test("a peer that ignores the end is cut off", async () => {
  const server = new Recorder();
  const socket = await bare(await listening(server));
  await server.until(() => server.connection !== undefined);
  socket.pause();
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  server.connection?.close();
  vi.advanceTimersByTime(2_000);
  await server.closed();
  expect(server.connection?.write(Uint8Array.of(1))).toBe(true);
});

test("a page may call where it was named, and a program that is no browser always", async () => {
  const server = new Recorder();
  const port = await listening(server);
  for (const origin of ["https://evil.example", "null", `${PAGE}:444`, `http://${HOST}:${port}`]) {
    await expect(bare(port, { origin })).rejects.toThrow("Unexpected server response: 403");
  }
  expect(server.events).toEqual([]);
  await bare(port, { origin: PAGE });
  await bare(port);
  await server.until(() => server.events.length === 2);
});

test.each([
  ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 Upgrade Required"],
  ["version\r\n\r\n", "HTTP/1.1 400 Bad Request"],
  [`GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(9_000)}\r\n\r\n`, "HTTP/1.1 400 Bad Request"],
  [
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
    "HTTP/1.1 400 Bad Request",
  ],
])("a request for anything else is answered and ended", async (request, answer) => {
  const server = new Recorder();
  const socket = connect(await listening(server), HOST);
  let text = "";
  socket.setEncoding("latin1").on("data", (some) => {
    text += some;
  });
  socket.write(request);
  await once(socket, "end");
  socket.destroy();
  expect(text.split("\r\n")[0]).toBe(answer);
  expect(server.events).toEqual([]);
});

test("a call that fails says so", async () => {
  const port = await freePort();
  await expect(dialer.dial({ host: HOST, port }, () => expect.unreachable())).rejects.toMatchObject(
    {
      code: "unreachable",
      message: `no WebSocket at ws://${HOST}:${port}/`,
    },
  );
  const taken = await listening(new Recorder());
  const again = listenWebSocket({ host: HOST, port: taken }, () => expect.unreachable(), {
    origins: [],
  });
  await expect(again).rejects.toMatchObject({ code: "in-use", data: { option: "listen-ws" } });
});

test("a node takes calls over WebSocket with the rights of the door, and bans as over TCP", async () => {
  const permissions = new Set(["download"] as const);
  const webSocketBind = [{ host: HOST, port: 0, permissions }];
  const { node, rpc } = await drive({ webSocketBind, bind: [] });
  const [address] = node.webSockets;
  if (address === undefined) return expect.fail("it listens nowhere");
  const other = await drive();
  await new Promise<void>((resolve, reject) => {
    dialer
      .dial(address, (connection) => {
        resolve();
        return other.node.node.accept(connection);
      })
      .catch(reject);
  });
  await expect.poll(async () => (await rpc.call("getpeerinfo")).length).toBe(1);
  const [peer] = await rpc.call("getpeerinfo");
  expect([peer?.inbound, peer?.permissions]).toEqual([true, ["download"]]);
  await rpc.call("setban", { subnet: HOST, command: "add" });
  await expect.poll(async () => (await rpc.call("getpeerinfo")).length).toBe(0);
  const banned = new Recorder();
  await dialer.dial(address, banned.attach);
  await banned.closed();
  expect(banned.received).toBe(0);
});
