/** Answers as bitcoin-cli prints them. */
import { type Json, toJson } from "@chain/rpc";

/** Core: ParseResult. A text stands for itself, and null for nothing. */
export function resultText(result: Json): string {
  if (result === null) return "";
  return typeof result === "string" ? result : pretty(result, 1);
}

const INDENT = 2;

/** Core: UniValue::write(2), which breaks the line in what is empty as well. */
function pretty(value: Json, depth: number): string {
  // Numbers that keep their text are objects, and none of these.
  const isArray = Array.isArray(value);
  if (!isArray && !isObject(value)) return toJson(value);
  const inner = " ".repeat(INDENT * depth);
  const end = `\n${" ".repeat(INDENT * (depth - 1))}`;
  const parts = isArray
    ? value.map((each) => `\n${inner}${pretty(each, depth + 1)}`)
    : Object.entries(value).map(
        ([name, each]) => `\n${inner}${toJson(name)}: ${pretty(each, depth + 1)}`,
      );
  const [open, close] = isArray ? "[]" : "{}";
  return `${open}${parts.join(",")}${end}${close}`;
}

/** Whether it is an object of JSON. */
export function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Number)
  );
}

/** The value of a field; `null` where there is no such field. */
export function field(value: Json | undefined, ...path: readonly string[]): Json {
  let found: Json | undefined = value;
  for (const name of path) found = isObject(found) ? found[name] : undefined;
  return found ?? null;
}

/** The text of a field without quotes; empty where there is none. Core: UniValue::getValStr. */
export function fieldText(value: Json | undefined, ...path: readonly string[]): string {
  const found = field(value, ...path);
  if (found === null || Array.isArray(found) || isObject(found)) return "";
  return typeof found === "string" ? found : toJson(found);
}

/** Elements of a list; none where it is no list. */
export function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** Core: RPC_WALLET_NOT_SPECIFIED. */
const WALLET_NOT_SPECIFIED = -19;

/** The text for standard error, and the exit code. Core: ParseError. */
export function errorText(error: Json): { readonly text: string; readonly code: number } {
  if (!isObject(error)) return { text: `error: ${toJson(error)}`, code: 1 };
  const code = Number(fieldText(error, "code"));
  const { message } = error;
  let text = fieldText(error, "code") === "" ? "" : `error code: ${fieldText(error, "code")}\n`;
  if (typeof message === "string") text += `error message:\n${message}`;
  if (code === WALLET_NOT_SPECIFIED) {
    text +=
      ' Or for the CLI, specify the "-rpcwallet=<walletname>" option before the command (run "bitcoin-cli -h" for ' +
      'help or "bitcoin-cli listwallets" to see which wallets are currently loaded).';
  }
  return { text, code: Math.abs(code) };
}
