/** Names, groups and kinds of addresses. */

import { bytesToHex, type Milliseconds, type Seconds } from "@chain/core";
import { requireBytes } from "@chain/core/arguments";
import { formatIp, isForeignInIpv6, isIpv4, type NetAddress, parseIp } from "@chain/wire";
import type { PeerAddress } from "../../ports.ts";
import { requireAddress } from "../../requireOptions.ts";

/**
 * As it is typed: an IPv6 address in brackets.
 * @example formatPeerAddress({ host: "::1", port: 18444 }) // "[::1]:18444"
 */
export function formatPeerAddress(address: PeerAddress): string {
  requireAddress(address, "address");

  const { host, port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Most that the time of an address can be, in messages and in files. */
const MAX_TIME: Seconds = 0xffff_ffff;

/** The time of an address that is heard of now. A clock of tests may be set beyond what 32 bits hold. */
export function addressTime(now: Milliseconds): Seconds {
  return Math.min(Math.floor(now / 1000), MAX_TIME);
}

/** Names an address: `127.0.0.1:8333`. */
export function keyOf({ ip, port }: Pick<NetAddress, "ip" | "port">): string {
  return `${bytesToHex(ip)}:${port}`;
}

/**
 * The addresses that one owner is likely to have: the same /16 of IPv4, /32 of IPv6. On a machine of one's own every
 * port is a group, or nodes there could never know more than one of each other. Core: NetGroupManager::GetGroup.
 */
export function groupOf({ ip, port }: Pick<NetAddress, "ip" | "port">): string {
  if (isLoopback(ip)) return `local ${port}`;
  return isIpv4(ip) ? `4 ${ip[12]}.${ip[13]}` : `6 ${bytesToHex(ip.subarray(0, 4))}`;
}

/**
 * Whether only this machine can reach it.
 * @example isLoopback(parseIp("127.0.0.1")) // true
 */
export function isLoopback(ip: Uint8Array): boolean {
  requireBytes(ip, "ip");

  return isIpv4(ip) ? ip[12] === 127 : formatIp(ip) === "::1";
}

/**
 * Whether it is in a network that is not part of the internet: RFC 1918, 3927, 6598, 4193, 4862.
 * @example isPrivate(parseIp("10.1.2.3")) // true
 */
export function isPrivate(ip: Uint8Array): boolean {
  requireBytes(ip, "ip");

  if (isIpv4(ip)) {
    const [a = 0, b = 0] = ip.subarray(12);
    return (
      a === 10 ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b < 128)
    );
  }
  const [a = 0, b = 0] = ip;
  return (a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80);
}

/**
 * Whether it is an address at all: not 0.0.0.0/8, 255.255.255.255, multicast or documentation.
 * @example isUsable(parseIp("0.0.0.0")) // false
 */
export function isUsable(ip: Uint8Array): boolean {
  requireBytes(ip, "ip");

  if (isForeignInIpv6(ip)) return false;
  if (isIpv4(ip)) return ip[12] !== 0 && (ip[12] as number) < 224;
  const text = formatIp(ip);
  return text !== "::" && ip[0] !== 0xff && !text.startsWith("2001:db8:");
}

/**
 * Whether it is on the internet. Core: CNetAddr::IsRoutable, which takes multicast for a part of it.
 * @example isRoutable(parseIp("127.0.0.1")) // false
 */
export function isRoutable(ip: Uint8Array): boolean {
  requireBytes(ip, "ip");

  if (isLoopback(ip) || isPrivate(ip) || isForeignInIpv6(ip)) return false;
  if (isIpv4(ip)) {
    const [a = 0, b = 0, c = 0, d = 0] = ip.subarray(12);
    const isBenchmark = a === 198 && (b === 18 || b === 19); // RFC 2544
    const isDocumentation = // RFC 5737
      (a === 192 && b === 0 && c === 2) ||
      (a === 198 && b === 51 && c === 100) ||
      (a === 203 && b === 0 && c === 113);
    const isBroadcast = a === 255 && b === 255 && c === 255 && d === 255;
    return a !== 0 && !isBenchmark && !isDocumentation && !isBroadcast;
  }
  const [a = 0, b = 0, c = 0, d = 0] = ip;
  const isDocumentation = a === 0x20 && b === 0x01 && c === 0x0d && d === 0xb8; // RFC 3849
  const isOrchid = a === 0x20 && b === 0x01 && c === 0 && [0x10, 0x20].includes(d & 0xf0); // RFC 4843, RFC 7343
  return formatIp(ip) !== "::" && !isDocumentation && !isOrchid;
}

/** The 16 bytes of a host, all zero for a name. */
export function ipOf(host: string): Uint8Array {
  return parseIp(host) ?? new Uint8Array(16);
}
