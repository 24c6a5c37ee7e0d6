import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { any } from "../../define/types.ts";
import type { DevAutomine } from "../../devHost.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { numberText } from "../../json/number.ts";
import type { Json } from "../../json/parse.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_setautomine: Method = defineMethod({
  name: "chain_setautomine",
  category: "hidden",
  description: "Says when blocks are mined by themselves.",
  arguments: [
    any("mode", {
      text: 'false: on request alone; true: at once when a transaction has come; {"delay": milliseconds} after one; {"interval": seconds} with and without transactions, and with {"ontransaction": true} for each as well',
    }),
  ],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[true]],
  run: withDev(({ mode }, dev) => {
    dev.setAutomine(readMode(mode));
    return null;
  }),
});

/** @throws RpcError -8 */
function readMode(mode: Json): DevAutomine {
  if (typeof mode === "boolean") return mode;
  const fields = typeof mode === "object" && mode !== null ? (mode as Record<string, Json>) : {};
  const { delay, interval, ontransaction, ...others } = fields;
  const number = (value: Json | undefined) =>
    value === undefined ? undefined : Number(numberText(value) ?? Number.NaN);
  const [wait, every] = [number(delay), number(interval)];
  const isBoolean = ontransaction === undefined || typeof ontransaction === "boolean";
  if (isBoolean && Object.keys(others).length === 0) {
    if (wait !== undefined && every === undefined && ontransaction === undefined) {
      return { delay: wait };
    }
    if (every !== undefined && wait === undefined) {
      return { interval: every, ...(ontransaction === true && { onTransaction: true }) };
    }
  }
  const why = "mode is true, false, an object with delay, or one with interval";
  throw new RpcError(RPC_INVALID_PARAMETER, why);
}
