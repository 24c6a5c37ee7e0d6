/** Callers that know no cookie, and slow ones that do: the owner of a node gets through to it all the same. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { startTestNode } from "@chain/testing/nodes";
import { freePort, newChain, newIdentity } from "@chain/testing/place";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Identity } from "../src/identity.ts";
import { MAX_REQUEST } from "../src/rpc/body.ts";
import { openControl } from "../src/rpc/client.ts";
import { Connection } from "../src/rpc/connection.ts";
import { controlCredentials, credentials } from "../src/rpc/credentials.ts";
import type { ControlFile } from "../src/rpc/file.ts";

interface Served {
  readonly identity: Identity;
  readonly file: ControlFile;
}

async function serve(): Promise<Served> {
  const identity = await newChain();
  await startTestNode({ identity });
  return { identity, file: JSON.parse(await readFile(identity.paths.control, "utf8")) };
}

/** So many connections to a port, made at the same time, which go when the test ends. */
async function hold(port: number, count: number, speak: (socket: Socket) => void): Promise<void> {
  const connected = Array.from({ length: count }, async () => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    const gone = once(socket, "close");
    socket.on("error", () => {});
    await Promise.race([once(socket, "connect"), gone]);
    speak(socket);
  });
  await Promise.all(connected);
}

const post = (headers: string, body = "") =>
  `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n${body}`;

/** One byte whenever the node has taken the one before, for ever. */
function drip(socket: Socket, text: string, at = 0): void {
  if (socket.destroyed) return;
  socket.write(text[at % text.length] ?? "", () => setImmediate(() => drip(socket, text, at + 1)));
}

describe("callers without the cookie", () => {
  it.each<[string, number, (socket: Socket) => void]>([
    ["say nothing", 1000, () => {}],
    ["say half of what they have to", 300, (socket) => socket.write("POST / HTTP/1.1\r\nHost: ")],
    ["say it byte by byte", 300, (socket) => drip(socket, "POST / HTTP/1.1\r\nX: y\r\n")],
    ["have closed their half", 300, (socket) => socket.end()],
    [
      "have wrong passwords, and stay",
      300,
      (socket) => socket.write(post(`Authorization: ${credentials("0".repeat(64))}\r\n`)),
    ],
    [
      "send a huge body",
      300,
      (socket) => drip(socket, post("Content-Length: 30000000\r\n", "x".repeat(1000))),
    ],
    [
      "wait to be told to send one",
      300,
      (socket) => socket.write(post("Content-Length: 30000000\r\nExpect: 100-continue\r\n")),
    ],
  ])("%s", async (_, count, speak) => {
    const { identity, file } = await serve();
    await hold(file.port, count, speak);
    const control = (await openControl(identity.paths)) ?? expect.unreachable();
    expect(await control.info()).toMatchObject({ height: 0 });
    expect(await control.call("getblockcount")).toBe(0);
    expect(await control.call("stop")).toBe("Bitcoin Core stopping");
  });

  it("go on coming, as fast as they can", async () => {
    const { identity, file } = await serve();
    let going = true;
    let made = 0;
    onTestFinished(() => {
      going = false;
    });
    const again = () => {
      if (!going) return;
      made++;
      const socket = connect(file.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("close", again);
      socket.on("connect", () => socket.write("POST / HTTP/1.1\r\n"));
    };
    for (let i = 0; i < 400; i++) again();
    for (let i = 0; i < 5; i++) {
      const control = (await openControl(identity.paths)) ?? expect.unreachable();
      expect(await control.call("getblockcount")).toBe(0);
    }
    going = false;
    expect(made).toBeGreaterThan(400);
  });
});

describe("callers with the cookie", () => {
  it("that don't send the rest of their requests give way", async () => {
    const { identity, file } = await serve();
    const authorization = `Authorization: ${controlCredentials(file.cookie)}\r\n`;
    await hold(file.port, 200, (socket) =>
      socket.write(post(`${authorization}Content-Length: 99\r\n`)),
    );
    const control = (await openControl(identity.paths)) ?? expect.unreachable();
    expect(await control.call("getblockcount")).toBe(0);
  });

  it("that keep connections for later give way", async () => {
    const { identity, file } = await serve();
    const body = '{"jsonrpc":"2.0","id":1,"method":"getblockcount"}';
    const headers = `Authorization: ${controlCredentials(file.cookie)}\r\nContent-Length: ${body.length}\r\n`;
    await hold(file.port, 300, (socket) => socket.write(post(headers, body)));
    const control = (await openControl(identity.paths)) ?? expect.unreachable();
    expect(await control.call("getblockcount")).toBe(0);
  });

  it("are told what is too long for it, before they send it where they ask", async () => {
    const { identity, file } = await serve();
    const control = (await openControl(identity.paths)) ?? expect.unreachable();
    const hexstring = "0".repeat(MAX_REQUEST);
    await expect(control.call("decoderawtransaction", { hexstring })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(`at most ${MAX_REQUEST} bytes`),
    });
    const url = `http://127.0.0.1:${file.port}/`;
    const headers = { authorization: controlCredentials(file.cookie) };
    const answer = await fetch(url, { method: "POST", headers, body: `${hexstring}0` });
    expect([answer.status, await answer.text()]).toEqual([
      413,
      `a request has at most ${MAX_REQUEST} bytes`,
    ]);
    // A request of the greatest length is read: no limit of ours comes before Core's.
    const longest = "0".repeat(MAX_REQUEST - 200);
    await expect(
      control.call("decoderawtransaction", { hexstring: longest }),
    ).rejects.toMatchObject({ code: -22 });
  });
});

