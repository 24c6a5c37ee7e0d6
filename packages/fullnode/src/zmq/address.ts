import { isIP } from "node:net";
import { requireString } from "@chain/core/arguments";
import { UserError } from "../errors.ts";

/** Where a publisher listens. */
export type ZmqAddress =
  | { readonly type: "tcp"; readonly host: string; readonly port: number }
  | { readonly type: "ipc"; readonly path: string };

/**
 * Reads `tcp://IP:PORT` (`*` is any address of this machine), `ipc://PATH`, or `unix:PATH`, which means the same.
 * @throws UserError `usage`
 * @example
 * parseZmqAddress("tcp://127.0.0.1:28332") // { type: "tcp", host: "127.0.0.1", port: 28332 }
 */
export function parseZmqAddress(text: string): ZmqAddress {
  requireString(text, "text");

  const [, path] = /^(?:ipc:\/\/|unix:)(.+)$/.exec(text) ?? [];
  if (path !== undefined) return { type: "ipc", path };
  const [, given = "", number] = /^tcp:\/\/(.+):(\d{1,5})$/.exec(text) ?? [];
  const host = given.replace(/^\[(.*)\]$/, "$1");
  const port = Number(number);
  if ((host !== "*" && isIP(host) === 0) || !(port <= 0xffff)) {
    const forms = "tcp://IP:PORT, such as tcp://127.0.0.1:28332, or ipc://PATH";
    throw new UserError("usage", `${text} is no address of a ZMQ publisher: ${forms}`);
  }
  return { type: "tcp", host: host === "*" ? "0.0.0.0" : host, port };
}
