import { anyMessage, slices } from "@chain/testing/arbitraries";
import fc from "fast-check";
import { expect, test } from "vitest";
import { frameMessage, frameRaw } from "../src/frame.ts";
import type { Message } from "../src/messages/registry.ts";
import { createSession } from "../src/session/session.ts";
import type { SessionAction, SessionEvent } from "../src/session/types.ts";
import { config, magic, messagesIn, peerVersion, START } from "./sessions.ts";

const direction = fc.constantFrom("inbound" as const, "outbound" as const);

/** Frames that lead somewhere are more frequent than chance would have them. */
const frame: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .constantFrom<Message>(
      peerVersion(),
      peerVersion({ nonce: 11n }),
      peerVersion({ protocolVersion: 60_000 }),
      { command: "verack" },
      { command: "sendheaders" },
      { command: "ping", nonce: 3n },
      { command: "pong", nonce: 1001n },
    )
    .map((message) => frameMessage(magic, message)),
  anyMessage.map((message) => frameMessage(magic, message)),
  fc
    .tuple(fc.constantFrom("inv", "tx", "version", "pong", "headers", "x"), fc.uint8Array())
    .map(([command, payload]) => frameRaw(magic, command, payload)),
);
const bytes = fc.oneof(
  { arbitrary: frame, weight: 20 },
  { arbitrary: fc.uint8Array({ maxLength: 60 }), weight: 1 },
  { arbitrary: fc.tuple(frame, fc.nat()).map(([f, n]) => f.slice(0, n % f.length)), weight: 1 },
);
const event: fc.Arbitrary<SessionEvent | { type: "deadline" }> = fc.oneof(
  { arbitrary: fc.constant({ type: "opened" as const }), weight: 1 },
  { arbitrary: bytes.map((b) => ({ type: "data" as const, bytes: b })), weight: 12 },
  { arbitrary: anyMessage.map((message) => ({ type: "send" as const, message })), weight: 2 },
  { arbitrary: fc.constant({ type: "tick" as const }), weight: 1 },
  { arbitrary: fc.constant({ type: "deadline" as const }), weight: 2 },
);
const events = fc.array(fc.tuple(event, fc.integer({ min: -5_000, max: 100_000 })), {
  maxLength: 40,
});
const opening: readonly [SessionEvent, number][] = [
  [{ type: "opened" }, 0],
  [{ type: "data", bytes: frameMessage(magic, peerVersion()) }, 1],
  [{ type: "data", bytes: frameMessage(magic, { command: "verack" }) }, 1],
];

test("whatever happens, it neither throws nor speaks out of turn", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(direction, fc.nat({ max: 3 }), events, (side, opened, rest) => {
      const session = createSession(config({ direction: side, unreadFrom: 100 }));
      let now = START;
      const all: SessionAction[] = [];
      for (const [happening, passed] of [...opening.slice(0, opened), ...rest]) {
        now += passed;
        const deadline = session.nextDeadline;
        const due = happening.type === "deadline";
        if (due && Number.isFinite(deadline)) now = Math.max(now, deadline);
        const actions = session
          .handle(due ? { type: "tick" } : happening, now)
          .flatMap((action) =>
            action.type === "unread" ? session.handle({ ...action, type: "read" }, now) : action,
          );
        // An owner that ticks when told to never spins: each deadline that comes does something.
        if (due && Number.isFinite(deadline)) expect(actions.length).toBeGreaterThan(0);
        seen.add(session.state);
        all.push(...actions);
      }

      const types = all.map(({ type }) => type);
      const established = types.indexOf("established");
      const end = types.indexOf("close");
      expect(types.filter((type) => type === "established").length).toBeLessThanOrEqual(1);
      if (types.includes("deliver")) {
        expect(established).toBeGreaterThanOrEqual(0);
        expect(types.indexOf("deliver")).toBeGreaterThan(established);
      }
      expect(end < 0 || end === types.length - 1).toBe(true);
      expect(session.state === "closed").toBe(end >= 0);
      for (const action of all) {
        if (action.type === "note") expect(action.text).toMatch(/^[\x20-\x7e]*$/);
        if (action.type === "close") expect(action.reason).toMatch(/^[\x20-\x7e]+$/);
        if (action.type === "deliver") {
          expect(["version", "verack", "ping", "pong"]).not.toContain(action.message.command);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect([...seen].sort()).toEqual(
    ["awaiting-verack", "awaiting-version", "closed", "established", "new"].sort(),
  );
});

test("two sessions find each other in any slicing, and hear what the other says", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 6 });
  // These end a connection that has passed its handshake.
  const later = anyMessage.filter(
    ({ command }) => command !== "wtxidrelay" && command !== "sendaddrv2",
  );
  const services = 4n | 64n; // all that there is to ask for
  fc.assert(
    fc.property(lengths, fc.array(later, { maxLength: 6 }), (sizes, messages) => {
      const names = ["client", "server"] as const;
      const sessions = {
        client: createSession(config({ services, nonce: 1n, isOwnNonce: (nonce) => nonce === 1n })),
        server: createSession(
          config({
            services,
            direction: "inbound",
            nonce: 2n,
            isOwnNonce: (nonce) => nonce === 2n,
          }),
        ),
      };
      const delivered: { [name in (typeof names)[number]]: Message[] } = { client: [], server: [] };
      const inFlight: { to: (typeof names)[number]; bytes: Uint8Array }[] = [];
      const handle = (name: (typeof names)[number], happening: SessionEvent) => {
        for (const action of sessions[name].handle(happening, START)) {
          if (action.type === "deliver") delivered[name].push(action.message);
          if (action.type === "close") expect.fail(action.reason);
          if (action.type !== "write") continue;
          const to = name === "client" ? "server" : "client";
          for (const piece of slices(action.bytes, sizes)) inFlight.push({ to, bytes: piece });
        }
      };
      const settle = () => {
        for (let next = inFlight.shift(); next !== undefined; next = inFlight.shift()) {
          handle(next.to, { type: "data", bytes: next.bytes });
        }
      };

      for (const name of names) handle(name, { type: "opened" });
      settle();
      for (const name of names) {
        expect(sessions[name].state).toBe("established");
        expect(sessions[name].peer).toMatchObject({ protocolVersion: 70016, latencyMs: 0 });
      }
      for (const message of messages) {
        for (const name of names) handle(name, { type: "send", message });
      }
      settle();
      const expected = messages.filter(
        ({ command }) => !["version", "verack", "ping", "pong"].includes(command),
      );
      expect(delivered).toEqual({ client: expected, server: expected });
    }),
    { numRuns: 50 },
  );
});

test("a node that dials itself notices on the side that is called", () => {
  const own = new Set([5n, 6n]);
  const isOwnNonce = (nonce: bigint) => own.has(nonce);
  const dialing = createSession(config({ nonce: 5n, isOwnNonce }));
  const called = createSession(config({ direction: "inbound", nonce: 6n, isOwnNonce }));
  called.handle({ type: "opened" }, START);
  const [hello] = dialing.handle({ type: "opened" }, START);
  if (hello?.type !== "write") expect.fail();
  expect(messagesIn(hello.bytes)).toMatchObject([{ command: "version", nonce: 5n }]);
  expect(called.handle({ type: "data", bytes: hello.bytes }, START)).toEqual([
    { type: "close", reason: "connected to self", misbehaving: false },
  ]);
});
