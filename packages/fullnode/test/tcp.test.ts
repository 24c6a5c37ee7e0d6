import dns from "node:dns";
import { connect, createServer, isIP, type Server, type Socket } from "node:net";
import { setImmediate as nextImmediate } from "node:timers/promises";
import { freePort } from "@chain/testing/place";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { listen, tcpDialer } from "../src/ports/tcp.ts";
import { Recorder } from "./support/recorder.ts";

async function listening(recorder: Recorder) {
  const listener = await listen({ host: "127.0.0.1", port: 0 }, recorder.attach);
  onTestFinished(() => listener.close());
  return listener;
}

/** Names are not looked up, which would ask a server: there are none. */
function knowNoHosts(): void {
  const error = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  const real = dns.lookup as (...args: readonly unknown[]) => void;
  const lookup = (...args: readonly unknown[]) => {
    const [host] = args as readonly string[];
    if (isIP(host ?? "") !== 0) real(...args);
    else process.nextTick(args.at(-1) as (error: Error) => void, error);
  };
  const spy = vi.spyOn(dns, "lookup").mockImplementation(lookup as typeof dns.lookup);
  onTestFinished(() => spy.mockRestore());
}

/** A server of which the test does with the sockets what it likes. */
async function bareServer(onSocket: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, onSocket);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { readonly port: number }).port;
}

describe("TCP", () => {
  it("carries bytes both ways, and says once that it is over", async () => {
    const [server, client] = [new Recorder(), new Recorder()];
    const { port } = await listening(server);
    await tcpDialer().dial({ host: "127.0.0.1", port }, client.attach);
    expect(client.connection?.remote).toEqual({ host: "127.0.0.1", port });
    await server.until(() => server.connection !== undefined);
    expect(server.connection?.remote.host).toBe("127.0.0.1");
    client.connection?.write(new Uint8Array(1_000_000));
    server.connection?.write(Uint8Array.of(1, 2, 3));
    await Promise.all([
      server.until(() => server.received === 1_000_000),
      client.until(() => client.received === 3),
    ]);
    // Bytes that were written before the end still arrive.
    client.connection?.write(new Uint8Array(500_000));
    client.connection?.close();
    client.connection?.close();
    await server.until(() => server.received === 1_500_000);
    await Promise.all([server.closed(), client.closed()]);
    expect(client.connection?.write(Uint8Array.of(1))).toBe(true);
    expect(server.events.at(-1)).toBe("close: the peer closed the connection");
    expect(client.events.filter((event) => event.startsWith("close"))).toEqual([
      "close: closed by us",
    ]);
  });

  it("says why no connection came about", async () => {
    knowNoHosts();
    const dial = (host: string, port: number) =>
      tcpDialer().dial({ host, port }, () => expect.unreachable());
    await expect(dial("127.0.0.1", await freePort())).rejects.toThrow(/^connection refused$/);
    await expect(dial("no-such-host.invalid", 1)).rejects.toThrow(/^no such host$/);
  });

  it("gives up a call that nobody answers", async () => {
    const { port } = await listening(new Recorder());
    // After immediates come timers: with the thread blocked, the time is up before the answer is looked at.
    await nextImmediate();
    const call = tcpDialer(50).dial({ host: "127.0.0.1", port }, () => expect.unreachable());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await expect(call).rejects.toThrow(/^no answer$/);
  });

  it("asks the sender to wait while the other side does not read", async () => {
    const [server, client] = [new Recorder(), new Recorder()];
    const { port } = await listening(server);
    await tcpDialer().dial({ host: "127.0.0.1", port }, client.attach);
    await server.until(() => server.connection !== undefined);
    server.connection?.setReading(false);
    const chunk = new Uint8Array(1_000_000);
    let written = 0;
    while (client.connection?.write(chunk) !== false) {
      written++;
      await new Promise((resolve) => setImmediate(resolve));
      expect(written).toBeLessThan(100);
    }
    expect(client.events).not.toContain("drain");
    server.connection?.setReading(true);
    await client.until(() => client.events.includes("drain"));
    await server.until(() => server.received === (written + 1) * chunk.length);
  });

  it("survives a connection that is reset, or gone before it is looked at", async () => {
    const server = new Recorder();
    const { port } = await listening(server);
    const socket = connect(port, "127.0.0.1");
    await server.until(() => server.connection !== undefined);
    socket.resetAndDestroy();
    await server.closed();
    expect(server.events.at(-1)).toMatch(/^close: connection reset$/);
    for (let i = 0; i < 20; i++)
      connect(port, "127.0.0.1")
        .on("error", () => {})
        .resetAndDestroy();
    const after = new Recorder();
    await tcpDialer().dial({ host: "127.0.0.1", port }, after.attach);
    expect(after.events).toEqual(["open"]);
  });

  it("does not wait for ever for a peer that never ends", async () => {
    const client = new Recorder();
    const port = await bareServer((socket) => socket.pause());
    await tcpDialer().dial({ host: "127.0.0.1", port }, client.attach);
    client.connection?.close();
    await client.closed();
  });

  it("closes a listener with connections on it", async () => {
    const server = new Recorder();
    const listener = await listen({ host: "127.0.0.1", port: 0 }, server.attach);
    const socket = connect({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true });
    await server.until(() => server.connection !== undefined);
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await listener.close();
    socket.destroy();
    await ended;
    await server.closed();
  });

  it("says in one line why it can't listen", async () => {
    knowNoHosts();
    const { port } = await listening(new Recorder());
    const at = (host: string, wanted: number) =>
      listen({ host, port: wanted }, () => expect.unreachable());
    await expect(at("127.0.0.1", port)).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringContaining(`port ${port} of 127.0.0.1 is taken`),
    });
    await expect(at("192.0.2.1", port)).rejects.toMatchObject({ code: "usage" });
    await expect(at("no-such-host.invalid", port)).rejects.toMatchObject({ code: "usage" });
  });
});
