import { concatBytes, Writer } from "@chain/core";
import { describe, expect, it, test } from "vitest";
import { WireError } from "../src/errors.ts";
import { frameMessage, frameRaw } from "../src/frame.ts";
import { encodePayload, type Message } from "../src/messages/registry.ts";
import { MINUTE, magic, otherMagic, peerVersion, Rig, type Told } from "./sessions.ts";

const verack: Message = { command: "verack" };
const said = (message: object) => ({ type: "write", message: expect.objectContaining(message) });
const noted = (text: string) => ({
  type: "note",
  level: "debug",
  text: expect.stringContaining(text),
});
const warned = (text: string) => ({
  type: "note",
  level: "warn",
  text: expect.stringContaining(text),
});
const closed = (reason: string, misbehaving = false) => ({
  type: "close",
  reason: expect.stringContaining(reason),
  misbehaving,
});
const listOf = (count: number, itemSize: number, before = 0, after = 0) =>
  new Writer(10)
    .bytes(new Uint8Array(before))
    .compactSize(count)
    .bytes(new Uint8Array(count * itemSize + after))
    .finish();

describe("capture", () => {
  it("hears of every message either way, of those that can't be read as well", () => {
    const heard: string[] = [];
    const rig = new Rig({
      capture: (direction, command, { length }) =>
        void heard.push(`${direction} ${command} ${length}`),
    });
    rig.open();
    rig.hear(peerVersion());
    const size = encodePayload(peerVersion()).length;
    rig.data(frameRaw(magic, "getdata", Uint8Array.of(1)));
    rig.data(frameRaw(magic, "nonsense", Uint8Array.of(1)));
    expect(heard.filter((line) => !line.startsWith("sent"))).toEqual([
      `received version ${size}`,
      "received getdata 1",
    ]);
    expect(heard[0]).toMatch(/^sent version \d+$/);
    expect(heard.at(-2)).toBe("sent verack 0");
  });
});

