/** Which peers are called through which proxy. Core: netbase.cpp, SetProxy, SetNameProxy, ConnectThroughProxy. */

import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { bytesToHex } from "@chain/core";
import { requireFields, requireString } from "@chain/core/arguments";
import { type Dialer, formatPeerAddress, isLoopback, isPrivate, overlayOf } from "@chain/engine";
import { parseIp } from "@chain/wire";
import { UserError } from "../errors.ts";
import { parsePort } from "../identity.ts";
import { connectThrough, type ProxyAddress } from "./socks.ts";
import { ownSocket, tcpDialer } from "./tcp.ts";

/** The SOCKS5 proxies of a node. */
export interface Proxies {
  /** For all peers outside this machine and its network, and for names. */
  readonly all?: ProxyAddress;
  /** For onion addresses. Default: that for all; `null`: onion addresses are not called. */
  readonly onion?: ProxyAddress | null;
  /** Whether each connection has credentials of its own, so that Tor gives it a circuit of its own. Default: yes. */
  readonly randomize?: boolean;
}

/** Core: DEFAULT_TOR_SOCKS_PORT. */
const DEFAULT_PORT = 9050;
/** Longest path of a Unix socket on Linux. Core: IsUnixSocketPath. */
const MAX_PATH = 107;

/**
 * Where a proxy listens: `HOST`, `HOST:PORT`, `[IPv6]:PORT`, `unix:PATH`. The port is 9050 where none is given.
 * @returns `host` or `port`: which part of the text is wrong
 * @example parseProxy("127.0.0.1") // { host: "127.0.0.1", port: 9050 }
 */
export function parseProxy(text: string): ProxyAddress | "host" | "port" {
  requireString(text, "text");

  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    return path.length > 0 && Buffer.byteLength(path) <= MAX_PATH ? { path } : "host";
  }
  if (isIP(text) === 6) return { host: text, port: DEFAULT_PORT };
  const match = /^(?:\[([^\]]*)\]|([^[\]:]*))(?::(.*))?$/.exec(text);
  if (match === null) return "host";
  const [, ipv6, name, digits] = match;
  const port = digits === undefined ? DEFAULT_PORT : parsePort(digits);
  if (port === undefined) return "port";
  const host = ipv6 ?? name ?? "";
  const isHost =
    ipv6 === undefined
      ? /^[a-z0-9-]+(\.[a-z0-9-]+)*\.?$/i.test(host) && host.length <= 253
      : isIP(host) === 6;
  return isHost ? { host, port } : "host";
}

/**
 * The text that `parseProxy` reads.
 * @example formatProxy({ path: "/run/tor.sock" }) // "unix:/run/tor.sock"
 */
export function formatProxy(proxy: ProxyAddress): string {
  if ("path" in Object(proxy)) requireFields(proxy, "proxy", { path: "string" });
  else requireFields(proxy, "proxy", { host: "string", port: "number" });

  return "path" in proxy ? `unix:${proxy.path}` : formatPeerAddress(proxy);
}

/** The proxy for onion addresses, if there is one. */
export function onionProxyOf({ all, onion }: Proxies): ProxyAddress | undefined {
  return onion === undefined ? all : (onion ?? undefined);
}

/**
 * Calls peers through the proxies, and those of this machine and its network directly. With a proxy for all, no name is
 * looked up here: the proxy does that, and nobody else learns whom we call.
 */
export function proxyDialer(proxies: Proxies, direct: Dialer = tcpDialer()): Dialer {
  const { all, randomize = true } = proxies;
  const isolation = bytesToHex(randomBytes(8));
  let calls = 0;
  const lookUp = direct.resolve;
  const hasProxy = (host: string) =>
    overlayOf(host) === "onion" && onionProxyOf(proxies) !== undefined;
  return {
    ...(all === undefined &&
      lookUp !== undefined && {
        resolve: async (host) => (hasProxy(host) ? [host] : lookUp(host)),
      }),
    dial: async (address, attach) => {
      const proxy = proxyFor(address.host, proxies);
      if (proxy === undefined) return direct.dial(address, attach);
      const user = `${isolation}-${calls++}`;
      const credentials = randomize ? { user, password: user } : undefined;
      const socket = await connectThrough(proxy, address, credentials);
      ownSocket(socket, address, attach, true);
    },
  };
}

/** `undefined`: it is called directly. @throws UserError `unreachable` where it must not be */
function proxyFor(host: string, proxies: Proxies): ProxyAddress | undefined {
  const ip = parseIp(host);
  if (ip !== undefined) return isLoopback(ip) || isPrivate(ip) ? undefined : proxies.all;
  const overlay = overlayOf(host);
  if (overlay === undefined) return proxies.all;
  const proxy = overlay === "onion" ? onionProxyOf(proxies) : undefined;
  if (proxy === undefined) {
    throw new UserError("unreachable", "an address of Tor or I2P can't be called without a proxy");
  }
  return proxy;
}
