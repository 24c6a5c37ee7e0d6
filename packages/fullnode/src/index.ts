/**
 * What the programs of a node are made of: for the wallet program, and for those who run a node inside a program of
 * their own.
 */
export { normaliseArguments } from "./arguments.ts";
export type { SpendableCoin } from "./chain/coins.ts";
export type { ControlClient } from "./control/client.ts";
export { openControl } from "./control/client.ts";
export { RpcError } from "./control/protocol.ts";
export type { RpcMethod, RpcResults } from "./control/results.ts";
export type { UserErrorCode } from "./errors.ts";
export { UserError } from "./errors.ts";
export { makeDataDirectory } from "./files.ts";
export { formatJson, formatTable, formatTime } from "./format.ts";
export type { HandInOptions, HandInResult } from "./handIn.ts";
export { handIn } from "./handIn.ts";
export type { Identity, IdentityOptions, NodePaths } from "./identity.ts";
export { parseIdentity } from "./identity.ts";
export type { ProgramIo } from "./io.ts";
export { OutputClosed, processIo } from "./io.ts";
export type { NetworkName } from "./networks.ts";
export type { NodeConfig, NodeRole, RunningNode } from "./node/start.ts";
export { startNode } from "./node/start.ts";
export type { OfflineChain, OfflineCoins } from "./offline.ts";
export { mineBlock, openOffline, openOfflineCoins } from "./offline.ts";
export type { OpenNode } from "./openEither.ts";
export { openEither } from "./openEither.ts";
export { addressParams, parseAddress } from "./params.ts";
export { formatPeerAddress, parsePeerAddress } from "./peerAddress.ts";
export { COMMANDS, createProgram, runProgram, withExamples, withIdentity } from "./program.ts";
