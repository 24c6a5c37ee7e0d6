/** Checks of what a session is made of and of what happens to it, for owners that are plain JavaScript. */
import { ArgumentError } from "@chain/core";
import {
  requireBytes,
  requireBytesOf,
  requireFields,
  requireOptions,
  requireString,
} from "@chain/core/arguments";
import { requireMessage } from "../messages/requireMessage.ts";
import type { SessionConfig, SessionEvent } from "./types.ts";

const NET_ADDRESS = { services: "bigint", ip: "bytes", port: "number" } as const;

export function requireConfig(value: unknown, name: string): void {
  requireFields(value, name, {
    direction: "string",
    magic: "bytes",
    nonce: "bigint",
    isOwnNonce: "function",
    randomNonce: "function",
    services: "bigint",
    userAgent: "string",
    startHeight: "function",
    relay: "boolean",
    protocolVersion: "number?",
    deliverPings: "boolean?",
    unreadFrom: "number?",
    forgives: "boolean?",
    whyUnwanted: "function?",
    whyServed: "function?",
    receiver: "object",
    sender: "object",
    timeouts: "object?",
    capture: "function?",
    sha256: "function?",
  });
  const { direction, magic, receiver, sender, timeouts } = value as SessionConfig;
  if (direction !== "inbound" && direction !== "outbound") {
    throw new ArgumentError(`${name}.direction`, '"inbound" or "outbound"', direction);
  }
  requireBytesOf(4, magic, `${name}.magic`);
  requireFields(receiver, `${name}.receiver`, NET_ADDRESS);
  requireFields(sender, `${name}.sender`, NET_ADDRESS);
  requireOptions(timeouts ?? {}, `${name}.timeouts`, {
    handshake: "number?",
    pingInterval: "number?",
    ping: "number?",
    inactivity: "number?",
  });
}

export function requireEvent(value: unknown, name: string): void {
  requireFields(value, name, { type: "string" });
  const event = value as SessionEvent;
  switch (event.type) {
    case "data":
      requireBytes(event.bytes, `${name}.bytes`);
      return;
    case "send":
      requireMessage(event.message, `${name}.message`);
      return;
    case "read":
      requireString(event.command, `${name}.command`);
      requireBytes(event.payload, `${name}.payload`);
      return;
    case "opened":
    case "ping":
    case "clock-set":
    case "tick":
      return;
    default:
      event satisfies never;
      throw new ArgumentError(`${name}.type`, "the type of an event", (value as SessionEvent).type);
  }
}
