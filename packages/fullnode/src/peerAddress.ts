import { isIP } from "node:net";
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