/** A port that gives each connection to a function, and a control file that names it. */
async function pretend(
  serveOne: (socket: Socket, count: number) => void,
  change: Partial<ControlFile> = {},
): Promise<{ paths: Identity["paths"]; file: ControlFile }> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    serveOne(socket, count++);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { paths, nodeId } = await newIdentity();
  const cookie = "1".repeat(64);
  const file: ControlFile = {
    host: "127.0.0.1",
    port,
    cookie,
    pid: process.pid,
    nodeId,
    ...change,
  };
  await writeFile(paths.control, JSON.stringify(file));
  return { paths, file };
}

/** Hands a connection on to a node. */
function relayTo(port: number, socket: Socket): void {
  const onward = connect(port, "127.0.0.1");
  onward.on("error", () => {});
  socket.pipe(onward).pipe(socket);
}

describe("the client", () => {
  it("calls again where its connection is reset before the node has heard it", async () => {
    const { file } = await serve();
    const { paths } = await pretend(
      (socket, count) => (count < 5 ? socket.resetAndDestroy() : relayTo(file.port, socket)),
      { cookie: file.cookie },
    );
    expect(await openControl(paths)).toMatchObject({ nodeId: expect.any(Number) });
  });

  it("calls again where the node is busy", async () => {
    const { file } = await serve();
    const { paths } = await pretend(
      (socket, count) =>
        count < 3
          ? socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\nbusy\n")
          : relayTo(file.port, socket),
      { cookie: file.cookie },
    );
    expect(await openControl(paths)).toBeDefined();
  });

  it("never repeats a call that the node may have heard, unless it changes nothing", async () => {
    const { file } = await serve();
    const heard: string[] = [];
    const { paths } = await pretend(
      (socket, count) => {
        if (count > 2) return relayTo(file.port, socket);
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        socket.on("data", (chunk) => {
          const [, method] = /"method":"(\w+)"/.exec(String(chunk)) ?? [];
          if (method === undefined) return;
          heard.push(method);
          socket.resetAndDestroy();
        });
      },
      { cookie: file.cookie },
    );
    const control = (await openControl(paths)) ?? expect.unreachable();
    expect(heard).toEqual(["getnodeinfo", "getnodeinfo", "getnodeinfo"]);
    const lost = await pretend((socket) => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      socket.on("data", (chunk) => {
        if (!chunk.includes("jsonrpc")) return;
        heard.push("lost");
        socket.resetAndDestroy();
      });
    });
    const connection = new Connection(lost.file, lost.paths.control);
    await expect(connection.tryCall("generatetoaddress", {}, 10_000)).rejects.toMatchObject({
      code: "uncertain",
    });
    expect(heard.filter((each) => each === "lost")).toHaveLength(1);
    expect(await control.call("getblockcount")).toBe(0);
  });

  it("says of a process that lives and does not answer that it is there", async () => {
    const silent = await pretend(() => {});
    const wait = 300;
    await expect(openControl(silent.paths, { wait })).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(
        /^node \d+ \(process \d+\) is there and does not answer \(within 0.3 s\): try again/,
      ),
    });
    const other = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
    const ended = once(other, "exit");
    const { pid = 0 } = other;
    const deaf = await pretend(() => {}, { pid, port: await freePort() });
    await expect(openControl(deaf.paths, { wait })).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining(`process ${pid}) is there and does not answer`),
    });
    other.kill();
    await ended;
    // The same file, and the process is dead.
    expect(await openControl(deaf.paths, { wait })).toBeUndefined();
  });

  it("notices that the node has ended, or was started again, while it waits", async () => {
    const ending = await pretend((socket) => {
      void writeFile(ending.paths.control, "").then(() => socket.resetAndDestroy());
    });
    expect(await openControl(ending.paths)).toBeUndefined();

    const { identity, file } = await serve();
    const again = await pretend((socket) => {
      void writeFile(again.paths.control, JSON.stringify(file)).then(() =>
        socket.resetAndDestroy(),
      );
    });
    expect(await openControl(again.paths)).toMatchObject({ nodeId: identity.nodeId });
  });
});
