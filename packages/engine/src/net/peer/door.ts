import { PERMISSIONS, type Permission } from "./permissions.ts";

/** Rules for the calls that come in at one of a node's sockets. */
export interface Door {
  /** Permissions of callers there, besides those that the rules for their address give. Core: -whitebind. */
  readonly permissions?: ReadonlySet<Permission> | undefined;
  /**
   * Whether a Tor daemon hands on there the calls of an onion service: the address of a caller is that of the daemon.
   * Core: m_inbound_onion.
   */
  readonly isOnion?: boolean | undefined;
}

/** The permissions of a caller, in the order of `PERMISSIONS`. @param ruled by the rules for its address */
export function permissionsAt(
  { permissions }: Door,
  ruled: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  if (permissions === undefined) return ruled;
  return new Set(PERMISSIONS.filter((each) => ruled.has(each) || permissions.has(each)));
}
