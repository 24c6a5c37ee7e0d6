/** Where the node listens, by `-bind`, `-whitebind` and `-listen`. Core: init.cpp. */
import { isIP } from "node:net";
import { type Listening, parseListening, UserError } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { proxy } from "./peerOptions.ts";
import { implicitPermissions, whiteBind } from "./permissions.ts";

/**
 * Where to listen. Without an address this is loopback alone, unless `-listen` says that all addresses are meant:
 * nothing that was not asked for should be reachable. Core listens on all of them.
 * @param port where none is named; that of an onion service is the next one
 * @throws UserError `usage`
 */
export function listening(settings: Settings, port: number): readonly Listening[] {
  const binds = settings.list("bind");
  const whiteBinds = settings.list("whitebind");
  if (!listens(settings)) {
    if (binds.length + whiteBinds.length === 0) return [];
    throw new UserError("usage", "Cannot set -bind or -whitebind together with -listen=0");
  }
  if (binds.length + whiteBinds.length > 0) {
    const implicit = implicitPermissions(settings);
    const plain = binds.map((text) => bind(text, port));
    const white = whiteBinds.map((text) => whitelisted(text, implicit));
    return [
      ...plain.filter(({ isOnion }) => !isOnion),
      ...white,
      ...plain.filter(({ isOnion }) => isOnion),
    ];
  }
  if (!settings.flag("listen", false)) return [{ host: "127.0.0.1", port }];
  return [
    { host: "::", port, isOptional: true },
    { host: "0.0.0.0", port },
    { host: "127.0.0.1", port: port + 1, isOnion: true },
  ];
}

/**
 * Core: InitParameterInteraction. A node that calls told peers alone, or none, or hides behind a proxy, listens only
 * where it is told to.
 */
function listens(settings: Settings): boolean {
  if (settings.has("listen")) return settings.flag("listen", true);
  if (settings.list("bind").length + settings.list("whitebind").length > 0) return true;
  const most = settings.text("maxconnections");
  const isHidden = settings.has("connect") || proxy(settings, "proxy") !== undefined;
  return !isHidden && (most === undefined || Number(most) > 0);
}

function bind(text: string, port: number): Listening {
  const [, address = "", network] = /^(.*?)(?:=([^=]*))?$/s.exec(text) ?? [];
  const place = numeric(address);
  if (place === undefined || (network !== undefined && network !== "onion")) {
    throw new UserError("usage", `Cannot resolve -bind address: '${text}'`);
  }
  if (network === undefined) return { port, ...place };
  return { port: port + 1, ...place, isOnion: true };
}

function whitelisted(text: string, implicit: string): Listening {
  const { permissions, address } = whiteBind(text, implicit);
  const place = numeric(address);
  if (place === undefined) {
    throw new UserError("usage", `Cannot resolve -whitebind address: '${address}'`);
  }
  if (place.port === undefined) {
    throw new UserError("usage", `Need to specify a port with -whitebind: '${address}'`);
  }
  return { ...place, permissions };
}

/** Names are not looked up. */
function numeric(text: string): ReturnType<typeof parseListening> {
  const place = parseListening(text);
  return place !== undefined && isIP(place.host) !== 0 ? place : undefined;
}
