import { readFileSync } from "node:fs";
import { CoreError, equalBytes, Reader, Writer } from "@chain/core";
import { commands, messages } from "@chain/testing/arbitraries";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { WireError, type WireErrorCode } from "../src/errors.ts";
import { MSG_BLOCK } from "../src/messages/inventory.ts";
import {
  type Command,
  decodePayload,
  encodePayload,
  isCommand,
  type Message,
  messageCodecs,
} from "../src/messages/registry.ts";
import { MAX_PAYLOAD } from "../src/protocol.ts";

/** The code of the WireError that `run` throws; anything else that it throws fails the test. */
function codeOf(run: () => unknown): WireErrorCode | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return undefined;
}

function bytesOf(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

/** A payload whose list has so many items of zeros. */
function listOf(count: number, itemSize: number, before = 0, after = 0): Uint8Array {
  return bytesOf((writer) => {
    writer.bytes(new Uint8Array(before)).compactSize(count);
    writer.bytes(new Uint8Array(count * itemSize + after));
  });
}

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), mask: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), mask: fc.nat({ max: 255 }) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = bytes.length === 0 ? 0 : change.at % bytes.length;
  if (change.kind === "cut") return bytes.slice(0, at);
  if (change.kind === "insert")
    return Uint8Array.of(...bytes.slice(0, at), change.mask, ...bytes.slice(at));
  const changed = bytes.slice();
  if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ change.mask;
  return changed;
}

