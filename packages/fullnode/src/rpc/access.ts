/** Callers that are let in before any credentials: by address, and by the names that browsers send. */

import { BlockList, isIP } from "node:net";
import { requireArray, requireBoolean, requireString } from "@chain/core/arguments";
import { UserError } from "../errors.ts";

/** Bits of an address by its family. */
const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/**
 * The addresses that may call: loopback, and what `-rpcallowip` adds. Core: InitHTTPAllowList.
 * @param subnets `1.2.3.4`, `1.2.3.0/24`, `1.2.3.0/255.255.255.0` or the same of IPv6
 * @throws UserError `usage`
 */
export function allowList(subnets: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  list.addSubnet("127.0.0.0", 8, "ipv4");
  list.addAddress("::1", "ipv6");
  for (const text of subnets) addSubnet(list, text);
  return (address) => {
    if (address === undefined) return false;
    const plain = withoutMapping(address);
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? "ipv4" : "ipv6");
  };
}

function addSubnet(list: BlockList, text: string): void {
  const [address = "", mask, ...rest] = text.split("/");
  const family = isIP(address);
  const bits = BITS[family];
  const prefix = bits === undefined ? undefined : prefixOf(mask, bits);
  if (prefix === undefined || rest.length > 0) {
    const valid =
      "a single IP (e.g. 1.2.3.4), a network/netmask (e.g. 1.2.3.4/255.255.255.0), " +
      "a network/CIDR (e.g. 1.2.3.4/24), all ipv4 (0.0.0.0/0), or all ipv6 (::/0).";
    const problem = `Invalid -rpcallowip subnet specification: ${text}`;
    throw new UserError("usage", `${problem}. Valid values are ${valid}`);
  }
  list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
}

/** Length of the network's part; `undefined` where the mask is none. */
function prefixOf(mask: string | undefined, bits: number): number | undefined {
  if (mask === undefined) return bits;
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= bits ? Number(mask) : undefined;
  if (bits !== 32 || isIP(mask) !== 4) return undefined;
  const binary = mask.split(".").map((part) => Number(part).toString(2).padStart(8, "0"));
  const ones = /^(1*)0*$/.exec(binary.join(""))?.[1];
  return ones?.length;
}

/** An IPv4 address that a socket of both families has: `::ffff:1.2.3.4`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

/**
 * Whether a `Host` header can be trusted. A web page whose name was made to point at this machine (DNS rebinding) sends
 * that name, so only addresses, `localhost` and told names pass. A caller that is no browser may send none.
 * @example isOwnHost("evil.example:8332", []) // false
 */
export function isOwnHost(host: string | undefined, names: readonly string[]): boolean {
  // bitcoin-cli sends an address of IPv6 without brackets.
  if (host === undefined || host === "" || isIP(host) !== 0) return true;
  const name = hostName(host);
  return name === "localhost" || isAddress(name) || names.some((each) => hostName(each) === name);
}

/** Without port, and without the dot at the end of a name that is complete. */
function hostName(host: string): string {
  return host.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
}

/** Numbers, `127.1` and `0x7f000001`, are addresses for every resolver, and never names. */
function isAddress(name: string): boolean {
  if (isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0) return true;
  if (!/^[0-9a-fx.]+$/.test(name) || !URL.canParse(`http://${name}/`)) return false;
  return isIP(new URL(`http://${name}/`).hostname) !== 0;
}

/** A page, as browsers name it in `Origin`. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+$/;

/**
 * An origin as a browser sends it: without a path, and without the port that its scheme has anyway.
 * @throws UserError `usage`
 * @example parseOrigin("https://Wallet.example:443/") // "https://wallet.example"
 */
export function parseOrigin(text: string): string {
  const plain = text.replace(/\/$/, "").toLowerCase();
  if (ORIGIN.test(plain) && URL.canParse(plain)) {
    const { origin } = new URL(plain);
    // Extensions of browsers have schemes that `URL` knows no origin of.
    return origin === "null" ? plain : origin;
  }
  const form = "a page's scheme, name and port: https://wallet.example";
  throw new UserError(
    "usage",
    `the origin ${JSON.stringify(text)} does not have the form of ${form}`,
  );
}

/**
 * Which user may call which method, by `-rpcwhitelist=USER:METHOD,METHOD`. Of several lists for one user, the methods
 * in all of them count. Core: InitRPCAuthentication.
 * @param byDefault whether a user without a list may call nothing; by default where any list is given
 * @example
 * const isAllowed = rpcWhitelist(["me:getblockcount"]);
 * [isAllowed("me", "getblockcount"), isAllowed("me", "stop"), isAllowed("you", "stop")] // [true, false, false]
 */
export function rpcWhitelist(
  lists: readonly string[],
  byDefault: boolean = lists.length > 0,
): (user: string, method: string) => boolean {
  requireArray(lists, "lists", requireString);
  requireBoolean(byDefault, "byDefault");

  const methods = new Map<string, ReadonlySet<string>>();
  for (const text of lists) {
    const colon = text.indexOf(":");
    const user = colon < 0 ? text : text.slice(0, colon);
    const before = methods.get(user);
    if (colon < 0) {
      methods.set(user, before ?? new Set());
      continue;
    }
    const named = text.slice(colon + 1).split(/[, ]/);
    methods.set(user, new Set(named.filter((name) => before === undefined || before.has(name))));
  }
  return (user, method) => methods.get(user)?.has(method) ?? !byDefault;
}
