import type { Method } from "../../define/method.ts";
import { documentMethod } from "../control/openRpc.ts";

/** The name that the OpenRPC specification has for it. */
export const discover: Method = documentMethod("rpc.discover", "hidden");
