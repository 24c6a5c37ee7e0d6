import type { BlockHash } from "@chain/core";
import { decodePayload, encodePayload, MSG_BLOCK } from "@chain/wire";
import { describe, expect, it } from "vitest";
import {
  MessageQueue,
  partsOf,
  type Unread,
  type Waiting,
} from "../../../src/net/peer/messageQueue.ts";

describe("a message queue", () => {
  it("is full by the number or the bytes of its messages", () => {
    const room = (waiting: Waiting): number => {
      const queue = new MessageQueue();
      let count = 0;
      for (; !queue.isFull; count++) queue.push(waiting);
      queue.take();
      expect(queue.isFull).toBe(false);
      queue.clear();
      expect(queue.isEmpty).toBe(true);
      return count;
    };
    const payload = new Uint8Array(1_000_000);
    expect(room({ type: "message", message: { command: "sendheaders" } })).toBe(64);
    expect(room({ type: "message", message: { command: "block", raw: payload } })).toBe(5);
    expect(room({ type: "unread", command: "tx", payload })).toBe(5);
  });

  it("knows what is long to decode", () => {
    const queue = new MessageQueue();
    const payload = new Uint8Array(1_000_000);
    queue.push({ type: "unread", command: "tx", payload });
    queue.push({ type: "message", message: { command: "block", raw: payload } });
    queue.push({ type: "unread", command: "tx", payload: new Uint8Array(1_000) });
    const known: boolean[] = [];
    for (; !queue.isEmpty; queue.take()) known.push(queue.isNextLarge);
    expect(known).toEqual([true, false, false]);
  });

  it("cuts a long getdata into parts, and nothing else", () => {
    const items = Array.from({ length: 2_500 }, (_, i) => ({
      type: MSG_BLOCK,
      hash: i.toString(16).padStart(64, "0") as BlockHash,
    }));
    const payload = encodePayload({ command: "getdata", items });
    // Bytes behind the last item are ignored, as where the payload is decoded at once.
    const longer = new Uint8Array([...payload, 1, 2, 3]);
    for (const whole of [payload, longer]) {
      const parts = partsOf({ type: "unread", command: "getdata", payload: whole });
      const read = parts.map((part) => decodePayload("getdata", part.payload).items);
      expect(read.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
      expect(read.flat()).toEqual(items);
    }
    const long = new Uint8Array(100_000);
    const tooMany = Uint8Array.of(0xfd, 0x51, 0xc3, ...long);
    const tooLong = Uint8Array.of(0xfe, 0x01, 0, 0, 0, ...long);
    const others: Unread[] = [
      { type: "unread", command: "inv", payload },
      { type: "unread", command: "getdata", payload: payload.subarray(0, -1) },
      { type: "unread", command: "getdata", payload: tooMany },
      { type: "unread", command: "getdata", payload: tooLong },
    ];
    for (const unread of others) expect(partsOf(unread)).toEqual([unread]);
  });
});
