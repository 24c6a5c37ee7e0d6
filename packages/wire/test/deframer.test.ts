import { bytesToHex, concatBytes, hexToBytes, regtest, sha256d, Writer } from "@chain/core";
import { anyMessage, slices } from "@chain/testing/arbitraries";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Deframer, type FrameEvent } from "../src/deframer.ts";
import { WireError } from "../src/errors.ts";
import { frameMessage, frameRaw } from "../src/frame.ts";
import { encodePayload, messageCodecs } from "../src/messages/registry.ts";
import { MAX_PAYLOAD } from "../src/protocol.ts";

const { magic } = regtest;
const verack = frameMessage(magic, { command: "verack" });
const VERACK: FrameEvent = { type: "message", command: "verack", payload: new Uint8Array() };

/** A frame of which nothing needs to be true. */
function forge(fields: {
  magic?: Uint8Array;
  command?: string | Uint8Array;
  length?: number;
  checksum?: Uint8Array;
  payload?: Uint8Array;
}): Uint8Array {
  const payload = fields.payload ?? new Uint8Array();
  const name = fields.command ?? "verack";
  const command = typeof name === "string" ? Buffer.from(name.padEnd(12, "\0"), "latin1") : name;
  return new Writer(24 + payload.length)
    .bytes(fields.magic ?? magic)
    .bytes(command)
    .u32(fields.length ?? payload.length)
    .bytes(fields.checksum ?? sha256d(payload).subarray(0, 4))
    .bytes(payload)
    .finish();
}

function deframe(...chunks: readonly Uint8Array[]): FrameEvent[] {
  const deframer = new Deframer(magic);
  return chunks.flatMap((chunk) => deframer.push(chunk));
}

describe("what Core disconnects for", () => {
  it("another network's magic, once the header is complete", () => {
    const frame = forge({ magic: hexToBytes("f9beb4d9") });
    const text = "wrong network magic f9beb4d9, ours is fabfb5da";
    expect(deframe(frame.subarray(0, 23))).toEqual([]);
    expect(deframe(frame, verack)).toEqual([{ type: "fatal", reason: "bad-magic", text }]);
  });

  it.each([MAX_PAYLOAD + 1, 0x7fff_ffff, 0xffff_ffff])("%i bytes announced", (length) => {
    const [event, ...more] = deframe(forge({ command: "block", length }), verack);
    expect(event).toMatchObject({ type: "fatal", reason: "oversized" });
    expect(event).toHaveProperty("text", expect.stringContaining(`${length} bytes`));
    expect(more).toEqual([]);
  });

  it("both for a command that is none, too", () => {
    const command = new Uint8Array(12).fill(0xff);
    expect(deframe(forge({ command, length: MAX_PAYLOAD + 1 }))).toMatchObject([{ type: "fatal" }]);
    expect(deframe(forge({ command, magic: new Uint8Array(4) }))).toMatchObject([
      { type: "fatal" },
    ]);
  });

  it("and it hears nothing after that", () => {
    const deframer = new Deframer(magic);
    expect(deframer.push(new Uint8Array(24))).toHaveLength(1);
    expect(deframer.push(verack)).toEqual([]);
  });
});

const checksumOf = (payload: Uint8Array) => bytesToHex(sha256d(payload).subarray(0, 4));

