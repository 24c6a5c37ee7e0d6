/** Tells in the log what happens in a node: few lines, each one sentence, with its data as fields. */

import { type Block, BlockHeader, HEADER_SIZE, type Txid } from "@chain/core";
import type { Log, LogLevel, Node, NodeEvent, PeerId } from "@chain/engine";
import { formatPeerAddress } from "@chain/engine";
import {
  type Message,
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_TX,
  MSG_WITNESS_FLAG,
  MSG_WTX,
} from "@chain/wire";
import { formatTime } from "../formatTime.ts";
import { nodeIdIn } from "../version.ts";
import { Progress } from "./progress.ts";
import type { Service } from "./service.ts";

/** Messages that a reader of the tutorial wants to see go by; the others are at level `debug`. */
const TOLD: ReadonlySet<Message["command"]> = new Set([
  "getblocks",
  "getheaders",
  "headers",
  "inv",
  "getdata",
  "notfound",
  "block",
  "cmpctblock",
  "getblocktxn",
  "blocktxn",
  "tx",
  "mempool",
  "reject",
]);

/** Tells from now on. */
export function startNarrator(node: Node, log: Log): Service {
  const narrator = new EventNarrator(node, log);
  const unsubscribe = node.subscribe((event) => narrator.take(event));
  const progress = new Progress(node, log);
  return {
    stopping: "ending the log",
    stop: async () => {
      unsubscribe();
      progress.stop();
    },
  };
}

class EventNarrator {
  readonly #node: Node;
  readonly #log: Log;
  readonly #names = new Map<PeerId, string>();
  #lastBlock: Block | undefined;
  #disconnected = 0;

  constructor(node: Node, log: Log) {
    this.#node = node;
    this.#log = log;
  }

  /** While many blocks come, a line for each would hide everything else: the progress line stands for them. */
  get #routine(): LogLevel {
    return this.#node.chain.initialDownload ? "debug" : "info";
  }

  take(event: NodeEvent): void {
    switch (event.type) {
      case "block-connected":
        this.#lastBlock = event.block;
        return;
      case "block-disconnected":
        this.#disconnected++;
        return;
      case "tip-changed":
        this.#tip(event);
        return;
      case "headers":
        this.#log("debug", "sync", `headers known up to height ${event.height}`, {
          event: "headers",
          height: event.height,
        });
        return;
      case "download-stalled": // the chain has said so
      case "unknown-rules":
      case "block-unreadable":
        return;
      case "block-refused":
        this.#log("warn", "chain", `block ${event.hash} refused: ${event.refusal.reason}`, {
          event: "block-refused",
          hash: event.hash,
          reason: event.refusal.reason,
        });
        return;
      case "transaction-added": {
        const { txid } = event.transaction;
        const { count } = this.#node.chain.mempool;
        const sentence = `transaction ${short(txid)} is valid and waits (${count} in the mempool)`;
        this.#log("info", "mempool", sentence, { event: "transaction", txid, mempool: count });
        return;
      }
      case "transaction-removed":
        if (event.why !== "block") this.#removed(event.txid, event.why);
        return;
      case "transaction-refused":
        this.#log(
          "info",
          "mempool",
          `transaction ${short(event.txid)} refused: ${event.refusal.reason}`,
          {
            event: "transaction-refused",
            txid: event.txid,
            reason: event.refusal.reason,
          },
        );
        return;
      case "snapshot-progress": // the chain says so itself
      case "follower-failed":
      case "chain-stopped":
        return;
      case "peer-connected":
      case "peer-ready":
      case "peer-disconnected":
        this.#peer(event);
        return;
      case "message-received":
        this.#message(event.peer, event.message, "<-");
        return;
      case "message-sent":
        this.#message(event.peer, event.message, "->");
        return;
      default:
        event satisfies never;
    }
  }

  #tip({ hash, height, forkHeight }: NodeEvent & { readonly type: "tip-changed" }): void {
    if (this.#disconnected > 0) {
      const sentence = `the chain has changed from height ${forkHeight} on: ${blocks(this.#disconnected)} taken back`;
      this.#log("info", "chain", sentence, {
        event: "reorganisation",
        forkHeight,
        disconnected: this.#disconnected,
      });
    }
    this.#disconnected = 0;
    const block = this.#lastBlock;
    this.#lastBlock = undefined;
    const count = block?.transactions.length ?? 0;
    // Where blocks were disconnected and none came, no line has named the new tip.
    const content =
      block === undefined
        ? ""
        : `, ${plural(count, "transaction")}, ${formatTime(block.header.time)}`;
    const sentence = `block ${height} is the new tip: ${hash}${content}`;
    this.#log(this.#routine, "chain", sentence, {
      event: "tip",
      height,
      hash,
      ...(block !== undefined && { transactions: count }),
      mempool: this.#node.chain.mempool.count,
    });
  }

  #removed(txid: Txid, why: string): void {
    const cause = why === "replaced" ? "replaced by one that pays more" : why;
    const sentence = `transaction ${short(txid)} does not wait any more: ${cause}`;
    this.#log("info", "mempool", sentence, { event: "transaction-removed", txid, why });
  }

  #peer(
    event: NodeEvent & { readonly type: "peer-connected" | "peer-ready" | "peer-disconnected" },
  ): void {
    const { peer } = event;
    if (event.type === "peer-connected") {
      const address = formatPeerAddress(event.address);
      this.#names.set(peer, address);
      const sentence = event.inbound ? `${address} has connected` : `connected to ${address}`;
      this.#log("debug", "net", sentence, { event: "connected", peer, address });
      return;
    }
    let name = this.#nameOf(peer);
    if (event.type === "peer-ready") {
      const { userAgent, startHeight, protocolVersion } = event.info;
      const nodeId = nodeIdIn(userAgent);
      // Only what it says of itself: good for a reader of the log, and for nothing else.
      if (nodeId !== undefined && !name.endsWith(`:${nodeId}`)) name = `node ${nodeId} (${name})`;
      this.#names.set(peer, name);
      const sentence = `version <- ${name}: ${userAgent}, protocol ${protocolVersion}, height ${startHeight}`;
      this.#log("info", "net", sentence, { event: "peer", peer, address: name, agent: userAgent });
      return;
    }
    this.#names.delete(peer);
    this.#log("info", "net", `${name} is gone: ${event.why}`, { event: "peer-gone", peer });
  }

  #message(peer: PeerId, message: Message, arrow: "<-" | "->"): void {
    const { command } = message;
    const level = TOLD.has(command) ? this.#routine : "debug";
    const what = describe(message);
    const sentence = `${command} ${arrow} ${this.#nameOf(peer)}${what === "" ? "" : `: ${what}`}`;
    const direction = arrow === "<-" ? "received" : "sent";
    this.#log(level, "relay", sentence, { event: "message", command, direction, peer });
  }

  #nameOf(peer: PeerId): string {
    return this.#names.get(peer) ?? `peer ${peer}`;
  }
}

