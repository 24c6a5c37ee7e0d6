import type { Method } from "../../define/method.ts";
import { documentMethod } from "./openRpc.ts";

export const getopenrpcinfo: Method = documentMethod("getopenrpcinfo", "control");
