import { type MessageCodec, SMALL_PAYLOAD } from "./codec.ts";

/** The answer to an acceptable `version`. */
export interface VerackMessage {
  readonly command: "verack";
}
/** Asks for addresses of other nodes. */
export interface GetAddrMessage {
  readonly command: "getaddr";
}
/** Asks for an inventory of the mempool (BIP-0035). */
export interface MempoolMessage {
  readonly command: "mempool";
}
/** Asks for new blocks to be announced by `headers` instead of `inv` (BIP-0130). */
export interface SendHeadersMessage {
  readonly command: "sendheaders";
}
/** Asks for transactions to be announced by their wtxid (BIP-0339). Comes before `verack`. */
export interface WtxidRelayMessage {
  readonly command: "wtxidrelay";
}
/** Asks for `addrv2` instead of `addr` (BIP-0155). Comes before `verack`. */
export interface SendAddrV2Message {
  readonly command: "sendaddrv2";
}

/** A message that says all by its name. */
function emptyCodec<Command extends string>(
  command: Command,
): MessageCodec<{ readonly command: Command }> {
  return { maxPayload: SMALL_PAYLOAD, decode: () => ({ command }), encode() {} };
}

export const verackCodec: MessageCodec<VerackMessage> = /* @__PURE__ */ emptyCodec("verack");
export const getAddrCodec: MessageCodec<GetAddrMessage> = /* @__PURE__ */ emptyCodec("getaddr");
export const mempoolCodec: MessageCodec<MempoolMessage> = /* @__PURE__ */ emptyCodec("mempool");
export const wtxidRelayCodec: MessageCodec<WtxidRelayMessage> =
  /* @__PURE__ */ emptyCodec("wtxidrelay");
export const sendAddrV2Codec: MessageCodec<SendAddrV2Message> =
  /* @__PURE__ */ emptyCodec("sendaddrv2");
export const sendHeadersCodec: MessageCodec<SendHeadersMessage> =
  /* @__PURE__ */ emptyCodec("sendheaders");
