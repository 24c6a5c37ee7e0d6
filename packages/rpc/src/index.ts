/** @module @chain/rpc */
export type { Argument, ArgumentKind } from "./define/argument.ts";
export { helpText } from "./define/help.ts";
export type { Call, CallSignal, Category, ErrorCase, Method, ResultCase } from "./define/method.ts";
export { defineMethod } from "./define/method.ts";
export { clientTypes } from "./documents/clientTypes.ts";
export { rpcPage } from "./documents/page.ts";
export * from "./errors.ts";
export type * from "./host.ts";
export { bigNumber, coinsNumber } from "./json/number.ts";
export type { Json } from "./json/parse.ts";
export { parseJson } from "./json/parse.ts";
export { toJson } from "./json/write.ts";
export { METHODS } from "./methods/table.ts";
export type { RestAnswer, RestRequest } from "./rest/answer.ts";
export type { RestServerOptions } from "./rest/server.ts";
export { RestServer } from "./rest/server.ts";
export type { EndedCall, RpcAnswer, RpcServerOptions } from "./server.ts";
export { RpcServer } from "./server.ts";
