import type { z } from "zod";
import type { RpcHost } from "../host.ts";
import type { Json } from "../json/parse.ts";
import type { Argument, Values } from "./argument.ts";
import { byPosition, readParameters } from "./parameters.ts";

/** As Core groups its methods; `chain`: ours. `hidden` ones stand in no list, as in Core. */
export type Category =
  | "blockchain"
  | "control"
  | "mining"
  | "network"
  | "rawtransactions"
  | "util"
  | "chain"
  | "wallet"
  | "zmq"
  | "hidden";

/** Tells a method that its caller has gone, or that the server ends. */
export interface CallSignal {
  readonly aborted: boolean;
  /** Whether the server waits for the method to end, so that it should wait for nothing itself. */
  readonly ending?: boolean;
}

/** One call, and what a method may know of the server around it. */
export interface Call<Host = RpcHost> {
  readonly host: Host;
  readonly signal: CallSignal;
  /** The wallet that the path of the request names: `/wallet/<name>`. */
  readonly wallet?: string | undefined;
  readonly methods: ReadonlyMap<string, Method<Host>>;
  /** The parameters by position, as they came. */
  readonly given: readonly Json[];
  /** Calls in progress: method and when it began, in milliseconds of `host.stopwatch`. */
  readonly active: () => readonly { readonly method: string; readonly startedAt: number }[];
}

/** The answer of a method in one case. */
export interface ResultCase<Schema extends z.ZodType = z.ZodType> {
  /** For which calls, as help has it: `for verbosity = 0`. */
  readonly when?: string;
  /** The same for the typed client: values of one argument. */
  readonly given?: Readonly<Record<string, readonly Json[]>>;
  readonly schema: Schema;
}

/** An error that callers meet: its code, and in which case. */
export interface ErrorCase {
  readonly code: number;
  readonly when: string;
}

/** A call by position, or by name. */
export type Example = readonly Json[] | { readonly [name: string]: Json };

/** One entry of the table: a method of hosts of this kind. */
export interface Method<Host = RpcHost> {
  readonly name: string;
  readonly category: Category;
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly results: readonly ResultCase[];
  readonly errors: readonly ErrorCase[];
  readonly examples: readonly Example[];
  /** @throws RpcError; other errors are faults of ours */
  call(params: Json, call: Omit<Call<Host>, "given">): Promise<unknown>;
}

/** The answers of a method, by its schemas. */
type ResultOf<Results extends readonly ResultCase[]> = z.input<Results[number]["schema"]>;

interface Definition<
  Arguments extends readonly Argument[],
  Results extends readonly ResultCase[],
  Host,
> {
  readonly name: string;
  readonly category: Category;
  readonly description: string;
  readonly arguments: Arguments;
  readonly results: Results;
  readonly errors?: readonly ErrorCase[];
  readonly examples: readonly Example[];
  readonly run: (
    params: Values<Arguments>,
    host: Host,
    call: Call<Host>,
  ) => ResultOf<Results> | Promise<ResultOf<Results>>;
}

/**
 * A method as one object: what a caller may give, what it gets, and what is done. Parameters are checked before it runs.
 * @example
 * const getblockcount = defineMethod({
 *   name: "getblockcount", category: "blockchain", description: "Returns the height of the tip.",
 *   arguments: [], results: [{ schema: num("The height") }], examples: [[]],
 *   run: (_, { chain }) => chain.tip.height,
 * });
 * const own = new RpcServer({ host, methods: [getblockcount] });
 * await own.call("getblockcount") // 1
 */
export function defineMethod<
  const Arguments extends readonly Argument[],
  const Results extends readonly ResultCase[],
  Host = RpcHost,
>(definition: Definition<Arguments, Results, Host>): Method<Host> {
  const { errors = [], run, ...rest } = definition;
  const method: Method<Host> = {
    ...rest,
    errors,
    call: async (params, call) => {
      const given = byPosition(method, params);
      const values = readParameters(method, given) as Values<Arguments>;
      return run(values, call.host, { ...call, given });
    },
  };
  return method;
}