describe("what Core drops, and goes on", () => {
  const payload = new Uint8Array(100).fill(7);
  test.each<[string, Uint8Array, object]>([
    [
      "a checksum that is wrong",
      forge({ command: "tx", payload, checksum: new Uint8Array(4) }),
      {
        reason: "bad-checksum",
        command: "tx",
        length: 100,
        checksums: { expected: checksumOf(payload), received: "00000000" },
      },
    ],
    [
      "a checksum that is wrong, of nothing",
      forge({ checksum: new Uint8Array(4) }),
      {
        reason: "bad-checksum",
        command: "verack",
        length: 0,
        checksums: { expected: "5df6e0e2", received: "00000000" },
      },
    ],
    [
      "a checksum that is wrong, under no good name",
      forge({ command: "bad\x01", payload, checksum: new Uint8Array(4) }),
      {
        reason: "bad-checksum",
        command: "bad",
        length: 100,
        checksums: { expected: checksumOf(payload), received: "00000000" },
      },
    ],
    [
      "a long message that nobody knows, whatever its checksum",
      forge({ command: "novelty", payload: new Uint8Array(4_097), checksum: new Uint8Array(4) }),
      { reason: "unknown-command", command: "novelty", length: 4_097 },
    ],
    [
      "a command that nobody knows",
      forge({ command: "sendtxrcncl", payload }),
      { reason: "unknown-command", command: "sendtxrcncl", length: 100 },
    ],
    [
      "a command of twelve letters",
      forge({ command: "abcdefghijkl" }),
      { reason: "unknown-command", command: "abcdefghijkl", length: 0 },
    ],
    ["no command", forge({ command: "" }), { reason: "unknown-command", command: "", length: 0 }],
    [
      "what every object has",
      forge({ command: "constructor", payload }),
      { reason: "unknown-command", command: "constructor", length: 100 },
    ],
    [
      "a letter after the zeros",
      forge({ command: "ping\0\0x", payload }),
      { reason: "invalid-command", command: "ping", length: 100 },
    ],
    [
      "a control character",
      forge({ command: "ping\x1b" }),
      { reason: "invalid-command", command: "ping", length: 0 },
    ],
    [
      "a byte above ASCII",
      forge({ command: "p\u00efng", payload }),
      { reason: "invalid-command", command: "png", length: 100 },
    ],
    [
      "DEL",
      forge({ command: "ping\x7f" }),
      { reason: "invalid-command", command: "ping", length: 0 },
    ],
    [
      "a command of upper case",
      forge({ command: "PING" }),
      { reason: "unknown-command", command: "PING", length: 0 },
    ],
  ])("%s", (_, frame, event) => {
    expect(deframe(frame, verack)).toEqual([{ type: "dropped", ...event }, VERACK]);
    expect(deframe(...slices(frame, [1]), verack)).toEqual([{ type: "dropped", ...event }, VERACK]);
  });

  it("more bytes than any message of that command needs", () => {
    const length = messageCodecs.ping.maxPayload + 1;
    const frame = forge({ command: "ping", payload: new Uint8Array(length) });
    const event = { type: "dropped", reason: "oversized", command: "ping", length };
    expect(deframe(frame, verack)).toEqual([event, VERACK]);
    const largest = frameRaw(magic, "ping", new Uint8Array(length - 1));
    expect(deframe(largest)).toMatchObject([{ type: "message", command: "ping" }]);
  });
});

describe("slicing", () => {
  const frame = anyMessage.map((message) => frameMessage(magic, message));
  const bad = fc.oneof(
    fc
      .uint8Array({ maxLength: 60 })
      .map((payload) => forge({ command: "tx", payload, checksum: new Uint8Array(4) })),
    fc.uint8Array({ maxLength: 60 }).map((payload) => forge({ command: "novelty", payload })),
    fc.uint8Array({ maxLength: 60 }).map((payload) => forge({ command: "\x01", payload })),
    fc.uint8Array({ minLength: 24, maxLength: 60 }),
  );

  it("changes nothing", () => {
    const stream = fc
      .array(fc.oneof({ arbitrary: frame, weight: 5 }, bad), { maxLength: 12 })
      .map((frames) => concatBytes(...frames));
    const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(stream, lengths, (bytes, sizes) => {
        expect(deframe(...slices(bytes, sizes))).toEqual(deframe(bytes));
      }),
    );
  });

  it("every message comes out as it went in", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), lengths, (messages, sizes) => {
        const bytes = concatBytes(...messages.map((message) => frameMessage(magic, message)));
        expect(deframe(...slices(bytes, sizes))).toEqual(
          messages.map((message) => ({
            type: "message",
            command: message.command,
            payload: encodePayload(message),
          })),
        );
      }),
    );
  });

  it("empty pieces are no pieces", () => {
    expect(
      deframe(new Uint8Array(), verack.subarray(0, 5), new Uint8Array(), verack.subarray(5)),
    ).toEqual([VERACK]);
  });

  it("a truncated frame is waited for", () => {
    for (let length = 0; length < verack.length; length++) {
      expect(deframe(verack.subarray(0, length))).toEqual([]);
    }
  });

  it("a payload is the receiver's own: neither the chunk nor the next payload can change it", () => {
    const frame = frameRaw(magic, "ping", new Uint8Array(8).fill(1));
    const deframer = new Deframer(magic);
    const chunk = frame.slice();
    const [event] = deframer.push(chunk);
    chunk.fill(0xee);
    deframer.push(frameRaw(magic, "ping", new Uint8Array(8).fill(2)));
    if (event?.type !== "message") expect.fail();
    expect(event.payload).toEqual(new Uint8Array(8).fill(1));
    expect(event.payload.buffer.byteLength).toBe(8);
  });
});

