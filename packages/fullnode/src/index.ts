/**
 * A full node of a machine: see README.md. The commands of our programs are made of the same parts.
 * @module @chain/fullnode
 */
export type { SpendableCoin } from "./chain/coins.ts";
export { spendableCoins } from "./chain/coins.ts";
export type { StoredBlock } from "./chain/describeStoredBlock.ts";
export { describeStoredBlock } from "./chain/describeStoredBlock.ts";
export { mineGenesis, readGenesisFile } from "./chain/genesis.ts";
export { createDatabase, explained, openChain, refuseExisting } from "./chain/open.ts";
export type { ChainReader } from "./chain/reader.ts";
export { openReader } from "./chain/reader.ts";
export { isRepairable, REPAIR } from "./chain/repair.ts";
export type { ControlClient } from "./control/client.ts";
export { openControl } from "./control/client.ts";
export type { PeerDescription } from "./control/describePeer.ts";
export { credentials, RpcError } from "./control/protocol.ts";
export type { RpcMethod, RpcResults } from "./control/results.ts";
export type { CreateNodeOptions } from "./createNode.ts";
export { createNode } from "./createNode.ts";
export type { UserErrorCode } from "./errors.ts";
export { messageOf, oneLine, quote, systemCode, UserError } from "./errors.ts";
export { makeDataDirectory } from "./files.ts";
export { formatTime } from "./formatTime.ts";
export type { HandInOptions, HandInResult } from "./handIn.ts";
export { handIn } from "./handIn.ts";
export type { Identity, IdentityOptions, NodePaths } from "./identity.ts";
export { parseIdentity } from "./identity.ts";
export type { InProcessNode } from "./inProcess/node.ts";
export type { CustomSignet, Network, NetworkOptions } from "./networks.ts";
export { DEFAULT_NETWORK, findNetwork, NETWORK_NAMES } from "./networks.ts";
export type { NodeConfig, NodeRole } from "./node/config.ts";
export type { RunningNode } from "./node/start.ts";
export { startNode } from "./node/start.ts";
export type { NotifyCommands } from "./notify/service.ts";
export type { OfflineChain, OfflineCoins } from "./offline.ts";
export { mineBlock, openOffline, openOfflineCoins } from "./offline.ts";
export type { OpenNode } from "./openEither.ts";
export { openEither, openWhenFree } from "./openEither.ts";
export { parseAddress } from "./params.ts";
export { formatPeerAddress, parsePeerAddress } from "./peerAddress.ts";
export { systemClock, systemTimers } from "./ports/system.ts";
export { isAlive } from "./processes.ts";
export { parseZmqAddress } from "./zmq/address.ts";
export type { ZmqTopic } from "./zmq/notifier.ts";
export { ZMQ_TOPICS } from "./zmq/notifier.ts";
