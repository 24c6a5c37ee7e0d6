/** Miniscript expressions as text, both ways. Core: FromString, ToString (miniscript.h). */

import { bytesToHex, hexToBytes } from "@chain/core";
import { present } from "@chain/core/arguments";
import { argumentOf, isHex, type Text } from "../text.ts";
import { isValid, MAX_DEPTH, type MiniscriptParts, miniscript } from "./fragment.ts";
import type { Fragment, Miniscript, MiniscriptContext, Wrapper } from "./model.ts";

const WRAPPERS: readonly string[] = ["a", "s", "c", "d", "v", "j", "n"];
const PAIRS = ["and_v", "and_b", "or_b", "or_c", "or_d", "or_i"] as const;
const HASHES = { sha256: 32, ripemd160: 20, hash256: 32, hash160: 20 } as const;
const MAX_KEYS = { multi: 20, multi_a: 999 } as const;
const LOCK_LIMIT = 0x8000_0000;

/** The parser's environment: all that it needs beside the text. */
export interface MiniscriptReader {
  readonly context: MiniscriptContext;
  /** Reads a key, and says which place it has got. Its errors end the parsing. */
  readonly readKey: (text: string) => number;
}

/**
 * Parses a whole text.
 * @returns `undefined` for one that is no miniscript; what it returns need not be valid
 */
export function parseMiniscript(text: Text, reader: MiniscriptReader): Miniscript | undefined {
  const node = parseWrapped(text, reader, 0);
  return text.rest === "" ? node : undefined;
}

function parseWrapped(text: Text, reader: MiniscriptReader, depth: number): Miniscript | undefined {
  const wrappers = /^[a-z]*(?=:)/.exec(text.rest.slice(0, MAX_DEPTH))?.[0] ?? "";
  if (depth + wrappers.length > MAX_DEPTH || wrappers.includes("vv")) return undefined;
  if (/[^ascdvjnutl]/.test(wrappers)) return undefined;
  if (wrappers !== "") text.take(`${wrappers}:`);
  let node = parseExpression(text, reader, depth + wrappers.length + 1);
  for (const wrapper of [...wrappers].reverse()) {
    if (node !== undefined) node = wrap(wrapper, node, reader.context);
  }
  return node;
}

function wrap(
  wrapper: string,
  node: Miniscript,
  context: MiniscriptContext,
): Miniscript | undefined {
  const make = (parts: MiniscriptParts) => bounded(miniscript(parts, context));
  const zero = miniscript({ fragment: "0" }, context);
  const one = miniscript({ fragment: "1" }, context);
  switch (wrapper) {
    case "t":
      return make({ fragment: "and_v", subs: [node, one] });
    case "l":
      return make({ fragment: "or_i", subs: [zero, node] });
    case "u":
      return make({ fragment: "or_i", subs: [node, zero] });
    default:
      return WRAPPERS.includes(wrapper)
        ? make({ fragment: wrapper as Wrapper, subs: [node] })
        : undefined;
  }
}

/** Scripts that are far too long are not parsed to their end. */
function bounded(node: Miniscript): Miniscript | undefined {
  return node.type !== 0 && !isValid(node) ? undefined : node;
}

function parseExpression(
  text: Text,
  reader: MiniscriptReader,
  depth: number,
): Miniscript | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { context } = reader;
  const make = (parts: MiniscriptParts) => bounded(miniscript(parts, context));
  for (const constant of ["0", "1"] as const) {
    if (text.take(constant)) return make({ fragment: constant });
  }
  const name = /^[a-z0-9_]+(?=\()/.exec(text.rest.slice(0, 20))?.[0] ?? "";
  switch (name) {
    case "pk":
    case "pkh":
    case "pk_k":
    case "pk_h":
      return parseKeyCheck(name, text, reader);
    case "sha256":
    case "ripemd160":
    case "hash256":
    case "hash160": {
      const hex = argumentOf(name, text.takeExpression());
      if (hex === undefined || !isHex(hex) || hex.length !== 2 * HASHES[name]) return undefined;
      return make({ fragment: name, data: hexToBytes(hex) });
    }
    case "older":
    case "after": {
      const k = numberOf(argumentOf(name, text.takeExpression()));
      return k === undefined || k >= LOCK_LIMIT ? undefined : make({ fragment: name, k });
    }
    case "multi":
    case "multi_a":
      return parseMulti(name, text, reader);
    case "thresh":
      return parseThreshold(text, reader, depth);
    case "andor":
    case "and_n": {
      const subs = parseSubs(name, name === "andor" ? 3 : 2, text, reader, depth);
      const zero = miniscript({ fragment: "0" }, context);
      return subs && make({ fragment: "andor", subs: name === "andor" ? subs : [...subs, zero] });
    }
    default: {
      const fragment = PAIRS.find((pair) => pair === name);
      const subs = fragment && parseSubs(fragment, 2, text, reader, depth);
      return fragment && subs && make({ fragment, subs });
    }
  }
}

