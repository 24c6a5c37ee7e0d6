/**
 * Calls every export of a package as plain JavaScript can: with values of wrong types, without arguments, with objects
 * that lack fields. Each call must say what is wrong, by name, with an error of ours.
 */
import { isChainError } from "@chain/core";

/** A value that may be left out. */
class Maybe {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** A value whose fields are not tried one by one. */
class Whole {
  readonly value: unknown;
  readonly others: readonly string[];
  constructor(value: unknown, others: readonly string[]) {
    this.value = value;
    this.others = others;
  }
}

/** A good value of an argument or a field that may be left out. */
export function maybe(value: unknown): unknown {
  return new Maybe(value);
}

/** A good value, to be tried as a whole: no odd ones of its kind, nor its fields. @param others kinds that are as good */
export function whole(value: unknown, ...others: readonly string[]): unknown {
  return new Whole(value, others);
}

/** Good arguments of a function, or of the methods of a class. */
export type Arguments = readonly unknown[];
export interface ClassCalls {
  /** Of the constructor; none where users don't call it. */
  readonly new?: Arguments;
  /** The static functions. */
  readonly statics?: Readonly<Record<string, Arguments>>;
  /** An object to call the methods of, a new one each time. */
  readonly make?: () => unknown;
  readonly methods?: Readonly<Record<string, Arguments>>;
}
export type Calls = Readonly<Record<string, Arguments | ClassCalls>>;

// biome-ignore lint/suspicious/noExplicitAny: any function of a package
type Callable = (...args: any[]) => unknown;

interface Attempt {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly good: Arguments;
  call(args: readonly unknown[]): unknown;
}

/** One value of each kind. */
const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  7,
  7n,
  "00",
  {},
  [],
  () => undefined,
  Symbol("s"),
  new Uint8Array(3),
  new Map(),
];
/** Odd values of each kind: they may be refused, with an error of ours, or taken. */
const ODD: Readonly<Record<string, readonly unknown[]>> = {
  number: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, 0],
  bigint: [-1n, 2n ** 300n, 0n],
  string: ["", "zz", "\u0000", "x".repeat(1000)],
  bytes: [new Uint8Array(0), new Uint8Array(1), new Uint8Array(100)],
  array: [[undefined], [null], [{}], [7]],
};

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (Array.isArray(value)) return "array";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Map || value instanceof Set) return "map";
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? "object" : "instance";
}

/** Without the marks. */
function plain(value: unknown): unknown {
  if (value instanceof Maybe || value instanceof Whole) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (kindOf(value) !== "object") return value;
  return Object.fromEntries(Object.entries(value as object).map(([key, own]) => [key, plain(own)]));
}

interface Change {
  /** Which argument or field must be named. */
  readonly named: string;
  readonly text: string;
  readonly value: unknown;
  /** Whether it may be taken: it is of the right kind, only odd. */
  readonly mayPass: boolean;
}

/** Ways to spoil a value. */
function* changes(mark: unknown, name: string): Generator<Change> {
  const isOptional = mark instanceof Maybe;
  const inner = isOptional ? mark.value : mark;
  const isWhole = inner instanceof Whole;
  const good = isWhole ? inner.value : inner;
  const kind = isWhole && kindOf(good) === "object" ? "instance" : kindOf(good);
  for (const value of VALUES) {
    const other = kindOf(value);
    if (other === kind || (isOptional && value === undefined)) continue;
    if (isWhole && inner.others.includes(other)) continue;
    // An object of a class may look like any other: what it lacks is told.
    yield {
      named: name,
      text: `${name}: ${String(typeof value === "object" ? other : typeof value)}`,
      value,
      mayPass: false,
    };
  }
  for (const value of isWhole ? [] : (ODD[kind] ?? [])) {
    yield { named: name, text: `${name}: odd ${String(value)}`, value, mayPass: true };
  }
  if (kind === "array" && !isWhole) {
    const [first, ...rest] = good as readonly unknown[];
    if (first === undefined) return;
    for (const change of changes(first, name)) {
      yield { ...change, text: `[0] of ${change.text}`, value: [change.value, ...rest.map(plain)] };
    }
  }
  if (kind !== "object") return;
  for (const [key, own] of Object.entries(good as object)) {
    for (const change of changes(own, key)) {
      const { [key]: _, ...others } = plain(good) as Record<string, unknown>;
      const value = change.value === undefined ? others : { ...others, [key]: change.value };
      yield { ...change, text: `${name}.${change.text}`, value };
    }
  }
}

