import { type Sha256, sha256, Writer } from "@chain/core";
import {
  optional,
  requireBytes,
  requireFunction,
  requireNumber,
  requireString,
} from "@chain/core/arguments";
import { commandBytes } from "./command.ts";
import { WireError } from "./errors.ts";
import { encodePayload, type Message } from "./messages/registry.ts";
import { requireMessage } from "./messages/requireMessage.ts";
import { MAX_PAYLOAD } from "./protocol.ts";

/** Bytes before the payload: magic (4), command (12), payload length (4, LE), checksum (4). */
export const FRAME_HEADER_SIZE = 24;

/** First four bytes of the double hash. */
export function checksum(payload: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(hash(payload)).subarray(0, 4);
}

/**
 * A message as it goes over the wire.
 * @param magic four bytes that name the network.
 * @param hash SHA-256 for the checksum; by default one in JavaScript.
 * @throws WireError `unencodable`.
 * @example
 * bytesToHex(frameMessage(mainnet.magic, { command: "verack" })) // "f9beb4d976657261636b000000000000000000005df6e0e2"
 */
export function frameMessage(
  magic: Uint8Array,
  message: Message,
  protocolVersion?: number,
  hash?: Sha256,
): Uint8Array {
  requireBytes(magic, "magic");
  requireMessage(message, "message");
  optional(protocolVersion, "protocolVersion", requireNumber);
  optional(hash, "hash", requireFunction);

  return frameRaw(magic, message.command, encodePayload(message, protocolVersion), hash);
}

/**
 * A payload in its frame, for messages that are at hand as bytes or that this package does not know.
 * @throws WireError `unencodable` for an impossible command, `oversized` for a payload that no peer would take.
 * @example frameRaw(mainnet.magic, "alert", Uint8Array.of(1, 2)).length // 26
 */
export function frameRaw(
  magic: Uint8Array,
  command: string,
  payload: Uint8Array,
  hash?: Sha256,
): Uint8Array {
  requireBytes(magic, "magic");
  requireString(command, "command");
  requireBytes(payload, "payload");
  optional(hash, "hash", requireFunction);

  if (magic.length !== 4) throw new WireError("unencodable", "a network's magic has 4 bytes");
  if (payload.length > MAX_PAYLOAD) {
    throw new WireError("oversized", `a payload of ${payload.length} bytes, above ${MAX_PAYLOAD}`);
  }
  return new Writer(FRAME_HEADER_SIZE + payload.length)
    .bytes(magic)
    .bytes(commandBytes(command))
    .u32(payload.length)
    .bytes(checksum(payload, hash))
    .bytes(payload)
    .finish();
}