test("README names every message of the table, once", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const line = readme.split("\n").find((one) => one.startsWith("- **Messages**")) ?? "";
  const list = line.slice(0, line.indexOf("`Message`"));
  const named = [...list.matchAll(/`([a-z0-9]+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual(Object.keys(messageCodecs).sort());
});

test("the table names every message that the tests know, and no other", () => {
  expect(Object.keys(messageCodecs).sort()).toEqual([...commands].sort());
});

describe.each(commands)("%s", (command) => {
  const arbitrary: fc.Arbitrary<Message> = messages[command];

  it("survives a round trip", () => {
    fc.assert(
      fc.property(arbitrary, (message) => {
        const payload = encodePayload(message);
        expect(payload.length).toBeLessThanOrEqual(messageCodecs[command].maxPayload);
        const decoded = decodePayload(command, payload);
        expect(decoded).toEqual(message);
        expect(encodePayload(decoded)).toEqual(payload);
      }),
      { numRuns: 50 },
    );
  });

  it("ignores what follows it, as Core does", () => {
    fc.assert(
      fc.property(arbitrary, (message) => {
        if (message.command === "block" || message.command === "reject") return; // have no end of their own
        const payload = encodePayload(message);
        const longer = Uint8Array.of(...payload, 0xfe, 0xff);
        expect(decodePayload(command, longer)).toEqual(message);
      }),
      { numRuns: 20 },
    );
  });

  it("decodes what was tampered with to something stable, or says what is wrong with it", () => {
    fc.assert(
      fc.property(
        arbitrary,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (message, changes) => {
          const payload = changes.reduce(mutate, encodePayload(message));
          let decoded: Message | undefined;
          const code = codeOf(() => {
            decoded = decodePayload(command, payload);
          });
          if (decoded === undefined) expect(["malformed", "too-many-items"]).toContain(code);
          else expect(decodePayload(command, encodePayload(decoded))).toEqual(decoded);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("takes garbage without harm", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        const code = codeOf(() => decodePayload(command, payload));
        expect([undefined, "malformed", "too-many-items"]).toContain(code);
      }),
      { numRuns: 200 },
    );
  });
});

const fullPayloads: readonly (readonly [Command, Uint8Array])[] = [
  ["version", new Uint8Array(86)],
  ["ping", new Uint8Array(8)],
  ["pong", new Uint8Array(8)],
  ["feefilter", new Uint8Array(8)],
  ["reject", Uint8Array.of(2, 0x74, 0x78, 0x10, 0)],
  ["getblocks", listOf(3, 32, 4, 32)],
  ["getheaders", listOf(3, 32, 4, 32)],
  ["headers", listOf(3, 81)],
  ["inv", listOf(3, 36)],
  ["getdata", listOf(3, 36)],
  ["notfound", listOf(3, 36)],
  ["addr", listOf(3, 30)],
  ["getcfilters", new Uint8Array(37)],
  ["getcfheaders", new Uint8Array(37)],
  ["getcfcheckpt", new Uint8Array(33)],
  ["cfilter", listOf(3, 1, 33)],
  ["cfheaders", listOf(3, 32, 65)],
  ["cfcheckpt", listOf(3, 32, 33)],
  ["filterload", listOf(3, 1, 0, 9)],
  ["filteradd", listOf(3, 1)],
  ["merkleblock", listOf(3, 32, 84, 1)],
];

test.each(fullPayloads)("%s cut short anywhere is malformed", (command, payload) => {
  expect(codeOf(() => decodePayload(command, payload))).toBeUndefined();
  // Where each later field of `version` begins it may end: the field came with a later version.
  const ends = command === "version" ? [46, 80, 81, 85] : [];
  for (let length = 0; length < payload.length; length++) {
    const code = codeOf(() => decodePayload(command, payload.subarray(0, length)));
    expect(code, `${length} bytes`).toBe(ends.includes(length) ? undefined : "malformed");
  }
});

const lists: readonly (readonly [Command, number, string, (count: number) => Uint8Array])[] = [
  ["inv", 50_000, "inv message size = 50001", (n) => listOf(n, 36)],
  ["getdata", 50_000, "getdata message size = 50001", (n) => listOf(n, 36)],
  ["notfound", 50_000, "notfound message size = 50001", (n) => listOf(n, 36)],
  ["headers", 2_000, "headers message size = 2001", (n) => listOf(n, 81)],
  ["addr", 1_000, "addr message size = 1001", (n) => listOf(n, 30)],
  ["getblocks", 101, "getblocks locator size 102 > 101", (n) => listOf(n, 32, 4, 32)],
  ["getheaders", 101, "getheaders locator size 102 > 101", (n) => listOf(n, 32, 4, 32)],
];

describe.each(lists)("%s", (command, max, reason, payloadOf) => {
  it(`takes ${max} items`, () => {
    const message = decodePayload(command, payloadOf(max));
    expect(equalBytes(encodePayload(message), payloadOf(max))).toBe(true);
  });

  it(`calls ${max + 1} too many, which is not malformed`, () => {
    const payload = payloadOf(max + 1);
    expect(payload.length).toBeLessThanOrEqual(messageCodecs[command].maxPayload);
    expect(() => decodePayload(command, payload)).toThrow(new WireError("too-many-items", reason));
    expect(codeOf(() => decodePayload(command, payload))).toBe("too-many-items");
  });

  it("finds a count that the payload can't hold malformed, at once", () => {
    const before = new Uint8Array(command.startsWith("get") && command !== "getdata" ? 4 : 0);
    for (const count of [max + 1, 0x0200_0000, 0x0200_0001, 0xffff_ffff]) {
      const payload = bytesOf((writer) => writer.bytes(before).compactSize(count));
      expect(codeOf(() => decodePayload(command, payload))).toBe("malformed");
    }
  });

  it(`does not write ${max + 1}`, () => {
    const message = decodePayload(command, payloadOf(max));
    const [field, list] = Object.entries(message).find(([, value]) => Array.isArray(value)) as [
      string,
      unknown[],
    ];
    const longer = { ...message, [field]: [...list, list[0]] } as Message;
    expect(codeOf(() => encodePayload(longer))).toBe("unencodable");
  });
});

test("a list of nothing is a message too", () => {
  expect(decodePayload("inv", Uint8Array.of(0))).toEqual({ command: "inv", items: [] });
  expect(decodePayload("headers", Uint8Array.of(0))).toEqual({ command: "headers", headers: [] });
});

test("a count longer than it needs to be is malformed", () => {
  const payload = Uint8Array.of(0xfd, 1, 0, ...new Uint8Array(36));
  expect(codeOf(() => decodePayload("inv", payload))).toBe("malformed");
});

test("what is no message of ours is unknown, whatever JavaScript calls by that name", () => {
  for (const command of ["", "sendtxrcncl", "VERSION", "constructor", "__proto__", "toString"]) {
    expect(isCommand(command)).toBe(false);
    expect(codeOf(() => decodePayload(command, new Uint8Array()))).toBe("unknown-command");
  }
});

describe("version", () => {
  const full = encodePayload({
    command: "version",
    protocolVersion: 70016,
    services: 9n,
    timestamp: 1_700_000_000n,
    receiver: { services: 1n, ip: new Uint8Array(16).fill(1), port: 8333 },
    sender: { services: 9n, ip: new Uint8Array(16).fill(2), port: 3000 },
    nonce: 77n,
    userAgent: "/a/",
    startHeight: 123,
    relay: false,
  });

  it("may end before its later fields, which then have Core's defaults", () => {
    const at = (length: number) => decodePayload("version", full.subarray(0, length));
    expect(at(46)).toMatchObject({ nonce: 1n, userAgent: "", startHeight: -1, relay: true });
    expect(at(80)).toMatchObject({ nonce: 77n, userAgent: "", startHeight: -1, relay: true });
    expect(at(84)).toMatchObject({ nonce: 77n, userAgent: "/a/", startHeight: -1, relay: true });
    expect(at(88)).toMatchObject({ startHeight: 123, relay: true });
    expect(at(89)).toMatchObject({ startHeight: 123, relay: false });
  });

  it("writes the port with its high byte first", () => {
    expect([...full.subarray(44, 46)]).toEqual([0x20, 0x8d]);
    expect(decodePayload("version", full).receiver.port).toBe(8333);
  });

  it("refuses a user agent above 256 bytes", () => {
    const message = decodePayload("version", full);
    const start = full.subarray(0, 80);
    const payloadOf = (length: number) =>
      bytesOf((w) => w.bytes(start).varBytes(new Uint8Array(length).fill(65)).i32(1).u8(1));
    expect(decodePayload("version", payloadOf(256)).userAgent).toHaveLength(256);
    expect(codeOf(() => decodePayload("version", payloadOf(257)))).toBe("malformed");
    expect(codeOf(() => encodePayload({ ...message, userAgent: "A".repeat(257) }))).toBe(
      "unencodable",
    );
  });

  it("takes any byte but 0 for true", () => {
    const payload = full.slice();
    payload[88] = 7;
    expect(decodePayload("version", payload).relay).toBe(true);
  });
});

describe("ping", () => {
  it("carries nothing before BIP-0031", () => {
    expect(encodePayload({ command: "ping", nonce: 5n }, 60_000)).toHaveLength(0);
    expect(decodePayload("ping", new Uint8Array(), 60_000)).toEqual({ command: "ping", nonce: 0n });
    expect(codeOf(() => decodePayload("ping", new Uint8Array(), 60_001))).toBe("malformed");
  });
});

describe("reject", () => {
  it("refuses a reason above 111 bytes and a command above 12", () => {
    const payloadOf = (command: number, reason: number) =>
      bytesOf((w) => w.varBytes(new Uint8Array(command)).u8(1).varBytes(new Uint8Array(reason)));
    expect(codeOf(() => decodePayload("reject", payloadOf(12, 111)))).toBeUndefined();
    expect(codeOf(() => decodePayload("reject", payloadOf(13, 111)))).toBe("malformed");
    expect(codeOf(() => decodePayload("reject", payloadOf(12, 112)))).toBe("malformed");
  });

  it("has no hash where there are not 32 bytes for it", () => {
    const start = Uint8Array.of(2, 0x74, 0x78, 0x10, 0);
    const short = Uint8Array.of(...start, ...new Uint8Array(31));
    const long = Uint8Array.of(...start, ...new Uint8Array(32));
    expect(decodePayload("reject", short)).not.toHaveProperty("hash");
    expect(decodePayload("reject", long)).toHaveProperty("hash", "0".repeat(64));
  });
});

describe("what does not fit its field", () => {
  const zero = { services: 0n, ip: new Uint8Array(16), port: 0 };
  const hash = "00".repeat(32) as never;
  test.each<[string, Message]>([
    ["negative nonce", { command: "ping", nonce: -1n }],
    ["nonce of 65 bits", { command: "pong", nonce: 2n ** 64n }],
    ["fee rate of 65 bits", { command: "feefilter", feeRate: 2n ** 63n }],
    [
      "short address",
      { command: "addr", addresses: [{ ...zero, time: 0, ip: new Uint8Array(4) }] },
    ],
    ["port above 65535", { command: "addr", addresses: [{ ...zero, time: 0, port: 65_536 }] }],
    ["port with a fraction", { command: "addr", addresses: [{ ...zero, time: 0, port: 1.5 }] }],
    ["negative port", { command: "addr", addresses: [{ ...zero, time: 0, port: -1 }] }],
    ["type of 33 bits", { command: "inv", items: [{ type: 2 ** 32, hash }] }],
    ["hash that is none", { command: "inv", items: [{ type: MSG_BLOCK, hash: "xyz!" as never }] }],
    ["character that is no byte", { command: "reject", rejected: "tx", code: 1, reason: "€" }],
    ["surrogate pair", { command: "reject", rejected: "tx", code: 1, reason: "😀" }],
  ])("%s", (_, message) => {
    expect(codeOf(() => encodePayload(message))).toBe("unencodable");
  });
});

test("an address that is kept does not keep the message around it", () => {
  const { addresses } = decodePayload("addr", listOf(3, 30));
  expect(addresses.map(({ ip }) => ip.buffer.byteLength)).toEqual([16, 16, 16]);
});

test("errors of the primitives never leave the codecs", () => {
  expect(() => new Reader(new Uint8Array()).u8()).toThrow(CoreError);
  expect(() => decodePayload("ping", new Uint8Array())).toThrow(WireError);
});

test("no message may be kept that Core would not take", () => {
  for (const { maxPayload } of Object.values(messageCodecs)) {
    expect(maxPayload).toBeLessThanOrEqual(MAX_PAYLOAD);
  }
});
