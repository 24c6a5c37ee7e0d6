/** Peers behind SOCKS5 proxies: which are called through one, and what a proxy that lies or hangs up can do. */
import { join } from "node:path";
import type { Connection, ConnectionHandler, Dialer } from "@chain/engine";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { formatProxy, type Proxies, parseProxy, proxyDialer } from "../src/ports/proxies.ts";
import { tcpDialer } from "../src/ports/tcp.ts";
import { drive, regtestAddress } from "./support/rpc.ts";
import { socksServer } from "./support/socksServer.ts";

const ONION = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

/** Calls nobody, and keeps the names of those that it was to call. */
function recordingDialer(): Dialer & { readonly called: string[] } {
  const called: string[] = [];
  return {
    called,
    resolve: async (host) => [`looked up ${host}`],
    dial: async ({ host }) => void called.push(host),
  };
}

/** Listens to a connection; `first` has the first bytes that come. */
function listener() {
  let hear = (_: Uint8Array) => {};
  const first = new Promise<Uint8Array>((resolve) => {
    hear = resolve;
  });
  let connection: Connection | undefined;
  const attach = (given: Connection): ConnectionHandler => {
    connection = given;
    return { onData: (bytes) => hear(bytes), onDrain: () => {}, onClose: () => {} };
  };
  return { attach, first, connection: () => connection };
}

const nobody = () => listener().attach;

describe("a proxy for all", () => {
  it("gets names and addresses of other machines, and looks the names up itself", async () => {
    const { address, asked } = await socksServer();
    const direct = recordingDialer();
    const dialer = proxyDialer({ all: address }, direct);
    expect(dialer.resolve).toBeUndefined();
    for (const host of ["peer.example", "192.0.2.1", "2001:db8::1", ONION]) {
      await dialer.dial({ host, port: 8333 }, nobody());
    }
    expect(asked.map(({ target }) => target)).toEqual([
      "peer.example:8333",
      "192.0.2.1:8333",
      "2001:db8::1:8333",
      `${ONION}:8333`,
    ]);
    expect(direct.called).toEqual([]);
  });

  it("is not asked for this machine and its network", async () => {
    const { address, asked } = await socksServer();
    const direct = recordingDialer();
    const dialer = proxyDialer({ all: address }, direct);
    const near = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "192.168.1.1", "fd00::1"];
    for (const host of near) await dialer.dial({ host, port: 8333 }, nobody());
    expect(direct.called).toEqual(near);
    expect(asked).toEqual([]);
  });

  it("gets other credentials for each connection, or none", async () => {
    const { address, asked } = await socksServer({ authenticates: true });
    const isolated = proxyDialer({ all: address });
    for (let i = 0; i < 3; i++) await isolated.dial({ host: "peer.example", port: 1 }, nobody());
    const users = asked.map(({ user }) => user);
    expect(new Set(users).size).toBe(3);
    expect(users).not.toContain(undefined);
    const plain = proxyDialer({ all: address, randomize: false });
    await plain.dial({ host: "peer.example", port: 1 }, nobody());
    expect(asked.at(-1)?.user).toBeUndefined();
  });

  it("may listen on a Unix socket", async () => {
    const path = join(await temporaryDirectory(), "socks");
    const { asked } = await socksServer({ path });
    await proxyDialer({ all: { path } }).dial({ host: "peer.example", port: 2 }, nobody());
    expect(asked).toMatchObject([{ target: "peer.example:2" }]);
  });

  it("hides the own address, and loses no byte of a target that speaks first", async () => {
    const speech = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
    const { address } = await socksServer({ speech });
    const { attach, first, connection } = listener();
    await proxyDialer({ all: address }).dial({ host: "peer.example", port: 8333 }, attach);
    expect([...(await first)]).toEqual([...speech]);
    expect(connection()?.remote).toEqual({ host: "peer.example", port: 8333 });
    expect(connection()?.local).toBeUndefined();
    connection()?.close();
  });
});