/** The names of a function's parameters, from its source. */
function parametersOf(callable: Callable, isClass: boolean): string[] {
  const source = callable.toString();
  const start = isClass ? source.search(/\bconstructor\s*\(/) : 0;
  if (start < 0) return [];
  let depth = 0;
  let text = "";
  for (const character of source.slice(source.indexOf("(", start))) {
    if ("([{".includes(character)) depth++;
    if (")]}".includes(character)) depth--;
    if (depth === 0) break;
    text += depth === 1 && character !== "(" ? character : "";
  }
  return text
    .split(",")
    .map((part) => part.replace(/=.*/s, "").replaceAll("...", "").trim())
    .filter((part) => part !== "");
}

function* attempts(exports: Readonly<Record<string, unknown>>, calls: Calls): Generator<Attempt> {
  for (const [name, entry] of Object.entries(calls)) {
    const exported = exports[name] as Callable;
    if (Array.isArray(entry)) {
      const parameters = parametersOf(exported, false);
      yield { name, parameters, good: entry, call: (args) => exported(...args) };
      continue;
    }
    const { new: fresh, statics = {}, make, methods = {} } = entry as ClassCalls;
    const type = exported as unknown as new (...args: unknown[]) => unknown;
    if (fresh !== undefined) {
      const parameters = parametersOf(exported, true);
      yield { name: `new ${name}`, parameters, good: fresh, call: (args) => new type(...args) };
    }
    for (const [method, good] of Object.entries(statics)) {
      const callable = (type as unknown as Record<string, Callable>)[method] as Callable;
      const parameters = parametersOf(callable, false);
      yield {
        name: `${name}.${method}`,
        parameters,
        good,
        call: (args) => callable.apply(type, [...args]),
      };
    }
    for (const [method, good] of Object.entries(methods)) {
      const callable = (type.prototype as Record<string, Callable>)[method] as Callable;
      const parameters = parametersOf(callable, false);
      const call = (args: readonly unknown[]) => callable.apply(make?.(), [...args]);
      yield { name: `${name}#${method}`, parameters, good, call };
    }
  }
}

/** Has a promise settle and a generator begin. */
async function settle(result: unknown): Promise<void> {
  const awaited: unknown = await result;
  const { next } = Object(awaited) as { next?: unknown };
  if (typeof next === "function" && Symbol.toStringTag in Object(awaited)) {
    await (awaited as { next(): unknown }).next();
  }
}

/** The faults in the answers to wrong calls: none, in a good package. */
export async function misuseProblems(
  exports: Readonly<Record<string, unknown>>,
  calls: Calls,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { name, parameters, good, call } of attempts(exports, calls)) {
    const args = good.map(plain);
    try {
      await settle(call(args));
    } catch (error) {
      if (!isChainError(error)) problems.push(`${name}: good arguments: ${String(error)}`);
      else if (error.code === "invalid-argument")
        problems.push(`${name}: good arguments: ${error.message}`);
    }
    for (const [i, mark] of good.entries()) {
      const parameter = parameters[Math.min(i, parameters.length - 1)] ?? "?";
      for (const { named, text, value, mayPass } of changes(mark, parameter)) {
        const wrong = args.with(i, value);
        const problem = await problemOf(() => call(wrong), named, mayPass);
        if (problem !== undefined) problems.push(`${name}: ${text}: ${problem}`);
      }
    }
  }
  return problems;
}

async function problemOf(
  call: () => unknown,
  named: string,
  mayPass: boolean,
): Promise<string | undefined> {
  try {
    await settle(call());
    return mayPass ? undefined : "is taken";
  } catch (error) {
    if (!isChainError(error)) return String(error);
    return mayPass || error.message.includes(named)
      ? undefined
      : `does not name it: ${error.message}`;
  }
}

/** Functions and methods that are exported and that the calls leave out, or that there are not. */
export function misuseGaps(
  exports: Readonly<Record<string, unknown>>,
  calls: Calls,
): readonly string[] {
  const gaps: string[] = Object.keys(calls).filter((name) => !(name in exports));
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function") continue;
    const entry = calls[name];
    const isClass = /^class\b/.test(value.toString());
    if (entry === undefined) gaps.push(name);
    else if (isClass && !Array.isArray(entry)) {
      const { statics = {}, methods = {} } = entry as ClassCalls;
      for (const method of methodsOf(value))
        if (!(method in statics)) gaps.push(`${name}.${method}`);
      for (const method of methodsOf(value.prototype)) {
        if (!(method in methods)) gaps.push(`${name}#${method}`);
      }
    }
  }
  return gaps;
}

/** Its methods that take arguments. */
function methodsOf(owner: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner))
    .filter(([name, { value }]) => {
      if (typeof value !== "function" || name === "constructor") return false;
      return parametersOf(value as Callable, false).length > 0;
    })
    .map(([name]) => name);
}
