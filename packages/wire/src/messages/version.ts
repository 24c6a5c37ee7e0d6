import { type NetAddress, UNSPECIFIED_ADDRESS } from "../address.ts";
import { MAX_USER_AGENT } from "../protocol.ts";
import { readText, writeText } from "../text.ts";
import { type MessageCodec, SMALL_PAYLOAD } from "./codec.ts";
import { readNetAddress, writeNetAddress } from "./netAddress.ts";

/** Each side's first message: its software, services and chain. */
export interface VersionMessage {
  readonly command: "version";
  readonly protocolVersion: number;
  /** Service bits of the sender. */
  readonly services: bigint;
  /** The sender's clock, seconds since 1970. */
  readonly timestamp: bigint;
  /** Where the sender sees the receiver. */
  readonly receiver: NetAddress;
  /** The sender's own address by its own word; Core sends zeros, and it must not be trusted. */
  readonly sender: NetAddress;
  /** Random: a node that receives its own has connected to itself. */
  readonly nonce: bigint;
  /** The name of the sender's software (BIP-0014). One character for each byte: not safe to print as it is. */
  readonly userAgent: string;
  /** Height of the sender's best block. -1: not said. */
  readonly startHeight: number;
  /** Whether the sender wants to hear of transactions (BIP-0037, BIP-0060). */
  readonly relay: boolean;
}

export const versionCodec: MessageCodec<VersionMessage> = {
  maxPayload: SMALL_PAYLOAD,

  // Fields after `receiver` came one by one over the years; Core takes a message that ends before any of them.
  decode(reader): VersionMessage {
    const protocolVersion = reader.i32();
    const services = reader.u64();
    const timestamp = reader.i64();
    const receiver = readNetAddress(reader);
    const addressed = reader.remaining > 0;
    return {
      command: "version",
      protocolVersion,
      services,
      timestamp,
      receiver,
      sender: addressed ? readNetAddress(reader) : UNSPECIFIED_ADDRESS,
      nonce: addressed ? reader.u64() : 1n,
      userAgent: reader.remaining > 0 ? readText(reader, MAX_USER_AGENT) : "",
      startHeight: reader.remaining > 0 ? reader.i32() : -1,
      relay: reader.remaining > 0 ? reader.u8() !== 0 : true,
    };
  },

  encode(writer, message): void {
    writer.i32(message.protocolVersion).u64(message.services).i64(message.timestamp);
    writeNetAddress(writer, message.receiver);
    writeNetAddress(writer, message.sender);
    writer.u64(message.nonce);
    writeText(writer, message.userAgent, MAX_USER_AGENT);
    writer.i32(message.startHeight).u8(message.relay ? 1 : 0);
  },
};
