/** What only networks for tests offer: a node there can be put into states that elsewhere take days, or luck. */
import { z } from "zod";
import type { ControlContext } from "./context.ts";
import { type Method, method } from "./method.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "./protocol.ts";
import type { RpcResults } from "./results.ts";

type TestMethod = "setmocktime" | "mockscheduler";

/** Seconds. */
const MAX_FORWARD = 3600;
/** Block times have 32 bits, and whatever goes beyond them has to stay a date. Seconds since 1970. */
const MAX_TIME = 0xffff_ffff;

export const testMethods: { readonly [Name in TestMethod]: Method<RpcResults[Name]> } = {
  /** From now on it is always this time; 0: real time again. */
  setmocktime: method({ timestamp: z.int().max(MAX_TIME) }, ({ timestamp }, context) => {
    checkNetwork(context, "setmocktime is for regression testing (-regtest mode) only");
    if (timestamp < 0) {
      const message = `Mocktime cannot be negative: ${timestamp}.`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    context.setTime(timestamp === 0 ? undefined : timestamp * 1000);
    return null;
  }),

  mockscheduler: method({ delta_time: z.int() }, ({ delta_time: seconds }, context) => {
    checkNetwork(context, "mockscheduler is for regression testing (-regtest mode) only");
    if (seconds <= 0 || seconds > MAX_FORWARD) {
      const message = "delta_time must be between 1 and 3600 seconds (1 hr)";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    context.forwardSchedule(seconds * 1000);
    return null;
  }),
};

/** Networks where blocks cost nothing and nobody loses anything. */
const TEST_NETWORKS: ReadonlySet<string> = new Set(["regtest", "devnet"]);

function checkNetwork({ chain }: ControlContext, message: string): void {
  if (!TEST_NETWORKS.has(chain.params.name)) throw new RpcError(RPC_MISC_ERROR, message);
}
