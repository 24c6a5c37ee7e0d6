/** Messages of peers in files, for people who look for a fault of the protocol. Core: -capturemessages. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Writer } from "@chain/core";
import type { Clock, Log, NodeOptions } from "@chain/engine";
import { messageOf } from "../errors.ts";

/** Bytes of a message's name, filled up with zeros. */
const NAME_SIZE = 12;

/**
 * Appends each message to `DIRECTORY/PEER/msgs_recv.dat` or `msgs_sent.dat`, in the form that Core's
 * contrib/message-capture reads: microseconds since 1970 (8 bytes), name (12), length (4), payload. Ends with a warning
 * where a file can't be written, because the node must go on.
 */
export function captureMessages(
  directory: string,
  clock: Clock,
  log: Log,
): NonNullable<NodeOptions["capture"]> {
  let isBroken = false;
  return ({ host, port }, direction, command, payload) => {
    if (isBroken) return;
    // Of an IPv6 address, because names of folders on Windows have no colons.
    const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const folder = join(directory, place.replaceAll(":", "_"));
    const file = join(folder, direction === "received" ? "msgs_recv.dat" : "msgs_sent.dat");
    try {
      mkdirSync(folder, { recursive: true });
      appendFileSync(file, record(Math.round(clock.now() * 1000), command, payload));
    } catch (error) {
      isBroken = true;
      log("warn", "net", `messages are captured no more: ${messageOf(error)}`);
    }
  };
}

function record(microseconds: number, command: string, payload: Uint8Array): Uint8Array {
  const name = new Uint8Array(NAME_SIZE);
  name.set(new TextEncoder().encode(command));
  const writer = new Writer();
  writer.u64(BigInt(microseconds));
  writer.bytes(name);
  writer.u32(payload.length);
  writer.bytes(payload);
  return writer.finish();
}