/** A whole number of at least 1. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^0*[1-9]\d{0,11}$/.test(text)) return undefined;
  return Number(text);
}

function parseKeyCheck(
  name: "pk" | "pkh" | "pk_k" | "pk_h",
  text: Text,
  { context, readKey }: MiniscriptReader,
): Miniscript | undefined {
  const argument = argumentOf(name, text.takeExpression());
  if (argument === undefined) return undefined;
  const fragment = name === "pk" || name === "pk_k" ? "pk_k" : "pk_h";
  const key = miniscript({ fragment, keys: [readKey(argument)] }, context);
  // pk(K) stands for c:pk_k(K), and pkh(K) for c:pk_h(K).
  return name === fragment ? key : bounded(miniscript({ fragment: "c", subs: [key] }, context));
}

function parseMulti(
  name: "multi" | "multi_a",
  text: Text,
  { context, readKey }: MiniscriptReader,
): Miniscript | undefined {
  if ((context === "tapscript") !== (name === "multi_a")) return undefined;
  text.take(`${name}(`);
  const end = text.rest.indexOf(")");
  if (end < 0) return undefined;
  const [threshold = "", ...texts] = text.rest.slice(0, end).split(",");
  const k = numberOf(threshold);
  if (k === undefined || texts.length === 0 || texts.includes("")) return undefined;
  text.take(text.rest.slice(0, end + 1));
  const most = MAX_KEYS[name];
  // More are refused anyway, and decoding a key costs more than sending it.
  const keys = texts.slice(0, most + 1).map(readKey);
  if (keys.length > most || k > keys.length) return undefined;
  return bounded(miniscript({ fragment: name, keys, k }, context));
}

function parseThreshold(
  text: Text,
  reader: MiniscriptReader,
  depth: number,
): Miniscript | undefined {
  text.take("thresh(");
  const digits = /^\d+(?=,)/.exec(text.rest.slice(0, 20))?.[0];
  const k = numberOf(digits);
  if (digits === undefined || k === undefined) return undefined;
  text.take(digits);
  const subs: Miniscript[] = [];
  while (text.take(",")) {
    const sub = parseWrapped(text, reader, depth);
    if (sub === undefined) return undefined;
    subs.push(sub);
  }
  if (!text.take(")") || k > subs.length) return undefined;
  return bounded(miniscript({ fragment: "thresh", subs, k }, reader.context));
}

function parseSubs(
  name: string,
  count: number,
  text: Text,
  reader: MiniscriptReader,
  depth: number,
): Miniscript[] | undefined {
  text.take(`${name}(`);
  const subs: Miniscript[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0 && !text.take(",")) return undefined;
    const sub = parseWrapped(text, reader, depth);
    if (sub === undefined) return undefined;
    subs.push(sub);
  }
  return text.take(")") ? subs : undefined;
}

/** @param keyText the text of the key at a place */
export function formatMiniscript(node: Miniscript, keyText: (place: number) => string): string {
  return format(node, keyText, false);
}

/** @param wrapped whether letters of wrappers stand before it: then a colon comes first */
function format(node: Miniscript, keyText: (place: number) => string, wrapped: boolean): string {
  const sub = (place: number, isWrapped = false): string =>
    format(present(node.subs[place], "node.subs[place]"), keyText, isWrapped);
  const isConstant = (place: number, constant: Fragment): boolean =>
    node.subs[place]?.fragment === constant;
  const key = (of: Miniscript): string => keyText(of.keys[0] as number);
  const start = wrapped ? ":" : "";
  const { fragment, k, data } = node;
  switch (fragment) {
    case "c": {
      const [inner] = node.subs as [Miniscript];
      if (inner.fragment === "pk_k") return `${start}pk(${key(inner)})`;
      if (inner.fragment === "pk_h") return `${start}pkh(${key(inner)})`;
      return `c${sub(0, true)}`;
    }
    case "a":
    case "s":
    case "d":
    case "v":
    case "j":
    case "n":
      return `${fragment}${sub(0, true)}`;
    case "and_v":
      if (isConstant(1, "1")) return `t${sub(0, true)}`;
      break;
    case "or_i":
      if (isConstant(0, "0")) return `l${sub(1, true)}`;
      if (isConstant(1, "0")) return `u${sub(0, true)}`;
      break;
    case "andor":
      if (isConstant(2, "0")) return `${start}and_n(${sub(0)},${sub(1)})`;
      break;
    default:
  }
  const list = (...parts: readonly unknown[]) => `${start}${fragment}(${parts.join(",")})`;
  switch (fragment) {
    case "0":
    case "1":
      return start + fragment;
    case "pk_k":
    case "pk_h":
      return list(key(node));
    case "older":
    case "after":
      return list(k);
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return list(bytesToHex(data));
    case "multi":
    case "multi_a":
      return list(k, ...node.keys.map(keyText));
    case "thresh":
      return list(k, ...node.subs.map((_, i) => sub(i)));
    default:
      return list(...node.subs.map((_, i) => sub(i)));
  }
}