describe("handshake", () => {
  it("ends at `version` where the peer is not wanted, before anything is answered", () => {
    const rig = new Rig({
      whyUnwanted: ({ services }) => (services === 1n ? "no use" : undefined),
    });
    rig.open();
    expect(rig.hear(peerVersion())).toEqual([closed("no use")]);
  });

  it("ends when `version` has been answered where that was all that was wanted", () => {
    const rig = new Rig({ whyServed: ({ services }) => (services === 1n ? "enough" : undefined) });
    rig.open();
    expect(rig.hear(peerVersion())).toEqual([said(verack), closed("enough")]);
    expect(rig.session.state).toBe("closed");
  });

  it("outbound: we speak first, and answer the peer's version", () => {
    const rig = new Rig();
    expect(rig.session.state).toBe("new");
    expect(rig.open()).toEqual([
      said({
        command: "version",
        protocolVersion: 70016,
        services: 9n,
        timestamp: 1_800_000_000n,
        nonce: 11n,
        userAgent: "/chain:0.1.0/",
        startHeight: 5,
        relay: true,
      }),
    ]);
    expect(rig.session.state).toBe("awaiting-version");
    expect(rig.session.peer).toBeUndefined();
    expect(rig.hear(peerVersion())).toEqual([said(verack)]);
    expect(rig.session.state).toBe("awaiting-verack");
    const peer = {
      protocolVersion: 70015,
      ownVersion: 70015,
      timeOffset: 0,
      services: 1n,
      userAgent: "/peer:1.0/",
      startHeight: 100,
      relay: false,
      seesUsAt: peerVersion().receiver.ip,
      listensOn: peerVersion().sender.port,
      wtxidRelay: false,
      wantsAddrV2: false,
    };
    expect(rig.session.peer).toEqual(peer);
    expect(rig.hear(verack)).toEqual([
      { type: "established", peer },
      said({ command: "ping", nonce: 1001n }),
    ]);
    expect(rig.session.state).toBe("established");
  });

  it("keeps what the peer said of its version and its clock", () => {
    const rig = new Rig().establish({ protocolVersion: 80_000, timestamp: 1_800_000_100n });
    expect(rig.session.peer).toMatchObject({
      protocolVersion: 70016,
      ownVersion: 80_000,
      timeOffset: 100,
    });
  });

  it("inbound: the peer speaks first, and gets version and verack", () => {
    const rig = new Rig({ direction: "inbound" });
    expect(rig.open()).toEqual([]);
    expect(rig.hear(peerVersion())).toEqual([
      said({ command: "version", nonce: 11n }),
      said(verack),
    ]);
    expect(rig.hear(verack)).toEqual([
      expect.objectContaining({ type: "established" }),
      said({ command: "ping" }),
    ]);
  });

  it("asks for our height when it says it", () => {
    let height = 1;
    const rig = new Rig({ direction: "inbound", startHeight: () => height });
    rig.open();
    height = 2;
    expect(rig.hear(peerVersion())[0]).toEqual(said({ command: "version", startHeight: 2 }));
  });

  it.each([
    [31_799, 0, "obsolete"],
    [31_800, 31_800, "taken"],
    [70_016, 70_016, "taken"],
    [80_000, 70_016, "taken"],
    [-1, 0, "obsolete"],
  ])("version %i: both speak %i", (theirs, common) => {
    const rig = new Rig();
    rig.open();
    const told = rig.hear(peerVersion({ protocolVersion: theirs }));
    if (common === 0) expect(told).toEqual([closed(`obsolete version ${theirs}`)]);
    else expect(rig.session.peer?.protocolVersion).toBe(common);
  });

  it.each(["inbound", "outbound"] as const)(
    "%s: a connection to ourselves is closed",
    (direction) => {
      const rig = new Rig({ direction });
      rig.open();
      expect(rig.hear(peerVersion({ nonce: 11n }))).toEqual([closed("connected to self")]);
      expect(rig.session.state).toBe("closed");
    },
  );

  it("a peer's user agent is cleaned before anybody can print it", () => {
    const rig = new Rig();
    rig.open();
    rig.hear(peerVersion({ userAgent: "/x\u001b[31m\n%s/" }));
    expect(rig.session.peer?.userAgent).toBe("/x31ms/");
  });

  it("nothing but version is heard before version", () => {
    const rig = new Rig({ direction: "inbound" });
    rig.open();
    for (const message of [
      verack,
      { command: "ping", nonce: 1n },
      { command: "getaddr" },
    ] as const) {
      expect(rig.hear(message)).toEqual([noted(`before version handshake: ${message.command}`)]);
    }
    expect(rig.data(frameRaw(magic, "inv", listOf(50_001, 36)))).toEqual([noted("before version")]);
    expect(rig.session.state).toBe("awaiting-version");
  });

  it("both agree on wtxids and addrv2 before verack, or never (BIP-0339, BIP-0155)", () => {
    for (const direction of ["inbound", "outbound"] as const) {
      const rig = new Rig({ direction });
      rig.open();
      const told = rig.hear(peerVersion({ protocolVersion: 70_016 }));
      const offers = [
        said({ command: "wtxidrelay" }),
        said({ command: "sendaddrv2" }),
        said(verack),
      ];
      expect(told.slice(-3)).toEqual(offers);
      expect(rig.hear({ command: "wtxidrelay" })).toEqual([]);
      expect(rig.hear({ command: "sendaddrv2" })).toEqual([]);
      rig.hear(verack);
      expect(rig.session.peer).toMatchObject({ wtxidRelay: true, wantsAddrV2: true });
    }
    // A peer that is too old to be asked can't offer it.
    const old = new Rig();
    old.open();
    expect(old.hear(peerVersion({ protocolVersion: 70_015 }))).toEqual([said(verack)]);
    old.hear({ command: "wtxidrelay" });
    old.hear({ command: "sendaddrv2" });
    expect(old.session.peer).toMatchObject({ wtxidRelay: false, wantsAddrV2: true });
  });

  it.each(["wtxidrelay", "sendaddrv2"] as const)("%s after verack ends it", (command) => {
    expect(new Rig().establish().hear({ command })).toEqual([
      closed(`${command} received after verack`),
    ]);
  });

  it("little but verack is heard before verack", () => {
    const rig = new Rig();
    rig.open();
    rig.hear(peerVersion());
    const compact = { command: "sendcmpct", announce: false, version: 2n } as const;
    expect(rig.hear({ ...compact, announce: true })).toEqual([]);
    expect(rig.hear(compact)).toEqual([]);
    expect(rig.hear({ command: "ping", nonce: 1n })).toEqual([noted("prior to verack: ping")]);
    expect(rig.hear({ command: "getaddr" })).toEqual([noted("prior to verack: getaddr")]);
    expect(rig.hear({ command: "sendheaders" })).toEqual([]);
    expect(rig.hear(verack)).toEqual([
      expect.objectContaining({ type: "established" }),
      { type: "deliver", message: compact },
      { type: "deliver", message: { command: "sendheaders" } },
      said({ command: "ping" }),
    ]);
  });

  it("an offer of compact blocks that we read is not lost among others", () => {
    const rig = new Rig();
    rig.open();
    rig.hear(peerVersion());
    const offer = { command: "sendcmpct", announce: false, version: 2n } as const;
    for (const version of [2n, 1n, 3n]) rig.hear({ ...offer, version });
    expect(rig.hear(verack)[1]).toEqual({ type: "deliver", message: offer });
  });

  it("what comes twice is ignored", () => {
    const rig = new Rig();
    rig.open();
    expect(rig.open()).toEqual([warned("opened twice")]);
    rig.hear(peerVersion());
    expect(rig.hear(peerVersion({ startHeight: 999 }))).toEqual([noted("redundant version")]);
    rig.hear(verack);
    expect(rig.hear(verack)).toEqual([noted("redundant verack")]);
    expect(rig.hear(peerVersion({ startHeight: 999 }))).toEqual([noted("redundant version")]);
    expect(rig.session.peer?.startHeight).toBe(100);
  });

  it("a version that can't be read is ignored; the clock goes on", () => {
    const rig = new Rig();
    rig.open();
    expect(rig.data(frameRaw(magic, "version", new Uint8Array(45)))).toEqual([noted("unreadable")]);
    expect(rig.wait(MINUTE - 1)).toEqual([]);
    expect(rig.wait(1)).toEqual([closed("version handshake timeout")]);
  });

  it("a peer that was never heard, or never spoken to, is named so when its time is over", () => {
    const never = (direction: "inbound" | "outbound", says: boolean) => {
      const rig = new Rig({ direction, timeouts: { handshake: 3_000 } });
      rig.open();
      if (says) rig.data(frameRaw(magic, "ping", new Uint8Array(8)));
      return rig.wait(3_000);
    };
    const silent = "socket no message in first 3 seconds";
    expect(never("inbound", false)).toEqual([
      closed(`${silent}, never received from peer, never sent to peer`),
    ]);
    expect(never("inbound", true)).toEqual([closed(`${silent}, never sent to peer`)]);
    expect(never("outbound", false)).toEqual([closed(`${silent}, never received from peer`)]);
    expect(never("outbound", true)).toEqual([closed("version handshake timeout")]);
  });

  it("both stages together have a minute", () => {
    const rig = new Rig();
    rig.open();
    expect(rig.session.nextDeadline).toBe(rig.now + MINUTE);
    rig.wait(30_000);
    rig.hear(peerVersion());
    expect(rig.wait(29_999)).toEqual([]);
    expect(rig.wait(1)).toEqual([closed("version handshake timeout")]);
    expect(rig.session.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("nothing is sent before its end", () => {
    const rig = new Rig();
    expect(rig.send({ command: "getaddr" })).toEqual([warned("getaddr not sent")]);
    rig.open();
    expect(rig.send({ command: "getaddr" })).toEqual([warned("getaddr not sent")]);
    rig.hear(peerVersion());
    expect(rig.send({ command: "getaddr" })).toEqual([warned("getaddr not sent")]);
    rig.hear(verack);
    expect(rig.send({ command: "getaddr" })).toEqual([said({ command: "getaddr" })]);
  });

  it("data before the opening is the owner's mistake", () => {
    expect(new Rig().hear(verack)).toEqual([warned("before the connection was opened")]);
  });
});

describe("messages", () => {
  const zero = "0".repeat(64) as never;
  const address = { services: 1n, ip: new Uint8Array(16), port: 1, time: 1 };
  const messages: readonly Message[] = [
    { command: "getblocks", protocolVersion: 1, locator: [], stopHash: zero },
    { command: "getheaders", protocolVersion: 1, locator: [zero], stopHash: zero },
    { command: "headers", headers: [] },
    { command: "inv", items: [{ type: 1, hash: zero }] },
    { command: "getdata", items: [] },
    { command: "notfound", items: [] },
    { command: "block", raw: Uint8Array.of(1, 2, 3) },
    { command: "addr", addresses: [address] },
    { command: "getaddr" },
    { command: "mempool" },
    { command: "sendheaders" },
    { command: "feefilter", feeRate: 1000n },
    { command: "reject", rejected: "tx", code: 16, reason: "bad-txns", hash: zero },
  ];

  test.each(messages)("$command is delivered", (message) => {
    expect(new Rig().establish().hear(message)).toEqual([{ type: "deliver", message }]);
  });

  it.each<[string, bigint, string, Message]>([
    [
      "filteradd",
      4n,
      "despite not offering bloom services",
      { command: "filteradd", data: new Uint8Array(200) },
    ],
    [
      "getcfcheckpt",
      64n,
      "requested unsupported block filter type",
      { command: "getcfcheckpt", filterType: 0, stopHash: zero },
    ],
  ])("%s ends the connection unless its service is offered", (_, service, reason, message) => {
    expect(new Rig({ unreadFrom: 100 }).establish().hear(message)).toEqual([closed(reason)]);
    const rig = new Rig({ services: service }).establish();
    expect(rig.hear(message)).toEqual([{ type: "deliver", message }]);
  });

  it("large messages are read when their turn has come", () => {
    const rig = new Rig({ unreadFrom: 100 }).establish();
    const inv = (count: number): Message => ({
      command: "inv",
      items: Array.from({ length: count }, () => ({ type: 1, hash: zero })),
    });
    const small = inv(2); // 73 bytes
    const large = inv(3); // 109
    const block: Message = { command: "block", raw: new Uint8Array(200) };
    const unread = { type: "unread", command: "inv", payload: encodePayload(large) } as const;
    expect(rig.hear(small)).toEqual([{ type: "deliver", message: small }]);
    expect(rig.hear(large)).toEqual([unread]);
    expect(rig.hear(block)).toEqual([{ type: "deliver", message: block }]);
    expect(rig.read(unread)).toEqual([{ type: "deliver", message: large }]);
    const broken = unread.payload.subarray(0, 108);
    expect(rig.read({ ...unread, payload: broken })).toEqual([
      noted('unreadable message "inv" of 108 bytes'),
    ]);
    const tooLong = frameRaw(magic, "inv", listOf(50_001, 36));
    expect(rig.data(tooLong)).toMatchObject([{ type: "unread" }]);
    const payload = listOf(50_001, 36);
    expect(rig.read({ ...unread, payload })).toEqual([closed("inv message size = 50001", true)]);
    expect(rig.read(unread)).toEqual([]);
  });

  it("what is not understood is noted, and the connection stays", () => {
    const rig = new Rig().establish();
    const told: [Told[], object][] = [
      [
        rig.data(frameRaw(magic, "novelty", new Uint8Array(9))),
        noted('"novelty" of 9 bytes: unknown-command'),
      ],
      [
        rig.data(frameRaw(magic, "inv", new Uint8Array())),
        noted('unreadable message "inv" of 0 bytes'),
      ],
      [rig.data(frameRaw(magic, "tx", new Uint8Array(3))), noted('unreadable message "tx"')],
      [rig.data(frameRaw(magic, "ping", new Uint8Array(7))), noted('unreadable message "ping"')],
      [rig.data(frameRaw(magic, "<b>%n", new Uint8Array(7))), noted('message "bn" of 7 bytes')],
    ];
    for (const [actual, expected] of told) expect(actual).toEqual([expected]);
    const broken = frameMessage(magic, { command: "getaddr" });
    broken[20] = (broken[20] ?? 0) ^ 1;
    expect(rig.data(broken)).toEqual([
      noted('dropped message "getaddr" of 0 bytes: bad-checksum, expected 5df6e0e2 was 5cf6e0e2'),
    ]);
    expect(rig.hear({ command: "getaddr" })).toHaveLength(1);
    expect(rig.session.state).toBe("established");
  });

  test.each<[string, Uint8Array, string, boolean]>([
    ["inv", listOf(50_001, 36), "inv message size = 50001", true],
    ["getdata", listOf(50_001, 36), "getdata message size = 50001", true],
    ["headers", listOf(2_001, 81), "headers message size = 2001", true],
    ["addr", listOf(1_001, 30), "addr message size = 1001", true],
    ["getblocks", listOf(102, 32, 4, 32), "getblocks locator size 102 > 101", false],
    ["getheaders", listOf(102, 32, 4, 32), "getheaders locator size 102 > 101", false],
  ])("%s with one item too many ends it", (command, payload, reason, misbehaving) => {
    const rig = new Rig().establish();
    expect(rig.data(frameRaw(magic, command, payload))).toEqual([closed(reason, misbehaving)]);
  });

  it("only a notfound that is too long is ignored", () => {
    const rig = new Rig().establish();
    expect(rig.data(frameRaw(magic, "notfound", listOf(50_001, 36)))).toEqual([noted("50001")]);
    expect(rig.session.state).toBe("established");
  });

  it("messages before the one that ends it are delivered, those after it are not", () => {
    const rig = new Rig().establish();
    const getaddr = frameMessage(magic, { command: "getaddr" });
    const bytes = [...getaddr, ...new Uint8Array(24), ...getaddr];
    expect(rig.data(Uint8Array.from(bytes))).toEqual([
      { type: "deliver", message: { command: "getaddr" } },
      closed("wrong network magic 00000000"),
    ]);
  });

  it("nothing in the same chunk is heard after the end", () => {
    const rig = new Rig().establish();
    const tooLong = frameRaw(magic, "inv", listOf(50_001, 36));
    const getaddr = frameMessage(magic, { command: "getaddr" });
    expect(rig.data(concatBytes(tooLong, getaddr, getaddr))).toEqual([
      closed("inv message size = 50001", true),
    ]);
  });

  it("another network's node is turned away before it says a word", () => {
    const rig = new Rig({ direction: "inbound" });
    rig.open();
    expect(rig.data(frameMessage(otherMagic, peerVersion()))).toEqual([
      closed("wrong network magic f9beb4d9"),
    ]);
  });

  it("four gigabytes are not waited for", () => {
    const rig = new Rig().establish();
    const header = frameMessage(magic, { command: "getaddr" });
    header.set([0xff, 0xff, 0xff, 0xff], 16);
    expect(rig.data(header)).toEqual([closed("4294967295 bytes announced")]);
  });

  it("after the end it is silent, whatever happens", () => {
    const rig = new Rig().establish();
    rig.data(new Uint8Array(24));
    expect(rig.session.state).toBe("closed");
    expect(rig.session.peer).toBeUndefined();
    expect([rig.open(), rig.hear(verack), rig.send(verack), rig.wait(1e9)].flat()).toEqual([]);
  });

  it("what can't be encoded is the owner's mistake, and leaves the session as it was", () => {
    const rig = new Rig().establish();
    expect(() => rig.send({ command: "ping", nonce: -1n })).toThrow(WireError);
    expect(rig.send({ command: "getaddr" })).toEqual([said({ command: "getaddr" })]);
  });

  it("counts what goes by, under the names it knows", () => {
    const rig = new Rig().establish();
    rig.data(frameRaw(magic, "novelty", new Uint8Array(9)));
    rig.data(frameRaw(magic, "curiosity", new Uint8Array(1)));
    rig.hear({ command: "getaddr" });
    rig.send({ command: "getaddr" });
    const { received, sent } = rig.session.traffic;
    const size = (message: Message) => 24 + encodePayload(message).length;
    expect(Object.fromEntries(received)).toEqual({
      version: { messages: 1, bytes: size(peerVersion()) },
      verack: { messages: 1, bytes: 24 },
      pong: { messages: 1, bytes: 32 },
      getaddr: { messages: 1, bytes: 24 },
      "*other*": { messages: 2, bytes: 24 + 9 + 24 + 1 },
    });
    expect(Object.fromEntries(sent)).toMatchObject({
      verack: { messages: 1, bytes: 24 },
      ping: { messages: 1, bytes: 32 },
      getaddr: { messages: 1, bytes: 24 },
    });
  });
});

describe("pings", () => {
  const pingsIn = (told: readonly Told[]) =>
    told.flatMap((one) =>
      one.type === "write" && one.message.command === "ping" ? [one.message.nonce] : [],
    );

  it("are answered", () => {
    const rig = new Rig().establish();
    expect(rig.hear({ command: "ping", nonce: 7n })).toEqual([
      said({ command: "pong", nonce: 7n }),
    ]);
  });

  it("go out every two minutes, with a nonce of their own", () => {
    const rig = new Rig().establish();
    expect(rig.session.nextDeadline).toBe(rig.now + 2 * MINUTE);
    expect(rig.wait(2 * MINUTE - 1)).toEqual([]);
    expect(pingsIn(rig.wait(1))).toEqual([1002n]);
    rig.hear({ command: "pong", nonce: 1002n });
    expect(pingsIn(rig.wait(2 * MINUTE))).toEqual([1003n]);
  });

  it("are not missed, nor anything else, by whom has only come: a clock may be set forward", () => {
    const rig = new Rig({ timeouts: { inactivity: 10, ping: 10, handshake: MINUTE } }).establish();
    const opened = rig.now;
    expect(rig.session.nextDeadline).toBe(opened + MINUTE);
    expect(rig.wait(MINUTE - 1)).toEqual([]);
    expect(rig.wait(1)).toMatchObject([{ type: "close", misbehaving: false }]);
  });

  it("are asked for, and nobody was silent, when the clock is set forward", () => {
    const rig = new Rig().establish();
    rig.now += 30 * MINUTE;
    expect(rig.session.handle({ type: "clock-set" }, rig.now)).toEqual([]);
    const [nonce = 0n] = pingsIn(rig.wait(0));
    expect(nonce).not.toBe(0n);
    rig.hear({ command: "pong", nonce });
    rig.now += 30 * MINUTE;
    expect(rig.wait(0)).toMatchObject([{ type: "close" }]);
  });

  it("go out when they are asked for, also where one is not answered yet", () => {
    const rig = new Rig();
    expect(rig.ping()).toEqual([]);
    rig.open();
    expect(rig.ping()).toEqual([]);
    const early = new Rig().establish();
    expect(early.session.pingSentAt).toBeUndefined();
    const first = early.now;
    const [nonce = 0n] = pingsIn(early.ping());
    early.now += 700;
    expect(early.session.pingSentAt).toBe(first);
    const [second = 0n] = pingsIn(early.ping());
    expect(early.hear({ command: "pong", nonce })).toEqual([noted("another nonce")]);
    expect(early.session.pingSentAt).toBe(first + 700);
    early.now += 50;
    early.hear({ command: "pong", nonce: second });
    expect(early.session.pingSentAt).toBeUndefined();
    expect(early.session.peer).toMatchObject({ latencyMs: 50, leastLatencyMs: 0 });
  });

  it("measure how far away the peer is", () => {
    const rig = new Rig().establish();
    expect(rig.session.peer?.latencyMs).toBe(0);
    const [nonce = 0n] = pingsIn(rig.wait(2 * MINUTE));
    rig.now += 83;
    expect(rig.hear({ command: "pong", nonce })).toEqual([]);
    expect(rig.session.peer?.latencyMs).toBe(83);
  });

  it("measure nothing where the clock was set back", () => {
    const rig = new Rig().establish();
    const [nonce = 0n] = pingsIn(rig.wait(2 * MINUTE));
    rig.now -= 5_000;
    rig.hear({ command: "pong", nonce });
    expect(rig.session.peer?.latencyMs).toBe(0);
    expect(rig.session.nextDeadline).toBe(rig.now + 5_000 + 2 * MINUTE);
  });

  it("no second one while the first is not answered; after twenty minutes it is over", () => {
    const rig = new Rig().establish();
    expect(pingsIn(rig.wait(2 * MINUTE))).toHaveLength(1);
    for (let minute = 1; minute < 20; minute++) {
      rig.hear({ command: "getaddr" });
      expect(rig.wait(MINUTE)).toEqual([]);
    }
    rig.hear({ command: "getaddr" });
    expect(rig.wait(MINUTE)).toEqual([closed("ping timeout: 1200.000000s")]);
  });

  it("a wrong nonce is noted and waited on", () => {
    const rig = new Rig().establish();
    const [nonce = 0n] = pingsIn(rig.wait(2 * MINUTE));
    expect(rig.hear({ command: "pong", nonce: nonce + 1n })).toEqual([noted("another nonce")]);
    expect(rig.session.nextDeadline).toBe(rig.now + 20 * MINUTE);
    expect(rig.hear({ command: "pong", nonce })).toEqual([]);
    expect(rig.hear({ command: "pong", nonce })).toEqual([noted("unsolicited pong")]);
  });

  it("nonce zero, or none, ends the wait without a measurement", () => {
    const rig = new Rig().establish();
    rig.wait(2 * MINUTE);
    expect(rig.hear({ command: "pong", nonce: 0n })).toEqual([noted("nonce zero")]);
    expect(pingsIn(rig.wait(2 * MINUTE))).toHaveLength(1);
    expect(rig.data(frameRaw(magic, "pong", new Uint8Array(7)))).toEqual([noted("short payload")]);
    expect(pingsIn(rig.wait(2 * MINUTE))).toHaveLength(1);
    expect(rig.session.peer?.latencyMs).toBe(0);
  });

  it("before BIP-0031 they carry nothing and are not answered, either way", () => {
    const rig = new Rig();
    rig.open();
    rig.hear(peerVersion({ protocolVersion: 60_000 }));
    const actions = rig.session.handle(
      { type: "data", bytes: frameMessage(magic, verack) },
      rig.now,
    );
    const empty = { type: "write", bytes: frameRaw(magic, "ping", new Uint8Array()) };
    expect(actions).toEqual([expect.objectContaining({ type: "established" }), empty]);
    expect(rig.session.nextDeadline).toBe(rig.now + 2 * MINUTE);
    expect(rig.data(frameRaw(magic, "ping", new Uint8Array()))).toEqual([]);
  });

  it("a peer that says nothing for twenty minutes is gone", () => {
    const rig = new Rig();
    rig.open();
    rig.hear(peerVersion({ protocolVersion: 60_000 }));
    rig.session.handle({ type: "data", bytes: frameMessage(magic, verack) }, rig.now);
    const silentSince = rig.now;
    let told: readonly unknown[] = [];
    while (rig.session.state !== "closed") {
      rig.now = rig.session.nextDeadline;
      told = rig.session.handle({ type: "tick" }, rig.now);
    }
    expect(rig.now - silentSince).toBe(20 * MINUTE);
    expect(told).toEqual([closed("socket receive timeout: 1200s")]);
  });

  it("time limits can be others", () => {
    const rig = new Rig({ timeouts: { handshake: 10, pingInterval: 20 } });
    rig.open();
    expect(rig.session.nextDeadline).toBe(rig.now + 10);
    rig.hear(peerVersion());
    rig.hear(verack);
    rig.hear({ command: "pong", nonce: 1001n });
    expect(rig.session.nextDeadline).toBe(rig.now + 20);
  });
});
