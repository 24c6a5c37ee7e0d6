/** Methods of a full node that a light node answers in its own way, or not at all. */
import type { Call, Method, ResultCase } from "../define/method.ts";
import { byPosition, readParameters } from "../define/parameters.ts";
import { RPC_MISC_ERROR, RpcError } from "../errors.ts";
import type { Json } from "../json/parse.ts";
import type { LightHost } from "./host.ts";

interface Answering<Parameters> {
  readonly method: Method;
  /** Another description, and other answers, where the light node says less. */
  readonly description?: string;
  readonly results?: readonly ResultCase[];
  readonly run: (params: Parameters, host: LightHost, call: Call<LightHost>) => unknown;
}

/** The same method, for callers; a light node does something else for it. Its arguments are checked as there. */
export function answered<Parameters = Readonly<Record<string, never>>>({
  method,
  description = method.description,
  results = method.results,
  run,
}: Answering<Parameters>): Method<LightHost> {
  return {
    ...method,
    description,
    results,
    call: async (params: Json, call) => {
      const given = byPosition(method, params);
      const values = readParameters(method, given) as Parameters;
      return run(values, call.host, { ...call, given });
    },
  };
}

/** The same method, refused with the reason; it stands in no list. */
export function refused(method: Method): Method<LightHost> {
  return {
    ...method,
    category: "hidden",
    call: async () => {
      const why = "a light node keeps headers and the payments of its scripts, and not the chain";
      throw new RpcError(RPC_MISC_ERROR, `${method.name}: ${why}: ask a full node`);
    },
  };
}
