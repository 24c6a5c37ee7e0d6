/** Where peers are, as callers write it and read it. */
import type { PeerAddress } from "@chain/engine";
import { parseIp } from "@chain/wire";

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]+))(?::(\d{1,5}))?$/;
const HOST = /^[a-z0-9.-]{1,253}$/i;

/**
 * `HOST`, `HOST:PORT`, `[IPv6]:PORT`, and an IPv6 address alone. An IPv4 address may be written short, as in Core: the
 * system resolves `127.1` to 127.0.0.1.
 * @returns `undefined` where it is none of them
 */
export function readPeerAddress(text: string, defaultPort: number): PeerAddress | undefined {
  const isBareIpv6 = text.includes(":") && parseIp(text) !== undefined;
  if (isBareIpv6) return { host: text, port: defaultPort };
  const [, ipv6, name, digits] = ADDRESS.exec(text) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  const host = ipv6 ?? (name && (dottedIpv4(name) ?? name));
  const isHost = ipv6 === undefined ? HOST.test(name ?? "") : parseIp(ipv6) !== undefined;
  if (host === undefined || !isHost || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

/** Decimal, hexadecimal by `0x` or octal by `0`, as the C library reads the parts of an address. */
const PART = /^(?:0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i;

/**
 * An IPv4 address of one to four parts in four: the last part takes all the bytes that are left. POSIX: inet_addr.
 * @returns `undefined` where it is none
 */
function dottedIpv4(text: string): string | undefined {
  const parts = text.split(".");
  const last = parts.pop() ?? "";
  if (parts.length > 3 || ![...parts, last].every((part) => PART.test(part))) return undefined;
  const numbers = parts.map(toNumber);
  const rest = toNumber(last);
  const restSize = 4 - parts.length;
  if (numbers.some((number) => number > 255) || rest >= 256 ** restSize) return undefined;
  for (let i = restSize - 1; i >= 0; i--) numbers.push(Math.floor(rest / 256 ** i) % 256);
  return numbers.join(".");
}

function toNumber(part: string): number {
  return Number(/^0[0-7]+$/.test(part) ? `0o${part.slice(1)}` : part);
}
