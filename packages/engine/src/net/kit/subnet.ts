/** Parts of the address space, as people write them: `10.1.0.0/16`, `2001:db8::/32`, or one address of any network. */

import { compareBytes, equalBytes } from "@chain/core";
import { requireString } from "@chain/core/arguments";
import { formatIp, isIpv4, parseIp } from "@chain/wire";
import { type OverlayHost, parseOverlay } from "./overlay.ts";

/** All addresses of the internet that begin with the same bits. */
interface IpSubnet {
  /** 16 bytes, IPv4 mapped; zero behind the prefix. */
  readonly ip: Uint8Array;
  /** Bits that count, of 128. */
  readonly prefix: number;
}

/** Addresses of the internet that begin alike, or one of Tor or I2P. Core: CSubNet. */
export type Subnet = IpSubnet | OverlayHost;

const IPV4_OFFSET = 96;

/**
 * A subnet in text: an IP address, alone or with `/` and the number of bits that count, or a netmask as in
 * `10.0.0.0/255.0.0.0`; or one name of Tor or I2P. Core: LookupSubNet.
 * @returns undefined for anything else
 * @example formatSubnet(parseSubnet("10.1.2.3/16")) // "10.1.0.0/16"
 */
export function parseSubnet(text: string): Subnet | undefined {
  requireString(text, "text");

  const [host = "", bits, ...more] = text.split("/");
  const ip = parseIp(host);
  if (ip === undefined) return parseOverlay(text);
  if (more.length > 0) return undefined;
  const offset = isIpv4(ip) ? IPV4_OFFSET : 0;
  const length = bits === undefined ? 128 - offset : parseBits(bits, 128 - offset);
  if (length === undefined) return undefined;
  const prefix = offset + length;
  return { ip: masked(ip, prefix), prefix };
}

/** @example formatSubnet(parseSubnet("10.1.2.3/16")) // "10.1.0.0/16" */
export function formatSubnet(subnet: Subnet): string {
  if ("host" in subnet) return subnet.host;
  const { ip, prefix } = subnet;
  return `${formatIp(ip)}/${isIpv4(ip) ? prefix - IPV4_OFFSET : prefix}`;
}

/** @param ip 16 bytes */
export function subnetContains(subnet: Subnet, ip: Uint8Array): boolean {
  return "ip" in subnet && equalBytes(masked(ip, subnet.prefix), subnet.ip);
}

/** By network and address; of two that begin alike the larger comes first. Core: operator< of CSubNet. */
export function compareSubnets(a: Subnet, b: Subnet): number {
  if ("ip" in a && "ip" in b) return compareBytes(a.ip, b.ip) || a.prefix - b.prefix;
  if ("ip" in a || "ip" in b) return "ip" in a ? -1 : 1;
  if (a.overlay !== b.overlay) return a.overlay === "onion" ? -1 : 1;
  return compareBytes(a.address, b.address);
}

function masked(ip: Uint8Array, prefix: number): Uint8Array {
  return ip.map((byte, i) => {
    const kept = Math.min(8, Math.max(0, prefix - 8 * i));
    return byte & (0xff00 >> kept) & 0xff;
  });
}

function parseBits(text: string, most: number): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= most ? Number(text) : undefined;
  const mask = parseIp(text);
  if (mask === undefined || !isIpv4(mask) || most !== 32) return undefined;
  const bits = [...mask.subarray(12)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const length = bits.indexOf("0") === -1 ? 32 : bits.indexOf("0");
  return bits.slice(length).includes("1") ? undefined : length;
}
