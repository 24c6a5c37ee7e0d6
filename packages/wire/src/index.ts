/** @module @chain/wire */
export type { NetAddress } from "./address.ts";
export {
  formatIp,
  formatNetAddress,
  isForeignInIpv6,
  isIpv4,
  netAddress,
  parseIp,
  UNSPECIFIED_ADDRESS,
} from "./address.ts";
export type { DropReason, FrameEvent } from "./deframer.ts";
export { Deframer } from "./deframer.ts";
export type { WireErrorCode } from "./errors.ts";
export { WireError } from "./errors.ts";
export { FRAME_HEADER_SIZE, frameMessage, frameRaw } from "./frame.ts";
export type { AddrMessage, TimedAddress } from "./messages/addr.ts";
export type { AddressV2, AddrV2Message } from "./messages/addrV2.ts";
export { addressV2, internetAddress, isOverlay } from "./messages/addrV2.ts";
export type {
  CFCheckptMessage,
  CFHeadersMessage,
  CFilterMessage,
  GetCFCheckptMessage,
  GetCFHeadersMessage,
  GetCFiltersMessage,
} from "./messages/blockFilters.ts";
export type {
  FilterAddMessage,
  FilterClearMessage,
  FilterLoadMessage,
  MerkleBlockMessage,
} from "./messages/bloom.ts";
export {
  BLOOM_UPDATE_ALL,
  BLOOM_UPDATE_NONE,
  BLOOM_UPDATE_P2PUBKEY_ONLY,
} from "./messages/bloom.ts";
export type { BlockMessage, HeadersMessage, TxMessage } from "./messages/chainData.ts";
export type { MessageCodec } from "./messages/codec.ts";
export type {
  BlockTxnMessage,
  CmpctBlockMessage,
  GetBlockTxnMessage,
  PrefilledTransaction,
  SendCmpctMessage,
} from "./messages/compactBlock.ts";
export type {
  GetAddrMessage,
  MempoolMessage,
  SendAddrV2Message,
  SendHeadersMessage,
  VerackMessage,
  WtxidRelayMessage,
} from "./messages/empty.ts";
export type { FeeFilterMessage } from "./messages/feeFilter.ts";
export type {
  GetDataMessage,
  InventoryItem,
  InvMessage,
  NotFoundMessage,
} from "./messages/inventory.ts";
export {
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_FILTERED_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_FLAG,
  MSG_WITNESS_TX,
  MSG_WTX,
} from "./messages/inventory.ts";
export type { GetBlocksMessage, GetHeadersMessage } from "./messages/locator.ts";
export type { PingMessage, PongMessage } from "./messages/ping.ts";
export type { Command, Message, MessageOf } from "./messages/registry.ts";
export { decodePayload, encodePayload, isCommand, messageCodecs } from "./messages/registry.ts";
export type { RejectMessage } from "./messages/reject.ts";
export {
  REJECT_CHECKPOINT,
  REJECT_DUPLICATE,
  REJECT_DUST,
  REJECT_INSUFFICIENT_FEE,
  REJECT_INVALID,
  REJECT_MALFORMED,
  REJECT_NONSTANDARD,
  REJECT_OBSOLETE,
} from "./messages/reject.ts";
export type { VersionMessage } from "./messages/version.ts";
export {
  BASIC_FILTER,
  BIP31_VERSION,
  COMPACT_BLOCKS_VERSION,
  FEEFILTER_VERSION,
  FILTER_CHECKPOINT_BLOCKS,
  MAX_ADDRESSES,
  MAX_BLOOM_FILTER_SIZE,
  MAX_BLOOM_HASH_FUNCTIONS,
  MAX_COMPACT_TRANSACTIONS,
  MAX_FILTER_HEADERS,
  MAX_FILTERS,
  MAX_HEADERS,
  MAX_INVENTORY_ITEMS,
  MAX_LOCATOR_HASHES,
  MAX_PAYLOAD,
  MAX_REJECT_REASON,
  MAX_USER_AGENT,
  MIN_PROTOCOL_VERSION,
  NODE_BLOOM,
  NODE_COMPACT_FILTERS,
  NODE_NETWORK,
  NODE_NETWORK_LIMITED,
  NODE_WITNESS,
  PROTOCOL_VERSION,
  REJECT_VERSION,
  SENDHEADERS_VERSION,
  SHORT_IDS_BLOCKS_VERSION,
  WTXID_RELAY_VERSION,
} from "./protocol.ts";
export type { Session } from "./session/session.ts";
export { createSession, DEFAULT_TIMEOUTS } from "./session/session.ts";
export type {
  PeerInfo,
  SessionAction,
  SessionConfig,
  SessionEvent,
  SessionStateName,
  SessionTimeouts,
  SessionTraffic,
  Traffic,
} from "./session/types.ts";
export { sanitizeText } from "./text.ts";
