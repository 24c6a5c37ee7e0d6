/** Where a node is: IP addresses as 16 bytes and as text. */

import { equalBytes } from "@chain/core";
import {
  requireBigint,
  requireBytes,
  requireFields,
  requireNumber,
  requireString,
} from "@chain/core/arguments";

/** A node's address as `version` and `addr` carry it. */
export interface NetAddress {
  /** Service bits. */
  readonly services: bigint;
  /** 16 bytes: IPv6, or IPv4 mapped into ::ffff:0:0/96 (RFC 4291). */
  readonly ip: Uint8Array;
  readonly port: number;
}

/** All zero bytes, port 0: an address that is unknown or kept secret. Core sends it for peers behind proxies. */
export const UNSPECIFIED_ADDRESS: NetAddress = /* @__PURE__ */ (() =>
  Object.freeze({
    services: 0n,
    ip: new Uint8Array(16),
    port: 0,
  }))();

const IPV4_PREFIX = /* @__PURE__ */ Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** A Tor address of version 2, which no longer exist (OnionCat, fd87:d87e:eb43::/48). */
const TOR_V2_PREFIX = /* @__PURE__ */ Uint8Array.of(0xfd, 0x87, 0xd8, 0x7e, 0xeb, 0x43);
/** A name that has no address, in Core's own tables (fd6b:88c0:8724::/48). */
const INTERNAL_PREFIX = /* @__PURE__ */ Uint8Array.of(0xfd, 0x6b, 0x88, 0xc0, 0x87, 0x24);

/**
 * Whether these 16 bytes are a place outside the internet in the form of IPv6: to be ignored, in `addr` as in `addrv2`
 * (BIP-0155). Core: CNetAddr::SetLegacyIPv6.
 * @example isForeignInIpv6(parseIp("fd87:d87e:eb43::1")) // true: Tor, in the form that version 2 had
 */
export function isForeignInIpv6(ip: Uint8Array): boolean {
  requireBytes(ip, "ip");

  const prefix = ip.subarray(0, 6);
  return equalBytes(prefix, TOR_V2_PREFIX) || equalBytes(prefix, INTERNAL_PREFIX);
}

/**
 * Whether these 16 bytes stand for an IPv4 address.
 * @example isIpv4(parseIp("127.0.0.1")) // true
 */
export function isIpv4(ip: Uint8Array): boolean {
  requireBytes(ip, "ip");

  return equalBytes(ip.subarray(0, 12), IPV4_PREFIX);
}

/**
 * The 16 bytes of an IP address in text, `127.0.0.1` or `2001:db8::1` (without brackets, without a zone).
 * @returns undefined for anything else, a host name for instance.
 * @example bytesToHex(parseIp("127.0.0.1")) // "00000000000000000000ffff7f000001"
 */
export function parseIp(text: string): Uint8Array | undefined {
  requireString(text, "text");

  if (!text.includes(":")) {
    const ipv4 = parseIpv4(text);
    return ipv4 === undefined ? undefined : Uint8Array.of(...IPV4_PREFIX, ...ipv4);
  }
  return parseIpv6(text);
}

/**
 * Text of 16 address bytes: dotted for IPv4, else as RFC 5952 wants IPv6 (lower case, the longest run of zeros short).
 * @example formatIp(new Uint8Array(16)) // "::"
 */
export function formatIp(ip: Uint8Array): string {
  requireBytes(ip, "ip");

  if (isIpv4(ip)) return ip.subarray(12).join(".");
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((ip[2 * i] ?? 0) << 8) | (ip[2 * i + 1] ?? 0),
  );
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(":"); // RFC 5952, 4.2.2: a single zero group stays
  const head = hex.slice(0, best.start).join(":");
  return `${head}::${hex.slice(best.start + best.length).join(":")}`;
}

/**
 * The address of a host for `version` and `addr`; all zeros where the host is a name and not an IP address.
 * @param services service bits, if they are known.
 * @example netAddress("127.0.0.1", 18444).port // 18444
 */
export function netAddress(host: string, port: number, services = 0n): NetAddress {
  requireString(host, "host");
  requireNumber(port, "port");
  requireBigint(services, "services");

  return { services, ip: parseIp(host) ?? UNSPECIFIED_ADDRESS.ip, port };
}

/**
 * `127.0.0.1:8333` or `[2001:db8::1]:8333`.
 * @example formatNetAddress(netAddress("2001:db8::1", 8333)) // "[2001:db8::1]:8333"
 */
export function formatNetAddress(address: Pick<NetAddress, "ip" | "port">): string {
  requireFields(address, "address", { ip: "bytes", port: "number" });
  const { ip, port } = address;

  const text = formatIp(ip);
  return isIpv4(ip) ? `${text}:${port}` : `[${text}]:${port}`;
}

function parseIpv4(text: string): number[] | undefined {
  // No leading zeros: some systems read them as octal, so they would name two different hosts.
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "");
  const tail = parseGroups(halves[1] ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const length = head.length + tail.length;
  // "::" stands for at least one group (RFC 5952, 4.2.2 would have it at two, but people write one).
  if (halves.length === 2 ? length > 14 : length !== 16) return undefined;
  // Only the very end may be dotted.
  if (halves.length === 2 && (halves[0] ?? "").includes(".")) return undefined;
  const ip = new Uint8Array(16);
  ip.set(head);
  ip.set(tail, 16 - tail.length);
  return ip;
}

/** Bytes of groups between colons, the last of which may be a dotted IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const ipv4 = i === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4 === undefined) return undefined;
    bytes.push(...ipv4);
  }
  return bytes;
}
