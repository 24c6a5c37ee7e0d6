/** From what happens to chain and mempool to messages. Core: zmq/zmqnotificationinterface.cpp, zmqpublishnotifier.cpp. */
import { type Block, type HashId, hexToBytes, type Transaction } from "@chain/core";
import type { ChainEvent, ChainManager } from "@chain/engine";

/** The topics of a node; in this order where one thing concerns several. */
export const ZMQ_TOPICS = ["hashblock", "hashtx", "rawblock", "rawtx", "sequence"] as const;
export type ZmqTopic = (typeof ZMQ_TOPICS)[number];

/** Sends a message: the parts after the topic, made only where somebody wants them. */
export type Send = (topic: ZmqTopic, parts: () => readonly Uint8Array[]) => void;

type NotifiedChain = Pick<ChainManager, "initialDownload" | "mempoolSequence" | "subscribe">;

/**
 * Publishes one topic or several. Every topic of a publication counts its messages, sent or not, so that a subscriber
 * sees what it has missed.
 * @returns a function that ends it
 */
export function publishEvents(
  chain: NotifiedChain,
  publications: readonly { readonly topic: ZmqTopic; readonly send: Send }[],
): () => void {
  const counted = publications.map(({ topic, send }) => new Publication(topic, send));
  const notifier = new Notifier(chain, counted);
  return chain.subscribe((event) => notifier.take(event));
}

class Publication {
  readonly topic: ZmqTopic;
  readonly #send: Send;
  #count = 0;

  constructor(topic: ZmqTopic, send: Send) {
    this.topic = topic;
    this.#send = send;
  }

  /** @param body made only where somebody has subscribed */
  publish(body: () => Uint8Array): void {
    const number = this.#count;
    this.#count = (number + 1) >>> 0;
    this.#send(this.topic, () => {
      const count = Buffer.alloc(4);
      count.writeUInt32LE(number);
      return [body(), count];
    });
  }
}

class Notifier {
  readonly #chain: NotifiedChain;
  readonly #publications: readonly Publication[];
  /** Blocks that a step has connected. They are told after what it did to the mempool, as Core tells them. */
  #connected: Block[] = [];
  #sequence: number;

  constructor(chain: NotifiedChain, publications: readonly Publication[]) {
    this.#chain = chain;
    this.#publications = publications;
    this.#sequence = chain.mempoolSequence;
  }

  take(event: ChainEvent): void {
    switch (event.type) {
      case "block-connected":
        this.#connected.push(event.block);
        return;
      case "block-disconnected":
        this.#block(event.block, "D");
        return;
      case "transaction-added": {
        const { transaction } = event;
        const number = this.#sequence++;
        this.#transaction(transaction);
        this.#publish("sequence", () => sequenceBody(transaction.txid, "A", number));
        return;
      }
      case "transaction-removed": {
        // Counted, and told by the block alone.
        const number = this.#sequence++;
        if (event.why === "block") return;
        this.#publish("sequence", () => sequenceBody(event.txid, "R", number));
        return;
      }
      case "tip-changed":
        this.#tip(event);
        return;
    }
  }

  /** Core: UpdatedBlockTip, after BlockConnected of each. */
  #tip({ hash, height, forkHeight }: ChainEvent & { readonly type: "tip-changed" }): void {
    const connected = this.#connected;
    this.#connected = [];
    for (const block of connected) this.#block(block, "C");
    const last = connected.at(-1);
    if (last === undefined || height === forkHeight || this.#chain.initialDownload) return;
    this.#publish("hashblock", () => hexToBytes(hash));
    this.#publish("rawblock", () => last.toBytes());
  }

  #block(block: Block, label: "C" | "D"): void {
    for (const transaction of block.transactions) this.#transaction(transaction);
    this.#publish("sequence", () => sequenceBody(block.hash, label));
  }

  #transaction(transaction: Transaction): void {
    this.#publish("hashtx", () => hexToBytes(transaction.txid));
    this.#publish("rawtx", () => transaction.toBytes());
  }

  #publish(topic: ZmqTopic, body: () => Uint8Array): void {
    for (const each of this.#publications) if (each.topic === topic) each.publish(body);
  }
}

/** Core: SendSequenceMsg. */
function sequenceBody(id: HashId, label: "A" | "R" | "C" | "D", sequence?: number): Uint8Array {
  const body = Buffer.alloc(sequence === undefined ? 33 : 41);
  body.set(hexToBytes(id));
  body.write(label, 32, "latin1");
  if (sequence !== undefined) body.writeBigUInt64LE(BigInt(sequence), 33);
  return body;
}