describe("hostile streams", () => {
  const allocated = () => process.memoryUsage().arrayBuffers;

  it("an announcement costs nothing until the bytes come", () => {
    const header = forge({ command: "block", length: MAX_PAYLOAD });
    const before = allocated();
    const deframers = Array.from({ length: 500 }, () => new Deframer(magic));
    for (const deframer of deframers) {
      deframer.push(header);
      deframer.push(new Uint8Array(100));
    }
    expect(allocated() - before).toBeLessThan(1_000_000); // 500 * 4 MB was announced
    expect(deframers).toHaveLength(500);
  });

  it("what will be thrown away is not kept", () => {
    const chunk = new Uint8Array(64 * 1024);
    for (const command of ["novelty", "ping", "\x01"]) {
      const deframer = new Deframer(magic);
      expect(deframer.push(forge({ command, length: MAX_PAYLOAD }))).toMatchObject([
        { type: "dropped" },
      ]);
      const before = allocated();
      for (let sent = chunk.length; sent <= MAX_PAYLOAD; sent += chunk.length) {
        expect(deframer.push(chunk)).toEqual([]);
      }
      expect(allocated() - before).toBeLessThan(1_000_000);
      const rest = new Uint8Array(MAX_PAYLOAD % chunk.length);
      expect(deframer.push(concatBytes(rest, verack))).toEqual([VERACK]);
    }
  });

  it("a block of a megabyte, byte by byte, takes no longer than it should", () => {
    const raw = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 7);
    const frame = frameMessage(magic, { command: "block", raw });
    const deframer = new Deframer(magic);
    const events: FrameEvent[] = [];
    // Joining the pieces anew for each byte would move half a terabyte and run into the time limit.
    for (let i = 0; i < frame.length; i++) events.push(...deframer.push(frame.subarray(i, i + 1)));
    const [event, ...more] = events;
    if (event?.type !== "message") expect.fail();
    expect(Buffer.from(event.payload).equals(raw)).toBe(true);
    expect(event.payload.buffer.byteLength).toBe(raw.length);
    expect(more).toEqual([]);
  });

  it("the largest payload passes, one byte more does not", () => {
    const payload = new Uint8Array(MAX_PAYLOAD);
    expect(deframe(frameRaw(magic, "block", payload))).toMatchObject([{ type: "message" }]);
    expect(() => frameRaw(magic, "block", new Uint8Array(MAX_PAYLOAD + 1))).toThrow(
      expect.objectContaining({ code: "oversized" }),
    );
  });

  it("garbage ends with one fatal event, or waits", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (chunks) => {
        const events = deframe(...chunks);
        const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        expect(events.map(({ type }) => type)).toEqual(bytes < 24 ? [] : ["fatal"]);
      }),
    );
  });
});

describe("framing", () => {
  it.each(["abcdefghijklm", "ping\0", "p\u00efng", "€"])("refuses the command %j", (command) => {
    expect(() => frameRaw(magic, command, new Uint8Array())).toThrow(WireError);
  });

  it("refuses a magic of another length", () => {
    expect(() => frameRaw(new Uint8Array(3), "ping", new Uint8Array())).toThrow(WireError);
  });
});
