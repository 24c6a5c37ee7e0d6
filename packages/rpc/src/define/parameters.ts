/** From what a request brings to the values of a method: by position, by name, or mixed. Core: rpc/server.cpp. */
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RPC_TYPE_ERROR, RpcError } from "../errors.ts";
import { type Json, repeatedNames } from "../json/parse.ts";
import { toJson } from "../json/write.ts";
import { type Argument, typeMismatch } from "./argument.ts";
import { type Helpful, helpText } from "./help.ts";

type Fields = { readonly [name: string]: Json };

/**
 * The parameters of a call by position.
 * @param params a list, or an object of names
 * @throws RpcError -8 for a wrong name
 */
export function byPosition({ arguments: all }: Helpful, params: Json): readonly Json[] {
  return Array.isArray(params) ? (params as readonly Json[]) : positional(params as Fields, all);
}

/**
 * Checks parameters and reads them, in Core's order: their number, their types, their values.
 * @throws RpcError -1 with the help text for too many or too few; -3 for a wrong type; as the types of arguments
 */
export function readParameters(
  method: Helpful,
  given: readonly Json[],
): Readonly<Record<string, unknown>> {
  const all = method.arguments;
  const required = all.findLastIndex(({ isRequired }) => isRequired) + 1;
  if (given.length < required || given.length > all.length) {
    throw new RpcError(RPC_MISC_ERROR, helpText(method));
  }
  const mismatches: Record<string, string> = {};
  for (const [i, argument] of all.entries()) {
    const mismatch = typeMismatch(argument, given[i] ?? null);
    if (mismatch === undefined) continue;
    mismatches[`Position ${i + 1} (${namesOf(argument).join("|")})`] = mismatch;
  }
  if (Object.keys(mismatches).length > 0) {
    throw new RpcError(RPC_TYPE_ERROR, `Wrong type passed:\n${toJson(mismatches, 4)}`);
  }
  return Object.fromEntries(
    all.map((argument, i) => {
      const value = given[i] ?? argument.fallback;
      return [argument.name, value === undefined ? undefined : argument.read(value)];
    }),
  );
}

function namesOf({ name, aliases }: Argument): readonly string[] {
  return [name, ...aliases];
}

/** Core: transformNamedArguments. */
function positional(params: Fields, all: readonly Argument[]): readonly Json[] {
  const [twice] = repeatedNames(params);
  if (twice !== undefined) throw invalid(`Parameter ${twice} specified multiple times`);
  const left = new Map(Object.entries(params));
  const take = (argument: Argument): [name: string, value: Json] | undefined => {
    const name = namesOf(argument).find((each) => left.has(each));
    if (name === undefined) return undefined;
    const value = left.get(name) as Json;
    left.delete(name);
    return [name, value];
  };
  const values: Json[] = [];
  let hole = 0;
  let initialHole = 0;
  let first: string | undefined;
  for (const argument of all) {
    const options = argument.kind === "options" ? argument.inner.map(take).filter(isGiven) : [];
    const own = take(argument);
    const [option] = options;
    if (own === undefined && option === undefined) {
      hole++;
      if (values.length === 0) initialHole = hole;
      continue;
    }
    // Only between arguments that are given: some methods count how many there are.
    for (; hole > 0; hole--) values.push(null);
    first ??= namesOf(argument).join("|");
    if (own !== undefined && option !== undefined) {
      throw invalid(`Parameter ${own[0]} conflicts with parameter ${option[0]}`);
    }
    values.push(own === undefined ? Object.fromEntries(options) : own[1]);
  }
  const ahead = left.get("args");
  if (Array.isArray(ahead)) {
    left.delete("args");
    if (initialHole < ahead.length && first !== undefined) {
      throw invalid(`Parameter ${first} specified twice both as positional and named argument`);
    }
    values.splice(0, ahead.length, ...ahead);
  }
  const [unknown] = left.keys();
  if (unknown !== undefined) throw invalid(`Unknown named parameter ${unknown}`);
  return values;
}

function isGiven<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}
