/** From words of a command line to parameters of a call. Core: rpc/client.cpp. */
import {
  type Argument,
  type Json,
  METHODS,
  parseJson,
  RPC_INVALID_PARAMETER,
  RpcError,
} from "@chain/rpc";
import { CliError } from "./error.ts";

/** `either`: a text where it is no JSON. */
type Format = "text" | "json" | "either";

/** The argument of a method in a place, or of a name; `undefined` where no table has it. */
interface Formats {
  readonly byPosition: readonly Format[];
  readonly byName: ReadonlyMap<string, Format>;
}

const NONE: Formats = { byPosition: [], byName: new Map() };

/** Parameters by position. @throws CliError for what is no JSON and should be */
export function byPosition(method: string, words: readonly string[]): Json {
  const formats = formatsOf(method);
  return words.map((word, index) => read(formats.byPosition[index], word));
}

/**
 * Parameters by name, and those without `=` by position. A word whose name the method does not know stands for itself
 * where the next place takes a text, or where it is the JSON that the place takes. The last of two values counts.
 * @throws CliError for what is no JSON and should be; RpcError, as the node would, for `args` beside parameters by position
 */
export function byName(method: string, words: readonly string[]): Json {
  const formats = formatsOf(method);
  const named: Record<string, Json> = Object.create(null);
  const ahead: Json[] = [];
  for (const word of words) {
    const next = formats.byPosition[ahead.length];
    const equals = word.indexOf("=");
    if (equals < 0) {
      ahead.push(read(next, word));
      continue;
    }
    const name = word.slice(0, equals);
    const format = formats.byName.get(name);
    const whole = format === undefined ? wholeWord(next, word, name) : undefined;
    if (whole === undefined) named[name] = read(format, word.slice(equals + 1));
    else ahead.push(whole);
  }
  if (ahead.length === 0) return named;
  // Core sends both, and the node refuses two fields of one name.
  if (Object.hasOwn(named, "args")) {
    throw new RpcError(RPC_INVALID_PARAMETER, "Parameter args specified multiple times");
  }
  return { ...named, args: ahead };
}

function wholeWord(format: Format | undefined, word: string, name: string): Json | undefined {
  // The name of all parameters by position.
  if (name === "args") return undefined;
  if (format === "text") return word;
  return format === "json" ? parseJson(word) : undefined;
}

function read(format: Format | undefined, word: string): Json {
  if (format === undefined || format === "text") return word;
  const value = parseJson(word);
  if (value !== undefined) return value;
  if (format === "either") return word;
  throw new CliError(`Error parsing JSON: ${word}`);
}

function formatsOf(name: string): Formats {
  const method = METHODS.find((each) => each.name === name);
  if (method === undefined) return NONE;
  // The two differ in nothing else.
  const echoes: Readonly<Record<string, Format>> = { echo: "text", echojson: "json" };
  const format = (each: Argument) => echoes[name] ?? formatOf(each);
  const names = new Map<string, Format>();
  for (const each of method.arguments) {
    const inner = each.kind === "options" ? each.inner : [];
    for (const one of inner) names.set(one.name, formatOf(one));
    for (const known of [each.name, ...each.aliases]) names.set(known, format(each));
  }
  return { byPosition: method.arguments.map(format), byName: names };
}

function formatOf({ kind, takesAnyType, schema }: Argument): Format {
  const takesText = takesAnyType && schema.safeParse("").success;
  // A block is named by its height or its hash.
  if (takesText && (kind === "number" || kind === "string")) return "either";
  return kind === "string" || kind === "hex" ? "text" : "json";
}