function describe(message: Message): string {
  switch (message.command) {
    case "inv":
    case "getdata":
    case "notfound": {
      const [first] = message.items;
      if (first === undefined) return "nothing";
      const more = message.items.length - 1;
      const rest = more === 0 ? "" : ` and ${more} more`;
      return `${kindOf(first.type)} ${short(first.hash)}${rest}`;
    }
    case "tx":
      return `${short(message.transaction.txid)}, ${message.transaction.totalSize} bytes`;
    case "block":
      return `${blockName(message.raw)}, ${message.raw.length} bytes`;
    case "cmpctblock": {
      const count = message.shortIds.length + message.prefilled.length;
      return `${short(message.header.hash)}, the names of ${plural(count, "transaction")}`;
    }
    case "getblocktxn":
      return `${plural(message.indexes.length, "transaction")} of ${short(message.blockHash)}`;
    case "blocktxn":
      return `${plural(message.transactions.length, "transaction")} of ${short(message.blockHash)}`;
    case "headers":
      return plural(message.headers.length, "header");
    case "getheaders":
    case "getblocks":
      return `after ${short(message.locator[0] ?? "the genesis block")}`;
    case "reject":
      // The text is a peer's; the log makes it safe to print.
      return `${message.rejected}: ${message.reason}`;
    default:
      return "";
  }
}

function blockName(raw: Uint8Array): string {
  if (raw.length < HEADER_SIZE) return "no block at all";
  return short(BlockHeader.fromBytes(raw.subarray(0, HEADER_SIZE)).hash);
}

function kindOf(type: number): string {
  // `>>> 0`: bit operations make negative numbers of large ones.
  switch ((type & ~MSG_WITNESS_FLAG) >>> 0) {
    case MSG_TX:
    case MSG_WTX:
      return "transaction";
    case MSG_BLOCK:
      return "block";
    case MSG_CMPCT_BLOCK:
      return "compact block";
    default:
      return `item of type ${type}`;
  }
}

/** The end of a transaction's or block's id: with proof of work, all blocks begin alike. */
function short(id: string): string {
  return id.length === 64 ? `…${id.slice(-12)}` : id;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function blocks(count: number): string {
  return plural(count, "block");
}
