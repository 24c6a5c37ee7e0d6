/** Where peers are, as callers write it and read it. */
import type { PeerAddress } from "@chain/engine";
import { parseIp } from "@chain/wire";

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]+))(?::(\d{1,5}))?$/;
const HOST = /^[a-z0-9.-]{1,253}$/i;

/**
 * `HOST`, `HOST:PORT`, `[IPv6]:PORT`, and an IPv6 address alone.
 * @returns `undefined` where it is none of them
 */
export function readPeerAddress(text: string, defaultPort: number): PeerAddress | undefined {
  const isBareIpv6 = text.includes(":") && parseIp(text) !== undefined;
  if (isBareIpv6) return { host: text, port: defaultPort };
  const [, ipv6, name, digits] = ADDRESS.exec(text) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  const host = ipv6 ?? name;
  const isHost = ipv6 === undefined ? HOST.test(name ?? "") : parseIp(ipv6) !== undefined;
  if (host === undefined || !isHost || port < 1 || port > 65_535) return undefined;
  return { host, port };
}
