/** From Core's options about whom to call, and how. */

import { isIP } from "node:net";
import type { PeerAddress } from "@chain/engine";
import {
  type NodeConfig,
  type ProxyAddress,
  parsePeerAddress,
  parseProxy,
  UserError,
} from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";

/** As in Core, `-connect=0` and `-noconnect` name no peer. */
export function connect(settings: Settings, port: number): NodeConfig["connect"] {
  if (settings.isNegated("connect")) return [];
  if (!settings.has("connect")) return undefined;
  return peers(settings, "connect", port);
}

/** Peers to stay connected to, with the text of each for `getaddednodeinfo`. */
export function addedPeers(settings: Settings, port: number): NonNullable<NodeConfig["addNodes"]> {
  const texts = settings.list("addnode").filter((text) => text !== "0");
  return texts.map((text) => ({ ...peer(text, "addnode", port), text }));
}

/** @param port where none is given */
export function peers(
  settings: Settings,
  name: string,
  port: number,
): NonNullable<NodeConfig["connect"]> {
  const texts = settings.list(name).filter((text) => text !== "0");
  return texts.map((text) => peer(text, name, port));
}

function peer(text: string, name: string, port: number): PeerAddress {
  const isWhole = isIP(text) !== 6 && /:\d+$/.test(text);
  const host = isIP(text) === 6 ? `[${text}]` : text;
  return parsePeerAddress(isWhole ? text : `${host}:${port}`, `-${name}`);
}

/** Core: init.cpp. An empty text and 0 stand for no proxy; `-noonion` for no calls to onion addresses. */
export function proxies(settings: Settings): NonNullable<NodeConfig["proxies"]> {
  const all = proxy(settings, "proxy");
  const isOff = settings.isNegated("onion") || settings.text("onion") === "0";
  const onion = isOff ? undefined : proxy(settings, "onion");
  return {
    ...(all !== undefined && { all }),
    ...(isOff ? { onion: null } : onion !== undefined && { onion }),
    randomize: settings.flag("proxyrandomize", true),
  };
}

export function proxy(settings: Settings, name: string): ProxyAddress | undefined {
  const text = settings.text(name) ?? "";
  if (text === "" || text === "0") return undefined;
  const parsed = parseProxy(text);
  if (parsed === "host") {
    throw new UserError("usage", `Invalid -${name} address or hostname: '${text}'`);
  }
  if (parsed === "port") {
    throw new UserError("usage", `Invalid port specified in -${name}: '${text}'`);
  }
  return parsed;
}
