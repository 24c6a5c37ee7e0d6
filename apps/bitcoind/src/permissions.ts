/** Permissions of callers, by `-whitelist` and `-whitebind`. Core: net_permissions.cpp. */
import { type Permission, type PermissionRule, parsePermissionRule } from "@chain/engine";
import { UserError } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";

/** Of peers whose address alone is named. Core: init.cpp, InitParameterInteraction. */
export function implicitPermissions(settings: Settings): string {
  const forces = settings.flag("whitelistforcerelay", false);
  const relays = settings.flag("whitelistrelay", forces || !settings.flag("blocksonly", false));
  return `noban,mempool${relays ? ",relay" : ""}${forces ? ",forcerelay" : ""}`;
}

/** A rule of `-whitelist`. @throws UserError `usage` */
export function permissionRule(text: string, implicit: string): PermissionRule {
  const [names = "", subnet] = splitAt(text, implicit);
  const rule = parsePermissionRule(`${names}@${subnet}`);
  if (rule !== undefined) return rule;
  permissionsNamed(names, text);
  throw new UserError("usage", `Invalid netmask specified in -whitelist: '${subnet}'`);
}

/** An address, and the permissions of its callers, by `-whitebind`. @throws UserError `usage` */
export function whiteBind(
  text: string,
  implicit: string,
): { readonly permissions: ReadonlySet<Permission>; readonly address: string } {
  const [names = "", address = ""] = splitAt(text, implicit);
  if (names.split(",").includes("out")) {
    const why = 'whitebind may only be used for incoming connections ("out" was passed)';
    throw new UserError("usage", why);
  }
  return { permissions: permissionsNamed(names, text), address };
}

/** The parts before the `@` and behind it. */
function splitAt(text: string, implicit: string): readonly string[] {
  return text.includes("@") ? text.split(/@(.*)/s) : [implicit, text];
}

/** @param text for the message @throws UserError `usage` */
function permissionsNamed(names: string, text: string): ReadonlySet<Permission> {
  const of = (list: string) => parsePermissionRule(`${list}@127.0.0.1`);
  const isKnown = (name: string) => ["", "in", "out"].includes(name) || of(name) !== undefined;
  const unknown = names.split(",").find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new UserError("usage", `Invalid P2P permission: '${unknown}'`);
  }
  const rule = of(names);
  if (rule !== undefined) return rule.permissions;
  throw new UserError("usage", `Only direction was set, no permissions: '${text}'`);
}
