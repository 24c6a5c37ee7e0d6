import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Gate } from "../src/rpc/gate.ts";

class FakeSocket extends EventEmitter {
  destroyed = false;

  destroy(): this {
    this.destroyed = true;
    this.emit("close");
    return this;
  }
}

const NOTHING = { writableLength: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

function admit(gate: Gate, count: number): FakeSocket[] {
  return Array.from({ length: count }, () => {
    const socket = new FakeSocket();
    gate.admit(socket as unknown as Socket);
    return socket;
  });
}

const begin = (gate: Gate, socket: FakeSocket | undefined, isOwner = true) =>
  gate.begin(socket as unknown as Socket, isOwner);
/** All of a request has come at once. `undefined`: there is no room for its work. */
const work = (gate: Gate, socket: FakeSocket | undefined, isOwner = true) => {
  const call = begin(gate, socket, isOwner);
  return call !== undefined && gate.work(call) ? call : undefined;
};
const rest = (gate: Gate, socket: FakeSocket, isOwner = true) =>
  gate.finish(begin(gate, socket, isOwner) ?? expect.unreachable());
const open = (sockets: readonly FakeSocket[]) => sockets.filter(({ destroyed }) => !destroyed);

test("of too many strangers the oldest go, and no newcomer", async () => {
  const gate = new Gate();
  const early = admit(gate, 128);
  await pass(1);
  expect(open(early)).toHaveLength(128);
  const late = admit(gate, 100);
  await pass(1);
  expect(open(early)).toEqual(early.slice(100));
  expect(open(late)).toHaveLength(100);
});

test("one that shows the cookie among hundreds that come at once stays", async () => {
  const gate = new Gate();
  const [owner] = admit(gate, 500);
  expect(begin(gate, owner)).toBeDefined();
  await pass(60_000);
  expect(owner?.destroyed).toBe(false);
});

test("a stranger has five seconds", async () => {
  const gate = new Gate();
  const sockets = admit(gate, 3);
  await pass(4_990);
  expect(open(sockets)).toHaveLength(3);
  await pass(20);
  expect(open(sockets)).toHaveLength(0);
});

test("an answer that is not read has half a minute, work as long as it takes", async () => {
  const gate = new Gate();
  const [worker, reader, done] = admit(gate, 3);
  const calls = [worker, reader, done].map((socket) => work(gate, socket));
  for (const call of calls) if (call !== undefined) call.waitsSince = undefined;
  await pass(600_000);
  for (const call of calls.slice(1)) if (call !== undefined) gate.answer(call, NOTHING);
  if (calls[2] !== undefined) gate.finish(calls[2]);
  await pass(29_000);
  expect(reader?.destroyed).toBe(false);
  await pass(2_000);
  expect([worker, reader, done].map((socket) => socket?.destroyed)).toEqual([false, true, false]);
});

test("of too many requests the one gives way that has waited longest for its caller", async () => {
  const gate = new Gate();
  const sockets = admit(gate, 66);
  const calls = sockets.slice(0, 64).map((socket) => work(gate, socket));
  // All of them have just come: the next one is told that we are busy.
  expect(work(gate, sockets[64])).toBeUndefined();
  await pass(1_001);
  const [working] = calls;
  if (working !== undefined) working.waitsSince = undefined;
  expect(work(gate, sockets[65])).toBeDefined();
  expect(sockets[0]?.destroyed).toBe(false);
  expect(sockets[1]?.destroyed).toBe(true);
});

test("requests that are not whole take nobody's place, and the slowest of more than 1,024 ends", async () => {
  const gate = new Gate();
  const slow = admit(gate, 1024);
  for (const socket of slow) expect(begin(gate, socket)).toBeDefined();
  const [first, second] = admit(gate, 2);
  expect(begin(gate, first)).toBeUndefined();
  await pass(1_001);
  expect(work(gate, second)).toBeDefined();
  expect(open(slow)).toEqual(slow.slice(1));
});

test("a place is free again once its request is over, and one that ended early frees none", () => {
  const gate = new Gate({ maxCalls: 1 });
  const [one, two, three] = admit(gate, 3);
  const call = work(gate, one);
  rest(gate, two as FakeSocket);
  expect(work(gate, three)).toBeUndefined();
  gate.finish(call ?? expect.unreachable());
  gate.finish(call ?? expect.unreachable());
  expect(work(gate, two)).toBeDefined();
  expect(work(gate, three)).toBeUndefined();
});

test("connections at rest give way to those that ask for something", async () => {
  const gate = new Gate();
  const sockets = admit(gate, 129);
  for (const socket of sockets.slice(0, 128)) rest(gate, socket);
  expect(open(sockets)).toHaveLength(129);
  expect(begin(gate, sockets[128])).toBeDefined();
  expect(open(sockets)).toEqual(sockets.slice(1));
});

describe("callers without the cookie", () => {
  test("take no place of a request from the owner, nor a connection", async () => {
    const gate = new Gate();
    const [owner, ...strangers] = admit(gate, 65);
    rest(gate, owner as FakeSocket);
    expect(strangers.map((socket) => work(gate, socket, false))).not.toContain(undefined);
    const [more] = admit(gate, 1);
    expect(work(gate, more, false)).toBeUndefined();
    expect(work(gate, owner)).toBeDefined();
    for (const socket of admit(gate, 300)) begin(gate, socket, false);
    await pass(1);
    expect(owner?.destroyed).toBe(false);
  });

  test("that read a stream keep their connection, whatever others do", async () => {
    const gate = new Gate();
    const [reader, ...others] = admit(gate, 300);
    gate.stream(begin(gate, reader, false) ?? expect.unreachable());
    for (const socket of others) rest(gate, socket, false);
    expect(reader?.destroyed).toBe(false);
    expect(open(others)).toHaveLength(127);
    // And it takes no place of a request.
    const busy = others.slice(-64).map((socket) => work(gate, socket, false));
    expect(busy).not.toContain(undefined);
  });

  test("become the owner by showing it", async () => {
    const gate = new Gate({ maxCalls: 1 });
    const [socket, other] = admit(gate, 2);
    rest(gate, socket as FakeSocket, false);
    rest(gate, socket as FakeSocket, true);
    // A request without the cookie on this connection is the owner's as well.
    expect(work(gate, socket, false)).toBeDefined();
    expect(work(gate, other, false)).toBeDefined();
  });
});

test("of answers that nobody reads no more than the limit waits", async () => {
  const gate = new Gate({ maxUnread: 100 });
  const sockets = admit(gate, 4);
  for (const socket of sockets) {
    gate.answer(work(gate, socket, false) ?? expect.unreachable(), { writableLength: 50 });
    await pass(400);
  }
  // The first had waited for 1.2 s when the fourth answer went out; the others are not slow yet.
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, false, false, false]);
  await pass(1_000);
  const [last] = admit(gate, 1);
  gate.answer(work(gate, last) ?? expect.unreachable(), { writableLength: 1_000 });
  expect(open(sockets)).toHaveLength(3);
  const [stranger] = admit(gate, 1);
  gate.answer(work(gate, stranger, false) ?? expect.unreachable(), { writableLength: 60 });
  expect(open([...sockets, stranger as FakeSocket])).toEqual([stranger]);
});
