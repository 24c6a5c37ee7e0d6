/** Values of options, in the forms that Core takes. */
import { parsePort, UserError, ZMQ_TOPICS } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { parseAmount } from "@chain/wallet";

export function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** @throws UserError `usage` */
export function wholeNumber(settings: Settings, name: string): number | undefined {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  if (/^\d{1,19}$/.test(text)) return Number(text);
  throw new UserError("usage", `Invalid value for -${name}=<n>: '${text}'`);
}

/** Base units for 1,000 virtual bytes. */
export function rate(settings: Settings, name: string): bigint | undefined {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  const parsed = parseAmount(text, { allowZero: true });
  if (parsed.ok) return parsed.amount;
  throw new UserError("usage", `Invalid amount for -${name}=<amount>: '${text}'`);
}

/** Options whose values are `HOST:PORT`. Core: CheckHostPortOptions. */
const WITH_PORTS = ["rpcbind", "whitebind", ...ZMQ_TOPICS.map((topic) => `zmqpub${topic}`)];

/** Core: CheckHostPortOptions, SplitHostPort. @throws UserError `usage` for a port that is none */
export function checkPorts(settings: Settings): void {
  for (const name of WITH_PORTS) {
    for (const text of settings.list(name)) {
      // The port of `@host:port` and `tcp://host:port` is read where they are used: two colons are none, as in IPv6.
      const [, digits] = /^(?:[^:]*|\[.*\]):([^:]*)$/.exec(text) ?? [];
      if (digits === undefined || parsePort(digits)) continue;
      if (text.startsWith("unix:") && name.startsWith("zmq")) continue;
      throw new UserError("usage", `Invalid port specified in -${name}: '${text}'`);
    }
  }
}
