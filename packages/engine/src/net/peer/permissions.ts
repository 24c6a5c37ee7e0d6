/** What we allow some peers that others may not. */
import { requireString } from "@chain/core/arguments";
import type { PeerAddress } from "../../ports.ts";
import { ipOf } from "../kit/addresses.ts";
import { parseSubnet, type Subnet, subnetContains } from "../kit/subnet.ts";

/**
 * In Core's words (NetPermissionFlags). `noban`: it may break rules, stays when places are short, and is told of
 * transactions at once; `relay`: its transactions are taken by a node that wants blocks alone; `forcerelay`: and are
 * passed on when we know them already; `mempool`: it may ask for the whole mempool; `download`: it gets old blocks
 * whatever was sent today; `addr`: it may tell and ask for as many addresses as it likes.
 */
export const PERMISSIONS = ["noban", "forcerelay", "relay", "mempool", "download", "addr"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** For a caller of which only the address is named. Core: PF_ISIMPLICIT. */
const IMPLICIT: readonly Permission[] = ["noban", "relay", "mempool"];

const INCLUDED: Partial<Record<Permission, Permission>> = {
  noban: "download",
  forcerelay: "relay",
};

/** What a caller from this subnet may do. */
export interface PermissionRule {
  readonly subnet: Subnet;
  readonly permissions: ReadonlySet<Permission>;
}

/**
 * A rule in text: `noban,relay@10.0.0.0/8`, `all@127.0.0.1`, or an address alone for noban, relay and mempool. Core:
 * -whitelist, NetWhitelistPermissions::TryParse.
 * @returns undefined where it names no subnet, or a permission that there is not
 * @example [...parsePermissionRule("noban@127.0.0.1").permissions] // ["noban", "download"]
 */
export function parsePermissionRule(text: string): PermissionRule | undefined {
  requireString(text, "text");

  const at = text.indexOf("@");
  const names = at === -1 ? IMPLICIT : text.slice(0, at).split(",");
  const subnet = parseSubnet(text.slice(at + 1));
  const permissions = new Set<Permission>();
  for (const name of names.filter((each) => each !== "")) {
    const granted = name === "all" ? PERMISSIONS : PERMISSIONS.filter((each) => each === name);
    if (granted.length === 0) return undefined;
    for (const permission of granted) {
      permissions.add(permission);
      const more = INCLUDED[permission];
      if (more !== undefined) permissions.add(more);
    }
  }
  return subnet === undefined ? undefined : { subnet, permissions };
}

/** The permissions of a caller from an address, by all rules together. */
export function permissionsOf(
  rules: readonly PermissionRule[],
  { host }: PeerAddress,
): ReadonlySet<Permission> {
  if (rules.length === 0) return new Set();
  const ip = ipOf(host);
  return new Set(
    rules.flatMap(({ subnet, permissions }) =>
      subnetContains(subnet, ip) ? [...permissions] : [],
    ),
  );
}
