import { isIP } from "node:net";
import { requireString } from "@chain/core/arguments";
import type { PeerAddress } from "@chain/engine";
import { quote, UserError } from "./errors.ts";
import { parsePort } from "./identity.ts";

/**
 * `HOST:PORT`, `[IPv6]:PORT`.
 * @param option its name, for the error
 * @throws UserError `usage`.
 * @example parsePeerAddress("127.0.0.1:3000") // { host: "127.0.0.1", port: 3000 }
 */
export function parsePeerAddress(text: string, option = "connect"): PeerAddress {
  requireString(text, "text");
  requireString(option, "option");

  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]+)):(\d+)$/.exec(text);
  const [, ipv6, name, digits = ""] = match ?? [];
  const port = parsePort(digits);
  const host = ipv6 ?? name;
  const isHost = ipv6 === undefined ? /^[a-z0-9.-]{1,253}$/i.test(name ?? "") : isIP(ipv6) === 6;
  if (host === undefined || port === undefined || !isHost) {
    const form = `${option} wants HOST:PORT, as 127.0.0.1:3000, not ${quote(text)}`;
    throw new UserError("usage", form, { data: { option } });
  }
  return { host, port };
}

/**
 * Where to listen: `HOST`, `HOST:PORT`, `IPv6`, `[IPv6]` or `[IPv6]:PORT`.
 * @returns `undefined` where it is none of these
 * @example parseListening("[::1]:3000") // { host: "::1", port: 3000 }
 */
export function parseListening(
  text: string,
): { readonly host: string; readonly port?: number } | undefined {
  requireString(text, "text");
  if (isIP(text) !== 0) return { host: text };
  const [, ipv6, name, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]{1,253}))(?::(\d+))?$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = digits === undefined ? undefined : parsePort(digits);
  const isNone = host === undefined || (ipv6 !== undefined && isIP(ipv6) !== 6);
  if (isNone || (digits !== undefined && port === undefined)) return undefined;
  return { host, ...(port !== undefined && { port }) };
}
