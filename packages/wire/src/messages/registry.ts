/**
 * Every message that we know. A new one needs a codec, a place in the union, a line in the table, and its fields in
 * requireMessage.ts.
 */
import { requireBytes, requireNumber, requireString } from "@chain/core/arguments";
import { WireError } from "../errors.ts";
import { PROTOCOL_VERSION } from "../protocol.ts";
import { type AddrMessage, addrCodec } from "./addr.ts";
import { type AddrV2Message, addrV2Codec } from "./addrV2.ts";
import {
  type CFCheckptMessage,
  type CFHeadersMessage,
  type CFilterMessage,
  cFCheckptCodec,
  cFHeadersCodec,
  cFilterCodec,
  type GetCFCheckptMessage,
  type GetCFHeadersMessage,
  type GetCFiltersMessage,
  getCFCheckptCodec,
  getCFHeadersCodec,
  getCFiltersCodec,
} from "./blockFilters.ts";
import {
  type FilterAddMessage,
  type FilterClearMessage,
  type FilterLoadMessage,
  filterAddCodec,
  filterClearCodec,
  filterLoadCodec,
  type MerkleBlockMessage,
  merkleBlockCodec,
} from "./bloom.ts";
import {
  type BlockMessage,
  blockCodec,
  type HeadersMessage,
  headersCodec,
  type TxMessage,
  txCodec,
} from "./chainData.ts";
import { decodeWith, encodeWith, type MessageCodec } from "./codec.ts";
import {
  type BlockTxnMessage,
  blockTxnCodec,
  type CmpctBlockMessage,
  cmpctBlockCodec,
  type GetBlockTxnMessage,
  getBlockTxnCodec,
  type SendCmpctMessage,
  sendCmpctCodec,
} from "./compactBlock.ts";
import {
  type GetAddrMessage,
  getAddrCodec,
  type MempoolMessage,
  mempoolCodec,
  type SendAddrV2Message,
  type SendHeadersMessage,
  sendAddrV2Codec,
  sendHeadersCodec,
  type VerackMessage,
  verackCodec,
  type WtxidRelayMessage,
  wtxidRelayCodec,
} from "./empty.ts";
import { type FeeFilterMessage, feeFilterCodec } from "./feeFilter.ts";
import {
  type GetDataMessage,
  getDataCodec,
  type InvMessage,
  invCodec,
  type NotFoundMessage,
  notFoundCodec,
} from "./inventory.ts";
import {
  type GetBlocksMessage,
  type GetHeadersMessage,
  getBlocksCodec,
  getHeadersCodec,
} from "./locator.ts";
import { type PingMessage, type PongMessage, pingCodec, pongCodec } from "./ping.ts";
import { type RejectMessage, rejectCodec } from "./reject.ts";
import { requireMessage } from "./requireMessage.ts";
import { type VersionMessage, versionCodec } from "./version.ts";

/** A decoded message; `command` tells which. */
export type Message =
  | VersionMessage
  | VerackMessage
  | PingMessage
  | PongMessage
  | GetBlocksMessage
  | GetHeadersMessage
  | HeadersMessage
  | InvMessage
  | GetDataMessage
  | NotFoundMessage
  | BlockMessage
  | TxMessage
  | AddrMessage
  | AddrV2Message
  | GetAddrMessage
  | MempoolMessage
  | SendHeadersMessage
  | SendAddrV2Message
  | WtxidRelayMessage
  | SendCmpctMessage
  | CmpctBlockMessage
  | GetBlockTxnMessage
  | BlockTxnMessage
  | FeeFilterMessage
  | GetCFiltersMessage
  | GetCFHeadersMessage
  | GetCFCheckptMessage
  | CFilterMessage
  | CFHeadersMessage
  | CFCheckptMessage
  | FilterLoadMessage
  | FilterAddMessage
  | FilterClearMessage
  | MerkleBlockMessage
  | RejectMessage;

/** The name of a message that we know. */
export type Command = Message["command"];
export type MessageOf<C extends Command> = Extract<Message, { command: C }>;

/** How each message stands on the wire. */
export const messageCodecs: { readonly [C in Command]: MessageCodec<MessageOf<C>> } = {
  version: versionCodec,
  verack: verackCodec,
  ping: pingCodec,
  pong: pongCodec,
  getblocks: getBlocksCodec,
  getheaders: getHeadersCodec,
  headers: headersCodec,
  inv: invCodec,
  getdata: getDataCodec,
  notfound: notFoundCodec,
  block: blockCodec,
  tx: txCodec,
  addr: addrCodec,
  addrv2: addrV2Codec,
  getaddr: getAddrCodec,
  mempool: mempoolCodec,
  sendheaders: sendHeadersCodec,
  sendaddrv2: sendAddrV2Codec,
  wtxidrelay: wtxidRelayCodec,
  sendcmpct: sendCmpctCodec,
  cmpctblock: cmpctBlockCodec,
  getblocktxn: getBlockTxnCodec,
  blocktxn: blockTxnCodec,
  feefilter: feeFilterCodec,
  getcfilters: getCFiltersCodec,
  getcfheaders: getCFHeadersCodec,
  getcfcheckpt: getCFCheckptCodec,
  cfilter: cFilterCodec,
  cfheaders: cFHeadersCodec,
  cfcheckpt: cFCheckptCodec,
  filterload: filterLoadCodec,
  filteradd: filterAddCodec,
  filterclear: filterClearCodec,
  merkleblock: merkleBlockCodec,
  reject: rejectCodec,
};

/**
 * Whether there is a codec for it.
 * @example
 * isCommand("ping") // true
 * isCommand("alert") // false
 */
export function isCommand(command: string): command is Command {
  requireString(command, "command");

  return Object.hasOwn(messageCodecs, command);
}

/** The codec, seen as one for any message: the union of all kinds of codec can't be called. */
function codecOf(command: Command): MessageCodec<Message> {
  return messageCodecs[command] as unknown as MessageCodec<Message>;
}

/**
 * The payload of a message, without the frame around it.
 * @param protocolVersion the version that both sides speak; matters to `ping`.
 * @throws WireError `unencodable` where a value does not fit its field or a list is longer than peers accept.
 * @example bytesToHex(encodePayload({ command: "pong", nonce: 7n })) // "0700000000000000"
 */
export function encodePayload(
  message: Message,
  protocolVersion: number = PROTOCOL_VERSION,
): Uint8Array {
  requireMessage(message, "message");
  requireNumber(protocolVersion, "protocolVersion");

  return encodeWith(codecOf(message.command), message, protocolVersion);
}

/**
 * The message in a payload. Byte arrays in it may be views onto the payload. Bytes after it are ignored, as in Core.
 * @throws WireError `unknown-command`, `malformed`; `too-many-items` where the sender broke a limit of the protocol.
 * @example decodePayload("verack", new Uint8Array()) // { command: "verack" }
 */
export function decodePayload<C extends Command>(
  command: C,
  payload: Uint8Array,
  protocolVersion?: number,
): MessageOf<C>;
export function decodePayload(
  command: string,
  payload: Uint8Array,
  protocolVersion?: number,
): Message;
export function decodePayload(
  command: string,
  payload: Uint8Array,
  protocolVersion: number = PROTOCOL_VERSION,
): Message {
  requireString(command, "command");
  requireBytes(payload, "payload");
  requireNumber(protocolVersion, "protocolVersion");
  if (!isCommand(command)) throw new WireError("unknown-command", `unknown command ${command}`);
  return decodeWith(codecOf(command), payload, protocolVersion);
}
