/** From the text of a JSON-RPC request to the answer of a method. */
import type { Log } from "@chain/engine";
import { ZodError } from "zod";
import { messageOf } from "../errors.ts";
import type { ControlContext } from "./context.ts";
import type { CallSignal, Method } from "./method.ts";
import { methods } from "./methods.ts";
import {
  parseRequest,
  RPC_INTERNAL_ERROR,
  RPC_INVALID_PARAMS,
  RPC_INVALID_REQUEST,
  RPC_METHOD_NOT_FOUND,
  RPC_PARSE_ERROR,
  RpcError,
  type RpcRequest,
  type RpcResponse,
} from "./protocol.ts";

/** Does what a request asks for. @returns `undefined` for a notification, which wants no answer */
export async function answerTo(
  body: string,
  context: ControlContext,
  signal: CallSignal,
  log: Log,
): Promise<RpcResponse | undefined> {
  const fail = (id: RpcRequest["id"], code: number, message: string): RpcResponse => ({
    jsonrpc: "2.0",
    id,
    error: { code, message },
  });
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return fail(null, RPC_PARSE_ERROR, "Parse error");
  }
  const request = parseRequest(json);
  if (request === undefined) return fail(null, RPC_INVALID_REQUEST, "Invalid Request object");
  const { id, method: name, params = [] } = request;
  let answer: RpcResponse;
  try {
    answer = { jsonrpc: "2.0", id, result: await call(name, params, context, signal) };
  } catch (error) {
    if (error instanceof RpcError) {
      answer = fail(id, error.code, error.message);
    } else if (error instanceof ZodError) {
      answer = fail(id, RPC_INVALID_PARAMS, describeIssues(error));
    } else {
      const message = messageOf(error);
      if (!signal.aborted) log("error", "net", `control connection: ${name}: ${message}`);
      answer = fail(id, RPC_INTERNAL_ERROR, message);
    }
  }
  return id === undefined ? undefined : answer;
}

function call(
  name: string,
  params: readonly unknown[] | Readonly<Record<string, unknown>>,
  context: ControlContext,
  signal: CallSignal,
): Promise<unknown> {
  const table: Readonly<Record<string, Method>> = methods;
  const method = Object.hasOwn(table, name) ? table[name] : undefined;
  if (method === undefined) throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
  return method.call(named(params, method.names), context, signal);
}

/** Parameters by name, whichever way they came; as in Core, `null` stands for one that is not given. */
function named(
  params: readonly unknown[] | Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (isList(params) && params.length > names.length) {
    throw new RpcError(RPC_INVALID_PARAMS, `at most ${names.length} parameters`);
  }
  const pairs = isList(params)
    ? params.map((value, i) => [names[i], value])
    : Object.entries(params);
  return Object.fromEntries(pairs.filter(([, value]) => value !== null));
}

/** `Array.isArray` takes the readonly away. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function describeIssues({ issues }: ZodError): string {
  return issues
    .map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": "))
    .join("; ");
}
