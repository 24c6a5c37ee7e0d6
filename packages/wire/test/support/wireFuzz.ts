/** Fuzzing of everything that stands between a stream of bytes and the messages of an established session. */

import { concatBytes, equalBytes } from "@chain/core";
import { randomMessages } from "@chain/testing/fuzz";
import {
  damagePayload,
  type Hostility,
  hostileFrame,
  pieces,
  shuffle,
} from "@chain/testing/mutate";
import type { Rng } from "@chain/testing/random";
import { expect } from "vitest";
import { Deframer, type FrameEvent } from "../../src/deframer.ts";
import { WireError } from "../../src/errors.ts";
import { FRAME_HEADER_SIZE } from "../../src/frame.ts";
import {
  type Command,
  decodePayload,
  encodePayload,
  type Message,
} from "../../src/messages/registry.ts";
import { createSession } from "../../src/session/session.ts";
import type { SessionAction } from "../../src/session/types.ts";
import { config, magic, messagesIn, peerVersion, START } from "../sessions.ts";

const VERSIONS = [31_800, 60_000, 60_001, 70_001, 70_012, 70_013, 70_014, 70_015, 70_016, 70_017];

/** Any messages through codecs, deframer and session. Returns how many. */
export function wireRound(rng: Rng): number {
  const messages = randomMessages(rng, 40);
  for (const message of messages) fuzzCodec(rng, message);
  const conversation = openConversation(rng, messages);
  const hostility = rng.pick<Hostility>([
    { payload: 0, frame: 0, order: 0 },
    { payload: 20, frame: 0, order: 10 },
    { payload: 60, frame: 3, order: 20 },
  ]);
  const frames = shuffle(
    rng,
    conversation.map((message) => hostileFrame(rng, magic, message, hostility)),
    hostility.order,
  );
  const stream = concatBytes(...frames);
  fuzzDeframer(rng, stream);
  fuzzSession(rng, stream);
  return messages.length + 2 * frames.length;
}

/** The beginning of an ordinary peer, then anything. */
function openConversation(rng: Rng, messages: readonly Message[]): Message[] {
  const protocolVersion = rng.pick(VERSIONS);
  const opening: Message[] = [peerVersion({ protocolVersion })];
  if (protocolVersion >= 70_016) opening.push({ command: "wtxidrelay" }, { command: "sendaddrv2" });
  opening.push({ command: "verack" });
  const rest = rng.chance(50)
    ? messages.filter(({ command }) => command !== "wtxidrelay" && command !== "sendaddrv2")
    : messages;
  return [...opening.slice(0, rng.chance(80) ? opening.length : rng.below(4)), ...rest];
}

function decodeOrRefuse(
  command: Command,
  payload: Uint8Array,
  version: number,
): Message | undefined {
  try {
    return decodePayload<Command>(command, payload, version);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** A decoded message encodes in one way only, and those are the bytes that came wherever a message has but one form. */
function fuzzCodec(rng: Rng, message: Message): void {
  const version = rng.pick(VERSIONS);
  const sound = encodePayload(message, version);
  const decoded = decodePayload<Command>(message.command, sound, version);
  expect(equalBytes(encodePayload(decoded, version), sound), message.command).toBe(true);
  for (let i = 0; i < 8; i++) {
    const payload = damagePayload(rng, sound);
    const before = payload.slice();
    const other = decodeOrRefuse(message.command, payload, version);
    if (!equalBytes(payload, before)) expect.fail(`${message.command} changes its payload`);
    if (other !== undefined) expectCanonical(other, payload, version);
  }
}

function expectCanonical(message: Message, payload: Uint8Array, version: number): void {
  const { command } = message;
  const again = encodePayload(message, version);
  const second = decodePayload<Command>(command, again, version);
  const stable = equalBytes(encodePayload(second, version), again);
  if (!stable) expect.fail(`${command} ${hex(payload)} has no stable form`);
  // Fields that Core does not look at, or takes any value but 0 for "yes" of, or lets a message end before.
  if (command === "headers" || command === "version" || command === "sendcmpct") return;
  if (command === "ping" && version <= 60_000) return;
  // Bytes behind the last field are for versions to come.
  const same =
    payload.length >= again.length && equalBytes(payload.subarray(0, again.length), again);
  if (!same) expect.fail(`${command} ${hex(payload)} becomes ${hex(again)}`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 2000)).toString("hex");
}

/** However the stream is cut, it holds the same; and no byte counts twice. */
function fuzzDeframer(rng: Rng, stream: Uint8Array): void {
  const whole = new Deframer(magic).push(stream);
  const deframer = new Deframer(magic);
  const cut = pieces(rng, stream).flatMap((piece) => {
    const events = deframer.push(piece);
    // The events own their bytes.
    piece.fill(0xaa);
    return events;
  });
  expect(cut).toEqual(whole);
  const complete = whole.filter(({ type }) => type === "message");
  expect(complete.reduce((sum, event) => sum + sizeOf(event), 0)).toBeLessThanOrEqual(
    stream.length,
  );
  const fatal = whole.findIndex(({ type }) => type === "fatal");
  expect([-1, whole.length - 1]).toContain(fatal);
}

function sizeOf(event: FrameEvent): number {
  return event.type === "message" ? FRAME_HEADER_SIZE + event.payload.length : 0;
}

/** Two sessions hear the same stream, cut differently, and do the same. */
function fuzzSession(rng: Rng, stream: Uint8Array): void {
  const direction = rng.pick(["inbound", "outbound"] as const);
  const hear = (chunks: readonly Uint8Array[]): SessionAction[] => {
    const session = createSession(config({ direction }));
    const actions = session.handle({ type: "opened" }, START);
    for (const bytes of chunks) actions.push(...session.handle({ type: "data", bytes }, START));
    // Time does not stand still for a session, whatever it has heard.
    for (let now = START, i = 0; session.state !== "closed"; i++) {
      if (i > 30) expect.fail("a silent peer is never let go");
      expect(session.nextDeadline).toBeGreaterThanOrEqual(now);
      now = session.nextDeadline;
      const due = session.handle({ type: "tick" }, now);
      if (due.length === 0) expect.fail("a deadline has passed, and nothing was done");
      actions.push(...due);
    }
    expect(session.handle({ type: "data", bytes: stream.subarray(0, 100) }, START)).toEqual([]);
    return actions;
  };
  const whole = hear([stream]);
  expect(hear(pieces(rng, stream))).toEqual(whole);
  expectSane(whole);
}

function expectSane(actions: readonly SessionAction[]): void {
  const types = actions.map(({ type }) => type);
  const established = types.indexOf("established");
  expect(types.filter((type) => type === "established").length).toBeLessThanOrEqual(1);
  expect(types.indexOf("close")).toBe(types.length - 1);
  const delivered = types.indexOf("deliver");
  if (delivered >= 0) expect(established >= 0 && established < delivered).toBe(true);
  const version = actions.find((action) => action.type === "established")?.peer.protocolVersion;
  for (const action of actions) {
    if (action.type === "write") messagesIn(action.bytes, magic, version);
    if (action.type === "note") expect(action.text).toMatch(/^[\x20-\x7e]*$/);
    if (action.type === "close") expect(action.reason).toMatch(/^[\x20-\x7e]+$/);
    if (action.type === "deliver") encodePayload(action.message);
  }
}
