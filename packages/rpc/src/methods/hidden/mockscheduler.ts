import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { long } from "../../define/types.ts";
import { RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import { requireMocking } from "../mocking.ts";

/** Seconds. */
const MAX_FORWARD = 3600n;

export const mockscheduler: Method = defineMethod({
  name: "mockscheduler",
  category: "hidden",
  description: "Bump the scheduler into the future (-regtest only)",
  arguments: [
    long("delta_time", { text: "Number of seconds to forward the scheduler into the future." }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_MISC_ERROR, when: "the network is not for tests, or the time out of range" },
  ],
  examples: [[60]],
  run: ({ delta_time: seconds }, host) => {
    const { forwardSchedule } = requireMocking(host, "mockscheduler");
    if (seconds <= 0n || seconds > MAX_FORWARD) {
      const message = "delta_time must be between 1 and 3600 seconds (1 hr)";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    forwardSchedule(Number(seconds) * 1000);
    return null;
  },
});
