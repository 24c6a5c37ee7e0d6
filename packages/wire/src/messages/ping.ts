import { BIP31_VERSION } from "../protocol.ts";
import { type MessageCodec, SMALL_PAYLOAD } from "./codec.ts";

/** Is anybody there? */
export interface PingMessage {
  readonly command: "ping";
  /** Comes back in the `pong`. 0 for peers from before BIP-0031, which put nothing into a ping. */
  readonly nonce: bigint;
}
/** The answer to a `ping` (BIP-0031). */
export interface PongMessage {
  readonly command: "pong";
  readonly nonce: bigint;
}

export const pingCodec: MessageCodec<PingMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode(reader, protocolVersion): PingMessage {
    return { command: "ping", nonce: protocolVersion > BIP31_VERSION ? reader.u64() : 0n };
  },
  encode(writer, { nonce }, protocolVersion): void {
    if (protocolVersion > BIP31_VERSION) writer.u64(nonce);
  },
};

export const pongCodec: MessageCodec<PongMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode(reader): PongMessage {
    return { command: "pong", nonce: reader.u64() };
  },
  encode(writer, { nonce }): void {
    writer.u64(nonce);
  },
};
