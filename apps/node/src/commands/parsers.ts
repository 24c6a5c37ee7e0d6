/** Parsers of the values of options: each gets the text and the flag, for the sentence that says what is wrong. */
import { isIPv6 } from "node:net";
import type { DeploymentHeights } from "@chain/core";
import { type PeerAddress, type PermissionRule, parsePermissionRule } from "@chain/engine";
import {
  type Listening,
  type ProxyAddress,
  parseActivationHeight,
  parseListening,
  parsePort,
  parseProxy,
  quote,
  UserError,
} from "@chain/fullnode";
import { parseWhole } from "@chain/terminal";
import { parseAmount } from "@chain/wallet";

type Parser<Value> = (text: string, flag: string) => Value;

/** @throws UserError `usage`, as all parsers here do. */
export function whole(least: number, most: number): Parser<number> {
  return (text, flag) => parseWhole(text, flag, least, most);
}

export function oneOf<Choice extends string>(choices: readonly Choice[]): Parser<Choice> {
  return (text, flag) => {
    const choice = choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    const list = choices.join(", ");
    throw new UserError("usage", `${flag} must be one of ${list}, not ${quote(text)}`);
  };
}

export function some(text: string, flag: string): string {
  if (text !== "") return text;
  throw new UserError("usage", `${flag} must not be empty`);
}

/** Base units for 1,000 virtual bytes. */
export function feeRate(text: string, flag: string): bigint {
  const parsed = parseAmount(text, { allowZero: true });
  if (parsed.ok) return parsed.amount;
  throw new UserError("usage", `${flag} ${quote(text)}: ${parsed.reason}`);
}

export function permissionRule(text: string, flag: string): PermissionRule {
  const rule = parsePermissionRule(text);
  if (rule !== undefined) return rule;
  throw new UserError("usage", `${flag} must be like noban,relay@10.0.0.0/8, not ${quote(text)}`);
}

/** Where to listen. */
export function listening(text: string, flag: string): Listening {
  const parsed = parseListening(text);
  if (parsed !== undefined) return parsed;
  const forms = "HOST or HOST:PORT, as 0.0.0.0 or [::1]:3000";
  throw new UserError("usage", `${flag} wants ${forms}, not ${quote(text)}`);
}

/** A port to listen on; 0: any that is free. */
export function openPort(text: string, flag: string): number {
  const port = text === "0" ? 0 : parsePort(text);
  if (port !== undefined) return port;
  throw new UserError("usage", `${flag} must be a port from 1 to 65535, or 0 for any that is free`);
}

/** Where to listen for WebSockets: `PORT`, `HOST:PORT` or `[IPv6]:PORT`. */
export function webSocketBind(text: string, flag: string): PeerAddress {
  const [, before, digits = ""] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  const host = before === undefined ? "127.0.0.1" : hostAlone(before);
  if (host !== undefined && digits !== "") return { host, port: openPort(digits, flag) };
  const forms = "PORT or HOST:PORT, as 3001 or [::1]:3001";
  throw new UserError("usage", `${flag} wants ${forms}, not ${quote(text)}`);
}

/** An IPv6 address in front of a port stands in brackets. */
function hostAlone(text: string): string | undefined {
  const parsed = isIPv6(text) ? undefined : parseListening(text);
  return parsed?.port === undefined ? parsed?.host : undefined;
}

/** `segwit@100`. Core: -testactivationheight. */
export function activation(text: string, flag: string): Partial<DeploymentHeights> {
  const parsed = parseActivationHeight(text);
  if (parsed.ok) return parsed.heights;
  throw new UserError("usage", `${flag} must be like segwit@100, not ${quote(text)}`);
}

/** A number in hex, with or without 0x. Core: -minimumchainwork. */
export function work(text: string, flag: string): bigint {
  if (/^(0x)?[0-9a-f]{1,64}$/i.test(text)) return BigInt(`0x${text.replace(/^0x/i, "")}`);
  throw new UserError("usage", `${flag} must be a number in hex, not ${quote(text)}`);
}

/** In all: a user agent has 256 characters. */
const MAX_COMMENT = 100;

/** BIP-0014 keeps `/`, `:`, `(` and `)` for itself. */
export function comments(texts: readonly string[], flag: string): readonly string[] {
  const bad = texts.find((text) => !/^[a-zA-Z0-9 .,;\-_?@]+$/.test(text));
  if (bad !== undefined) {
    const message = `${flag} takes letters, digits and .,;-_?@ alone, not ${quote(bad)}`;
    throw new UserError("usage", message);
  }
  if (texts.join("; ").length <= MAX_COMMENT) return texts;
  throw new UserError("usage", `${flag} is too long: ${MAX_COMMENT} characters in all`);
}

/** @throws UserError `usage`. */
export function proxy(text: string, flag: string): ProxyAddress {
  const parsed = parseProxy(text);
  if (typeof parsed === "object") return parsed;
  throw new UserError(
    "usage",
    `${flag} wants HOST:PORT or unix:PATH, as 127.0.0.1:9050, not ${quote(text)}`,
  );
}
