import type { Block, BlockHash, Refusal, Transaction, Txid } from "@chain/core";
import type { Message, PeerInfo } from "@chain/wire";
import type { PeerAddress } from "./ports.ts";

/** A number that names a connection for as long as the node runs; never used again. */
export type PeerId = number;

/** A change of the chain or of the mempool. Emitted after it is stored, in the order in which the changes happened. */
export type ChainEvent =
  | { readonly type: "block-connected"; readonly block: Block; readonly height: number }
  | { readonly type: "block-disconnected"; readonly block: Block; readonly height: number }
  /** The best chain has another end: after all blocks of one step. `forkHeight` tells how far back it changed. */
  | {
      readonly type: "tip-changed";
      readonly hash: BlockHash;
      readonly height: number;
      readonly forkHeight: number;
    }
  /** More headers are known: how far the best header chain goes. */
  | { readonly type: "headers"; readonly height: number }
  /** A block below the snapshot that the chain began with was checked, or the last of them. */
  | { readonly type: "snapshot-progress" }
  /** The headers go on, but no block has come for long: the node lives on with what it has, up to this height. */
  | { readonly type: "download-stalled"; readonly height: number }
  /** Miners have brought a rule into force that this node does not know: it judges blocks by too few rules. */
  | { readonly type: "unknown-rules"; readonly bit: number; readonly warning: string }
  | { readonly type: "block-refused"; readonly hash: BlockHash; readonly refusal: Refusal }
  /** The stored body of a block is damaged: peers are asked for it again. */
  | { readonly type: "block-unreadable"; readonly hash: BlockHash; readonly height: number }
  /** A write failed, or what it needs is damaged: nothing may build on this chain any more. Nothing comes after it. */
  | { readonly type: "chain-stopped"; readonly why: string }
  | { readonly type: "transaction-added"; readonly transaction: Transaction }
  | { readonly type: "transaction-removed"; readonly txid: Txid; readonly why: RemovalReason }
  | { readonly type: "transaction-refused"; readonly txid: Txid; readonly refusal: Refusal }
  /** A follower of the chain has rejected a change: it is handed no more, and the chain goes on. */
  | { readonly type: "follower-failed"; readonly name: string; readonly why: string };

/** An event between a node and its peers. */
export type PeerEvent =
  | {
      readonly type: "peer-connected";
      readonly peer: PeerId;
      readonly address: PeerAddress;
      readonly inbound: boolean;
    }
  | { readonly type: "peer-ready"; readonly peer: PeerId; readonly info: PeerInfo }
  | { readonly type: "peer-disconnected"; readonly peer: PeerId; readonly why: string }
  | { readonly type: "message-received"; readonly peer: PeerId; readonly message: Message }
  | { readonly type: "message-sent"; readonly peer: PeerId; readonly message: Message };

/** An event in a node, for a program that watches it. */
export type NodeEvent = ChainEvent | PeerEvent;

/** Why a transaction left the mempool. */
export type RemovalReason =
  | "block"
  | "conflict"
  | "replaced" // by one that pays more (BIP-0125)
  | "reorganisation"
  | "size-limit"
  | "expiry"
  | "dropped"; // the operator of a chain of tests took it out

export type NodeEventType = NodeEvent["type"];
export type NodeEventOf<Type extends NodeEventType> = Extract<NodeEvent, { type: Type }>;
export type NodeListener = (event: NodeEvent) => void;
export type ChainListener = (event: ChainEvent) => void;

/** Hands events to listeners in the order of their subscription. A listener that throws does not affect the others. */
export interface EventSource<Event = NodeEvent> {
  /** @returns a function that ends the subscription. */
  subscribe(listener: (event: Event) => void): () => void;
}
