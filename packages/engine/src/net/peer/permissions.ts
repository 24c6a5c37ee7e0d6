/** Permissions: rights that we grant to some peers and not to others. */
import { requireString } from "@chain/core/arguments";
import type { PeerAddress } from "../../ports.ts";
import { ipOf } from "../kit/addresses.ts";
import { parseSubnet, type Subnet, subnetContains } from "../kit/subnet.ts";

/**
 * In Core's words (NetPermissionFlags). `noban`: it may break rules, stays when places are short, and is told of
 * transactions at once; `relay`: its transactions are taken by a node that wants blocks alone; `forcerelay`: and are
 * passed on when we know them already; `mempool`: it may ask for the whole mempool; `download`: it gets old blocks
 * whatever was sent today; `addr`: it may tell and ask for as many addresses as it likes; `bloomfilter`: it may set filters
 * (BIP-0037) once the node serves any. In Core's order.
 */
export const PERMISSIONS = [
  "bloomfilter",
  "noban",
  "forcerelay",
  "relay",
  "mempool",
  "download",
  "addr",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** For a caller of which only the address is named. Core: PF_ISIMPLICIT. */
const IMPLICIT: readonly Permission[] = ["noban", "relay", "mempool"];

const INCLUDED: Partial<Record<Permission, Permission>> = {
  noban: "download",
  forcerelay: "relay",
};

/** Names that are short for others. */
const ALIASES: Readonly<Partial<Record<string, string>>> = { bloom: "bloomfilter" };

/** The permissions of peers in this subnet. */
export interface PermissionRule {
  readonly subnet: Subnet;
  readonly permissions: ReadonlySet<Permission>;
  /** Whether it holds for peers that call us. */
  readonly inbound: boolean;
  /** Whether it holds for peers that we were told to call. */
  readonly outbound: boolean;
}

/**
 * A rule in text: `noban,relay@10.0.0.0/8`, `all@127.0.0.1`, or an address alone for noban, relay and mempool. With `in`
 * and `out` among the permissions it holds for peers that call us, that we were told to call, or for both; without, for
 * those that call us. Core: -whitelist, NetWhitelistPermissions::TryParse.
 * @returns undefined where it names no subnet, a permission that there is not, or a direction alone
 * @example [...parsePermissionRule("noban@127.0.0.1").permissions] // ["noban", "download"]
 */
export function parsePermissionRule(text: string): PermissionRule | undefined {
  requireString(text, "text");

  const at = text.indexOf("@");
  const names = (at === -1 ? IMPLICIT : text.slice(0, at).split(",")).filter((name) => name !== "");
  const subnet = parseSubnet(text.slice(at + 1));
  const directions = names.filter((name) => name === "in" || name === "out");
  const permissions = new Set<Permission>();
  for (const name of names.filter((each) => each !== "in" && each !== "out")) {
    const granted = permissionsNamed(ALIASES[name] ?? name);
    if (granted.length === 0) return undefined;
    for (const permission of granted) {
      permissions.add(permission);
      const more = INCLUDED[permission];
      if (more !== undefined) permissions.add(more);
    }
  }
  if (subnet === undefined || (directions.length > 0 && permissions.size === 0)) return undefined;
  const inbound = directions.length === 0 || directions.includes("in");
  return { subnet, permissions, inbound, outbound: directions.includes("out") };
}

function permissionsNamed(name: string): readonly Permission[] {
  return name === "all" ? PERMISSIONS : PERMISSIONS.filter((each) => each === name);
}

/** The permissions of a peer at an address, by all rules of its direction together, in the order of `PERMISSIONS`. */
export function permissionsOf(
  rules: readonly PermissionRule[],
  { host }: PeerAddress,
  direction: "inbound" | "outbound",
): ReadonlySet<Permission> {
  if (rules.length === 0) return new Set();
  const ip = ipOf(host);
  const held = rules.filter((rule) => rule[direction] && subnetContains(rule.subnet, ip));
  return new Set(
    PERMISSIONS.filter((each) => held.some(({ permissions }) => permissions.has(each))),
  );
}
