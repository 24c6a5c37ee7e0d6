/** @module @chain/electrum */
export type { Limits } from "./call.ts";
export { ElectrumError } from "./errors.ts";
export type { ElectrumHost, RpcParams } from "./host.ts";
export type { ElectrumOptions } from "./server.ts";
export { ElectrumServer } from "./server.ts";
