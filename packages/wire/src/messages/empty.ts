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

/** A message that says all by its name. */
function emptyCodec<Command extends string>(
  command: Command,
): MessageCodec<{ readonly command: Command }> {
  return { maxPayload: SMALL_PAYLOAD, decode: () => ({ command }), encode() {} };
}

export const verackCodec: MessageCodec<VerackMessage> = emptyCodec("verack");
export const getAddrCodec: MessageCodec<GetAddrMessage> = emptyCodec("getaddr");
export const mempoolCodec: MessageCodec<MempoolMessage> = emptyCodec("mempool");
export const sendHeadersCodec: MessageCodec<SendHeadersMessage> = emptyCodec("sendheaders");
