/** What only networks for tests offer: a node there can be put into states that elsewhere take days, or luck. */
import { isUsable, type Node } from "@chain/engine";
import { NODE_NETWORK, NODE_WITNESS, parseIp } from "@chain/wire";
import { z } from "zod";
import type { ControlContext } from "./context.ts";
import { type Method, method } from "./method.ts";
import { addressOf } from "./parameters.ts";
import {
  RPC_CLIENT_NODE_CAPACITY_REACHED,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "./protocol.ts";
import type { RpcResults } from "./results.ts";

type TestMethod = "setmocktime" | "mockscheduler" | "addpeeraddress" | "addconnection";

/** Seconds. */
const MAX_FORWARD = 3600;
/** Block times have 32 bits, and a later time has to stay a date. Seconds since 1970. */
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

  /** As if a node had told us where it is; `tried`: and had answered when we called it. */
  addpeeraddress: method(
    { address: z.string(), port: z.int().min(0).max(65_535), tried: z.boolean().default(false) },
    ({ address, port, tried }, { node, now }) => {
      const ip = parseIp(address);
      if (ip === undefined) return { success: false };
      const time = Math.floor(now() / 1000);
      const found = { ip, port, services: NODE_NETWORK | NODE_WITNESS, time };
      const { addressBook } = node;
      if (!isUsable(ip) || addressBook.add([found], ip, now()) === 0) {
        return { error: "failed-adding-to-new", success: false };
      }
      if (!tried || addressBook.good(found, now())) return { success: true };
      return { error: "failed-adding-to-tried", success: false };
    },
  ),

  /** Calls a peer as one that the node has chosen by itself. */
  addconnection: method(
    { address: z.string(), connection_type: z.string(), v2transport: z.boolean().default(false) },
    async ({ address, connection_type, v2transport }, { identity, node }) => {
      if (!identity.network.isForRegressionTests) {
        const message = "addconnection is for regression testing (-regtest mode) only.";
        throw new RpcError(RPC_MISC_ERROR, message);
      }
      const kind = KINDS.get(connection_type);
      if (kind === undefined) {
        const message = `connection_type must be one of ${[...KINDS.keys()].join(", ")}`;
        throw new RpcError(RPC_INVALID_PARAMETER, message);
      }
      if (v2transport) {
        const message =
          "Error: Adding v2transport connections requires -v2transport init flag to be set.";
        throw new RpcError(RPC_INVALID_PARAMETER, message);
      }
      if (!(await node.callAs(kind, addressOf(address, "address")))) {
        const message = "Error: Already at capacity for specified connection type.";
        throw new RpcError(RPC_CLIENT_NODE_CAPACITY_REACHED, message);
      }
      return { address, connection_type };
    },
  ),
};

/** What Core calls them. */
const KINDS: ReadonlyMap<string, Parameters<Node["callAs"]>[0]> = new Map([
  ["outbound-full-relay", "outbound"],
  ["block-relay-only", "block-relay"],
  ["addr-fetch", "addr-fetch"],
  ["feeler", "feeler"],
]);

function checkNetwork({ identity: { network } }: ControlContext, message: string): void {
  if (!network.isMockable) throw new RpcError(RPC_MISC_ERROR, message);
}
