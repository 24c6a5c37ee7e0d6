import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { long } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import { requireMocking } from "../mocking.ts";

/** A clock of 64 bits counts so many seconds since 1970 in nanoseconds. Core: setmocktime. */
const MAX_TIME = 9_223_372_036n;

export const setmocktime: Method = defineMethod({
  name: "setmocktime",
  category: "hidden",
  description: "Set the local time to given timestamp (-regtest only)",
  arguments: [
    long("timestamp", {
      text: "Seconds since 1970\nPass 0 to go back to using the system time.",
    }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_MISC_ERROR, when: "the network is not for tests" },
    { code: RPC_INVALID_PARAMETER, when: "the time is out of range" },
  ],
  examples: [[1_700_000_000]],
  run: ({ timestamp }, host) => {
    const { setTime } = requireMocking(host, "setmocktime");
    if (timestamp < 0n || timestamp > MAX_TIME) {
      const message = `Mocktime must be in the range [0, ${MAX_TIME}], not ${timestamp}.`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    setTime(timestamp === 0n ? undefined : Number(timestamp) * 1000);
    return null;
  },
});
