/** From a line to its answer: JSON-RPC 2.0, single calls and batches. */
import { IndexError } from "@chain/indexes";
import { type Call, type Method, shown } from "./call.ts";
import {
  BAD_REQUEST,
  ElectrumError,
  HISTORY_TOO_LONG,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  PARSE_ERROR,
  UNKNOWN_METHOD,
} from "./errors.ts";
import { LastAnswer } from "./methods/server.ts";
import { METHODS } from "./methods/table.ts";
import { compareVersions } from "./version.ts";

type Context = Omit<Call, "args"> & {
  readonly log: (level: "error", category: "net", message: string) => void;
};

interface LineAnswer {
  /** JSON; `undefined`: nothing is answered, because nothing was asked. */
  readonly text: string | undefined;
  /** Whether the session ends with it. */
  readonly isLast: boolean;
}

/** Answers a line. Faults of the caller are answers as well. */
export async function answerTo(line: string, context: Context): Promise<LineAnswer> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch (error) {
    const failure = new ElectrumError(PARSE_ERROR, "invalid JSON", { cause: error });
    return { text: failureText(null, failure), isLast: false };
  }
  if (!Array.isArray(request)) return answerOne(request, context);
  if (request.length === 0) return faulty("empty batch");
  const { batch, answer: most } = context.limits;
  if (request.length > batch) return faulty(`a batch has at most ${batch} calls`);
  const texts: string[] = [];
  let [length, isLast] = [0, false];
  for (const each of request) {
    const answer = length > most ? tooLong(idOf(each), most) : await answerOne(each, context);
    isLast ||= answer.isLast;
    if (answer.text === undefined) continue;
    texts.push(answer.text);
    length += answer.text.length;
  }
  return { text: texts.length === 0 ? undefined : `[${texts.join(",")}]`, isLast };
}

function faulty(message: string): LineAnswer {
  return { text: failureText(null, new ElectrumError(INVALID_REQUEST, message)), isLast: false };
}

function tooLong(id: unknown, most: number): LineAnswer {
  const error = new ElectrumError(BAD_REQUEST, `response too large (over ${most} characters)`);
  return { text: failureText(id, error), isLast: false };
}

async function answerOne(request: unknown, context: Context): Promise<LineAnswer> {
  const id = idOf(request);
  try {
    const { method, args } = read(request, context);
    const call: Call = { ...context, args };
    const result = method.isRead
      ? await context.lookup.atOneMoment(async () => method.run(call))
      : await method.run(call);
    if (isNotification(request)) return { text: undefined, isLast: false };
    const text = `{"jsonrpc":"2.0","result":${JSON.stringify(result ?? null)},"id":${JSON.stringify(id)}}`;
    const { answer } = context.limits;
    return text.length > answer ? tooLong(id, answer) : { text, isLast: false };
  } catch (error) {
    const failure = asFailure(error, context);
    const isLast = error instanceof LastAnswer;
    return { text: isNotification(request) ? undefined : failureText(id, failure), isLast };
  }
}

/** @returns JSON */
export function failureText(id: unknown, { code, message }: ElectrumError): string {
  return JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id });
}

function asFailure(error: unknown, { log }: Context): ElectrumError {
  if (error instanceof ElectrumError) return error;
  if (error instanceof IndexError) {
    const isLong = error.code === "too-many";
    const code = isLong ? HISTORY_TOO_LONG : BAD_REQUEST;
    return new ElectrumError(code, isLong ? "history too large" : error.message, { cause: error });
  }
  log("error", "net", `an Electrum call failed: ${String(error)}`);
  return new ElectrumError(INTERNAL_ERROR, "internal server error", { cause: error });
}

/** Of an object alone: anything else has none. Only texts and numbers go back. */
function idOf(request: unknown): string | number | null {
  const { id } = Object(request) as { readonly id?: unknown };
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function isNotification(request: unknown): boolean {
  const isObject = typeof request === "object" && request !== null && !Array.isArray(request);
  return isObject && !("id" in request) && "method" in request;
}

interface Read {
  readonly name: string;
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** @throws ElectrumError */
function read(request: unknown, { caller }: Context): Read {
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new ElectrumError(INVALID_REQUEST, "request object must be a dictionary");
  }
  const { method: name, params = [] } = request as Readonly<Record<string, unknown>>;
  if (typeof name !== "string") {
    throw new ElectrumError(INVALID_REQUEST, "method must be a string");
  }
  const method = METHODS.get(name);
  if (method === undefined || !isSpoken(method, caller.version)) {
    throw new ElectrumError(UNKNOWN_METHOD, `unknown method "${shown(name)}"`);
  }
  return { name, method, args: argumentsOf(name, method, params) };
}

function isSpoken({ since, until }: Method, version: Call["caller"]["version"]): boolean {
  if (since !== undefined && compareVersions(version, since) < 0) return false;
  return until === undefined || compareVersions(version, until) < 0;
}

/** @throws ElectrumError -32602 */
function argumentsOf(name: string, method: Method, given: unknown): readonly unknown[] {
  const { params, required } = method;
  const refuse = (message: string) => {
    return new ElectrumError(INVALID_PARAMS, `method "${name}": ${message}`);
  };
  if (typeof given !== "object" || given === null) throw refuse("its arguments must be a list");
  const named = given as Readonly<Record<string, unknown>>;
  const args = Array.isArray(given) ? given : params.map((each) => named[each]);
  // A later version of the protocol may have more.
  const isOpen = name === "server.version" || name === "server.ping";
  const count = Array.isArray(given) ? given.length : Object.keys(named).length;
  if (count > params.length && !isOpen) {
    throw refuse(`it takes ${params.length} arguments, and not ${count}`);
  }
  const missing = params.slice(0, required).find((_, i) => args[i] === undefined);
  if (missing !== undefined) throw refuse(`its argument ${missing} is missing`);
  return args.map((each) => each ?? undefined);
}