describe("onion addresses", () => {
  const dialOnion = (proxies: Proxies) =>
    proxyDialer(proxies, recordingDialer()).dial({ host: ONION, port: 8333 }, nobody());

  it("have a proxy of their own, where one is given; all other names are looked up here", async () => {
    const { address, asked } = await socksServer();
    await dialOnion({ onion: address });
    expect(asked).toMatchObject([{ target: `${ONION}:8333` }]);
    const { resolve } = proxyDialer({ onion: address }, recordingDialer());
    expect(await resolve?.(ONION)).toEqual([ONION]);
    expect(await resolve?.("peer.example")).toEqual(["looked up peer.example"]);
  });

  it("are called by no other way", async () => {
    const { address, asked } = await socksServer();
    const way = "an address of Tor or I2P can't be called without a proxy";
    await expect(dialOnion({})).rejects.toThrow(way);
    await expect(dialOnion({ all: address, onion: null })).rejects.toThrow(way);
    const i2p = { host: "udhdrtrcetjm5sxzskjyr5ztpeszydbh4dpl3pl4utgqqw2v4jna.b32.i2p", port: 1 };
    await expect(proxyDialer({ all: address }).dial(i2p, nobody())).rejects.toThrow(way);
    await expect(tcpDialer().resolve?.(ONION)).rejects.toThrow(way);
    expect(asked).toEqual([]);
  });
});

describe("a proxy that is no help", () => {
  const dial = async (options: Parameters<typeof socksServer>[0]) => {
    const { address } = await socksServer(options);
    await proxyDialer({ all: address }).dial({ host: "peer.example", port: 8333 }, nobody());
  };

  it.each([
    [{ greeting: Uint8Array.of(4, 0) }, "the proxy does not speak SOCKS5"],
    [{ greeting: Uint8Array.of(5, 0xff) }, "the proxy wants another way to authenticate"],
    [{ greeting: Uint8Array.of(5) }, "the proxy closed the connection"],
    [{ greeting: new TextEncoder().encode("HTTP/1.1 400") }, "the proxy does not speak SOCKS5"],
    [{ reply: 5 }, "the proxy says: connection refused"],
    [{ reply: 0xf0 }, "the proxy says: onion service descriptor can not be found"],
    [{ reply: 99 }, "the proxy says: unknown reply 99"],
  ])("%o: %s", async (options, why) => {
    await expect(dial(options)).rejects.toThrow(why);
  });

  it("is one that does not listen", async () => {
    const path = join(await temporaryDirectory(), "nobody");
    const call = proxyDialer({ all: { path } }).dial({ host: "peer.example", port: 1 }, nobody());
    await expect(call).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("the proxy can't be reached"),
    });
  });
});

it.each([
  ["127.0.0.1:9050", { host: "127.0.0.1", port: 9050 }],
  ["127.0.0.1", { host: "127.0.0.1", port: 9050 }],
  ["[::1]:9150", { host: "::1", port: 9150 }],
  ["::1", { host: "::1", port: 9050 }],
  ["tor.example:9150", { host: "tor.example", port: 9150 }],
  ["unix:/run/tor/socks", { path: "/run/tor/socks" }],
  ["abc..abc:23456", "host"],
  ["", "host"],
  ["[1.2.3.4]:1", "host"],
  ["unix:", "host"],
  [`unix:${"x".repeat(1000)}`, "host"],
  ["192.0.2.1:def", "port"],
  ["192.0.2.1:", "port"],
  ["192.0.2.1:65536", "port"],
])("%s is read as %o", (text, expected) => {
  const parsed = parseProxy(text);
  expect(parsed).toEqual(expected);
  if (typeof parsed === "object") expect(parseProxy(formatProxy(parsed))).toEqual(parsed);
});

it("a node syncs with a peer that it reaches through a proxy alone, and says so", async () => {
  const far = await drive();
  await far.rpc.call("generatetoaddress", { nblocks: 3, address: regtestAddress(1) });
  const { address } = await socksServer({ to: far.node.port });
  const peer = { host: ONION, port: 18_444 };
  const { rpc } = await drive({ proxies: { all: address }, connect: [peer] });
  await rpc.call("waitforblockheight", { height: 3 });
  expect(await rpc.call("getpeerinfo")).toMatchObject([
    { addr: `${ONION}:18444`, network: "onion", inbound: false },
  ]);
  const { networks } = await rpc.call("getnetworkinfo");
  const proxy = formatProxy(address);
  expect(networks).toMatchObject([
    { name: "ipv4", reachable: true, proxy, proxy_randomize_credentials: true },
    { name: "ipv6", reachable: true, proxy },
    { name: "onion", reachable: true, limited: false, proxy },
    { name: "i2p", reachable: false, limited: true, proxy: "" },
    { name: "cjdns", reachable: false, proxy },
  ]);
});
