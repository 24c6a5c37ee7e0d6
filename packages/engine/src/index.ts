/** @module @chain/engine */
export type { NetAddress } from "@chain/wire";
export type { SnapshotProgress } from "./chain/backgroundChain.ts";
export type { AcceptedBlock } from "./chain/blockAcceptor.ts";
export type { CoinsAt } from "./chain/coinsAt.ts";
export type {
  ChainChange,
  ChainFollower,
  ChainPosition,
  Following,
  FollowingState,
} from "./chain/follower.ts";
export { ChainManager } from "./chain/manager.ts";
export type { TestedPackage, TestedTransaction } from "./chain/mempoolAcceptor.ts";
export type { ChainManagerOptions } from "./chain/parts.ts";
export { BLOCKS_TO_KEEP, type PruneSettings } from "./chain/pruning.ts";
export { RawBlock } from "./chain/rawBlock.ts";
export type { ChainMoment, Rewinding } from "./chain/rewinding.ts";
export { encodeScriptJobs, runScriptJobs } from "./chain/scriptJobs.ts";
export { type SpendableCoin, spendableCoins } from "./chain/spendableCoins.ts";
export type { VerifyOptions, VerifyResult } from "./chain/verifyChain.ts";
export type { EngineErrorCode } from "./errors.ts";
export { EngineError } from "./errors.ts";
export type {
  ChainEvent,
  ChainListener,
  EventSource,
  NodeEvent,
  NodeEventOf,
  NodeEventType,
  NodeListener,
  PeerEvent,
  PeerId,
  RemovalReason,
} from "./events.ts";
export {
  FeeEstimator,
  type RawFeeEstimate,
  type SmartFeeEstimate,
} from "./fees/estimator.ts";
export { type FeeSource, feedEstimator } from "./fees/feedEstimator.ts";
export type { FeeRange } from "./fees/horizon.ts";
export { MempoolFees } from "./fees/mempoolFees.ts";
export {
  FEE_HORIZONS,
  type FeeEstimatorState,
  type FeeHorizon,
  type HorizonState,
} from "./fees/state.ts";
export { type MempoolEntry, relatives } from "./mempool/entry.ts";
export type { MempoolLimits } from "./mempool/limits.ts";
export { DEFAULT_MEMPOOL_LIMITS } from "./mempool/limits.ts";
export type { MempoolView } from "./mempool/mempool.ts";
export type { MinerOptions } from "./mining/miner.ts";
export { Miner } from "./mining/miner.ts";
export { InProcessSearch } from "./mining/search.ts";
export type { BlockTemplate, TemplateOptions, TemplateSource } from "./mining/template.ts";
export { assembleBlock, blockTemplate } from "./mining/template.ts";
export type { BookEntry } from "./net/connecting/addressBook.ts";
export { AddressBook } from "./net/connecting/addressBook.ts";
export type { Ban } from "./net/connecting/banList.ts";
export { BanList, DEFAULT_BAN_TIME } from "./net/connecting/banList.ts";
export { isSameAddress } from "./net/connecting/connector.ts";
export type { PeerSummary } from "./net/conversation/peerSummary.ts";
export {
  formatPeerAddress,
  isLoopback,
  isPrivate,
  isRoutable,
  isUsable,
} from "./net/kit/addresses.ts";
export { overlayOf } from "./net/kit/overlay.ts";
export { OUR_SERVICES } from "./net/kit/services.ts";
export { parseSubnet } from "./net/kit/subnet.ts";
export type { Door } from "./net/peer/door.ts";
export type { PeerKind } from "./net/peer/peer.ts";
export type { Permission, PermissionRule } from "./net/peer/permissions.ts";
export { parsePermissionRule } from "./net/peer/permissions.ts";
export type { UploadState } from "./net/peer/uploadBudget.ts";
export type { Pace } from "./net/transactions/transactionRelay.ts";
export { PUBLIC_PACE } from "./net/transactions/transactionRelay.ts";
export { Node } from "./node.ts";
export type { NodeOptions } from "./nodeOptions.ts";
export type {
  AddedPeer,
  BlockFilterSource,
  Clock,
  Connection,
  ConnectionHandler,
  Dialer,
  Log,
  LogCategory,
  LogLevel,
  Metrics,
  PeerAddress,
  ProofOfWorkSearch,
  Random,
  Resolver,
  ScriptJob,
  ScriptRun,
  ScriptWorkers,
  StopSignal,
  Timers,
} from "./ports.ts";
export {
  type PlatformWebSocket,
  type WebSocketDialerOptions,
  webSocketDialer,
} from "./webSocketDialer.ts";
