/** The form of the answers that this package takes apart: what has another form was said by no node of this version. */
import type { RpcResults } from "@chain/rpc/client";
import * as z from "zod/mini";
import { UserError } from "../errors.ts";

const id = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const hex = z.string().check(z.regex(/^([0-9a-f]{2})*$/));
const whole = z.int().check(z.minimum(0));

const SCHEMAS: Partial<Record<keyof RpcResults, z.ZodMiniType>> = {
  getnodeinfo: z.looseObject({
    node_id: whole,
    network: z.string(),
    signet_challenge: z.optional(z.string()),
    signet_blocktime: z.optional(z.number()),
    role: z.string(),
    pid: whole,
    uptime: z.number(),
    height: whole,
    headers: whole,
    bestblockhash: id,
    genesis: hex,
    connections_in: whole,
    connections_out: whole,
    mempool: whole,
    signatures: z.string(),
    warnings: z.array(z.string()),
  }),
  listunspentbyscript: z.looseObject({
    height: whole,
    coins: z.array(
      z.looseObject({
        txid: id,
        vout: whole,
        amount: z.number(),
        height: whole,
        coinbase: z.boolean(),
        pending: z.boolean(),
      }),
    ),
  }),
  getblockundo: z.nullable(hex),
  getblockhash: id,
  generatetoaddress: z.array(id),
  sendrawtransaction: id,
  submitpayment: id,
};

/**
 * The answer to a call, once it has the form that this program reads.
 * @throws UserError `unreachable`, and `uncertain` where the call may have changed something
 */
export function checkAnswer<Name extends keyof RpcResults>(
  method: Name,
  answer: unknown,
): RpcResults[Name] {
  const checked = SCHEMAS[method]?.safeParse(answer);
  if (checked?.success === false) throw unreadable(method, checked.error);
  return answer as RpcResults[Name];
}

/** That an answer has another form than this program expects. */
export function unreadable(method: keyof RpcResults, cause?: unknown): UserError {
  const why = "the node is of another version than this program, or another program has its port";
  const code = /^(get|list)/.test(method) ? "unreachable" : "uncertain";
  return new UserError(code, `the answer to ${method} can't be read: ${why}`, { cause });
}
