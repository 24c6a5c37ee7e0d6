/** A peer that means no good: it says what it likes, when it likes, and answers as it likes. */
import type { Block, HashId } from "@chain/core";
import { randomMessages } from "@chain/testing/fuzz";
import { type Hostility, hostileFrame, pieces, shuffle } from "@chain/testing/mutate";
import type { Rng } from "@chain/testing/random";
import type { VirtualTime } from "@chain/testing/time";
import {
  type Command,
  Deframer,
  decodePayload,
  encodePayload,
  type Message,
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_FILTERED_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_TX,
  MSG_WTX,
  NODE_NETWORK,
  NODE_WITNESS,
  netAddress,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";
import { compactBlock } from "../../src/net/blocks/compactBlock.ts";
import type { Connection, ConnectionHandler } from "../../src/ports.ts";
import { material } from "./fuzzMaterial.ts";

type Raw = { readonly command: string; readonly payload: Uint8Array };
type Said = Message | Raw;

const { trunk, branch, badBlocks, transactions, headers } = material;
const blocks = [...trunk, ...branch, ...badBlocks];
const compactable = blocks.filter((block) => block.transactions.length > 0);
const INVENTORY = [
  MSG_TX,
  MSG_BLOCK,
  MSG_FILTERED_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_WTX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_TX,
  0,
  7,
];
const UNKNOWN = ["alert", "submitorder", "sendtxrcncl"];
const VERSIONS = [
  209, 31_799, 31_800, 60_000, 60_001, 70_012, 70_013, 70_014, 70_015, 70_016, 70_099,
];
/** Bytes that one of them may write in all: they wait in this process, and are not the node's fault. */
const MAX_BYTES = 8_000_000;

function hashOf(rng: Rng): HashId {
  const anywhere = rng.below(10);
  if (anywhere === 0) return Buffer.from(rng.bytes(32)).toString("hex") as HashId;
  const transaction = rng.pick(transactions);
  return anywhere < 5
    ? rng.pick(blocks).hash
    : rng.chance(50)
      ? transaction.txid
      : transaction.wtxid;
}

const items = (rng: Rng, most: number) =>
  Array.from({ length: 1 + rng.small(most) }, () => ({
    type: rng.pick(INVENTORY),
    hash: hashOf(rng),
  }));

function slice<T>(rng: Rng, list: readonly T[]): readonly T[] {
  const from = rng.below(list.length);
  return list.slice(from, from + 1 + rng.below(list.length - from));
}

const locator = (rng: Rng) => ({
  protocolVersion: 70_016,
  locator: Array.from({ length: rng.small(102) }, () => rng.pick(blocks).hash),
  stopHash: rng.pick(blocks).hash,
});

const addresses = (rng: Rng) =>
  Array.from({ length: 1 + rng.small(1000) }, () => ({
    time: rng.u32(),
    ...netAddress(`${1 + rng.below(220)}.${rng.below(256)}.3.4`, rng.below(65_536), 9n),
  }));

/** Steps of a conversation as they might come from anybody. */
const MOVES: readonly ((rng: Rng) => readonly Said[])[] = [
  (rng) => randomMessages(rng, 1 + rng.below(5)),
  (rng) => [
    { command: "headers", headers: slice(rng, [...trunk, ...branch]).map(({ header }) => header) },
  ],
  (rng) => [{ command: "headers", headers: [rng.pick(blocks).header] }],
  (rng) => [
    {
      command: "headers",
      headers: headers.slice(rng.pick([0, 1, 100]), 2000 + rng.below(100)).slice(0, 2000),
    },
  ],
  (rng) => slice(rng, branch).map((block) => ({ command: "block", raw: block.toBytes() })),
  (rng) => [{ command: "block", raw: rng.pick(blocks).toBytes() }],
  (rng) => [{ command: "inv", items: items(rng, rng.chance(3) ? 50_000 : 100) }],
  (rng) => [{ command: "getdata", items: items(rng, rng.chance(3) ? 2000 : 50) }],
  (rng) => [{ command: "notfound", items: items(rng, 100) }],
  (rng) => slice(rng, transactions).map((transaction) => ({ command: "tx", transaction })),
  (rng) => [{ command: "tx", transaction: rng.pick(transactions) }],
  (rng) => [
    { command: "sendcmpct", announce: rng.chance(50), version: BigInt(1 + rng.below(3)) },
    ...slice(rng, branch).map((block) => compactBlock(block, BigInt(rng.u32()))),
  ],
  (rng) => [compactBlock(rng.pick(compactable), BigInt(rng.u32()))],
  (rng) => [answerTransactions(rng.pick(blocks), rng)],
  (rng) => [
    {
      command: "getblocktxn",
      blockHash: rng.pick(blocks).hash,
      indexes: [rng.small(3), 3 + rng.small(100)],
    },
  ],
  (rng) => [
    { command: "getheaders", ...locator(rng) },
    { command: "getblocks", ...locator(rng) },
  ],
  (rng) => [{ command: "addr", addresses: addresses(rng) }],
  () => [{ command: "mempool" }, { command: "getaddr" }, { command: "sendheaders" }],
  (rng) => [{ command: "feefilter", feeRate: BigInt(rng.u32()) * BigInt(rng.u32() >> 1) }],
  (rng) => [{ command: rng.pick(UNKNOWN), payload: rng.bytes(rng.below(100)) }],
  (rng) => Array<Said>(rng.below(200)).fill({ command: "ping", nonce: BigInt(rng.u32()) }),
  (rng) => Array<Said>(rng.below(100)).fill(randomMessages(rng, 1)[0] as Message),
  (rng) => [hello(rng)],
];

function hello(rng: Rng): Message {
  return {
    command: "version",
    protocolVersion: rng.chance(70) ? 70_016 : rng.pick(VERSIONS),
    services: rng.chance(80) ? NODE_NETWORK | NODE_WITNESS : BigInt(rng.u32()),
    timestamp: BigInt(rng.u32()),
    receiver: UNSPECIFIED_ADDRESS,
    sender: UNSPECIFIED_ADDRESS,
    nonce: BigInt(rng.u32()),
    userAgent: "/hostile:1/",
    startHeight: rng.below(1000),
    relay: rng.chance(80),
  };
}

function answerTransactions(block: Block, rng: Rng): Message {
  const all = block.transactions;
  return {
    command: "blocktxn",
    blockHash: block.hash,
    transactions: rng.chance(50) ? all.slice(1) : all,
  };
}

/** How one of them behaves, all of it drawn at its beginning. */
interface Character {
  readonly hostility: Hostility;
  /** How often it answers, in percent. */
  readonly answers: number;
  readonly moves: number;
  /** Most milliseconds between two writes. */
  readonly pause: number;
}

export class Hostile {
  /** Messages, sound or not, that went out. */
  sent = 0;
  ended = false;
  done = false;
  readonly heard: Set<string> = new Set();
  readonly #rng: Rng;
  readonly #time: VirtualTime;
  readonly #magic: Uint8Array;
  readonly #deframer: Deframer;
  readonly #character: Character;
  #connection: Connection | undefined;
  #left = MAX_BYTES;

  constructor(rng: Rng, time: VirtualTime, magic: Uint8Array) {
    this.#rng = rng;
    this.#time = time;
    this.#magic = magic;
    this.#deframer = new Deframer(magic);
    this.#character = {
      hostility: rng.pick([
        { payload: 0, frame: 0, order: 0 },
        { payload: 5, frame: 0, order: 10 },
        { payload: 30, frame: 0, order: 30 },
        { payload: 30, frame: 2, order: 30 },
      ]),
      answers: rng.pick([0, 50, 95]),
      moves: 5 + rng.small(60),
      pause: rng.pick([1, 50, 2000, 60_000]),
    };
  }

  readonly handler: ConnectionHandler = {
    onData: (bytes) => this.#hear(bytes),
    onDrain: () => {},
    onClose: () => {
      this.ended = true;
    },
  };

  begin(connection: Connection): ConnectionHandler {
    this.#connection = connection;
    const rng = this.#rng;
    const version = hello(rng);
    const opening: Said[] = [version];
    if (rng.chance(70)) opening.push({ command: "wtxidrelay" }, { command: "sendaddrv2" });
    // Messages that are to come afterwards may come too early as well.
    this.#say(shuffle(rng, opening, rng.chance(80) ? 0 : 50));
    if (rng.chance(90)) this.#time.after(100, () => this.#say([{ command: "verack" }]));
    this.#time.after(rng.chance(80) ? 200 : 0, () => this.#move(this.#character.moves));
    return this.handler;
  }

  /** So many moves, with pauses. */
  #move(left: number): void {
    if (left === 0 || this.ended) {
      this.done = true;
      return;
    }
    this.#say(this.#rng.pick(MOVES)(this.#rng));
    this.#time.after(this.#rng.small(this.#character.pause), () => this.#move(left - 1));
  }

  #say(messages: readonly Said[]): void {
    const rng = this.#rng;
    const { hostility } = this.#character;
    for (const message of shuffle(rng, messages, hostility.order)) {
      const frame = hostileFrame(rng, this.#magic, message, hostility);
      this.#left -= frame.length;
      if (this.#left < 0 || this.ended) return;
      this.sent++;
      const parts = frame.length < 2000 && rng.chance(20) ? pieces(rng, frame) : [frame];
      for (const part of parts) this.#connection?.write(part);
    }
  }

  /** Hears the node, which says nothing that can't be read, however it is treated. */
  #hear(bytes: Uint8Array): void {
    for (const event of this.#deframer.push(bytes)) {
      if (event.type !== "message") throw new TypeError(`the node wrote ${JSON.stringify(event)}`);
      // Pings got longer; which version the node has understood depends on what became of ours on the way.
      const version = event.command === "ping" && event.payload.length === 0 ? 60_000 : 70_016;
      const message = decodePayload<Command>(event.command, event.payload, version);
      const again = encodePayload(message, version);
      if (Buffer.compare(again, event.payload) !== 0) {
        throw new TypeError(`the node's ${event.command} is not what it should be`);
      }
      this.heard.add(message.command);
      if (!this.#rng.chance(this.#character.answers)) continue;
      const answer = this.#answer(message);
      this.#time.after(this.#rng.small(this.#character.pause), () => this.#say(answer));
    }
  }

  #answer(message: Message): readonly Said[] {
    const rng = this.#rng;
    switch (message.command) {
      case "ping":
        return [{ command: "pong", nonce: message.nonce }];
      case "getheaders": {
        const chain = rng.chance(80) ? [...trunk, ...branch].map(({ header }) => header) : headers;
        return [{ command: "headers", headers: chain.slice(0, 2000) }];
      }
      case "getblocktxn": {
        const block = blocks.find(({ hash }) => hash === message.blockHash) ?? rng.pick(blocks);
        return [answerTransactions(block, rng)];
      }
      case "getdata":
        return message.items.map((item): Said => {
          const block = blocks.find(({ hash }) => hash === item.hash);
          if (block !== undefined) return { command: "block", raw: block.toBytes() };
          const transaction = transactions.find(
            ({ txid, wtxid }) => txid === item.hash || wtxid === item.hash,
          );
          return transaction === undefined
            ? { command: "notfound", items: [item] }
            : { command: "tx", transaction };
        });
      default:
        return [];
    }
  }
}
