/** @module @chain/rpc */
export type { Argument, ArgumentKind } from "./define/argument.ts";
export { helpText } from "./define/help.ts";
export type { Call, CallSignal, Category, ErrorCase, Method, ResultCase } from "./define/method.ts";
export { defineMethod } from "./define/method.ts";
export { formatPeerAddress } from "./describe/peerAddress.ts";
export { clientTypes } from "./documents/clientTypes.ts";
export { rpcPage } from "./documents/page.ts";
export * from "./errors.ts";
export type * from "./host.ts";
export { bigNumber, coinsNumber } from "./json/number.ts";
export type { Json } from "./json/parse.ts";
export { parseJson } from "./json/parse.ts";
export { toJson } from "./json/write.ts";
export { METHODS } from "./methods/table.ts";
export type { RpcAnswer, RpcServerOptions } from "./server.ts";
export { RpcServer } from "./server.ts";
export type { SpendableCoin } from "./spendableCoins.ts";
export { spendableCoins } from "./spendableCoins.ts";
