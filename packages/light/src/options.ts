import type { ChainParams, Sha256, Transaction, Txid } from "@chain/core";
import { optional, requireArray, requireFields, requireParams } from "@chain/core/arguments";
import type {
  AddressBook,
  BanList,
  Clock,
  Dialer,
  Log,
  PeerAddress,
  PeerId,
  Random,
  Resolver,
  Timers,
} from "@chain/engine";
import type { SessionTimeouts } from "@chain/wire";
import type { Fate } from "./broadcasts.ts";
import type { LightStore } from "./store.ts";
import type { FoundTransaction } from "./watch.ts";

/** All that enters a light node. */
export interface LightNodeOptions {
  readonly params: ChainParams;
  readonly store: LightStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly dialer: Dialer;
  readonly log: Log;
  /** Our software (BIP-0014). */
  readonly userAgent: string;
  /** Peers to stay connected to. */
  readonly connect?: readonly PeerAddress[];
  /** Nodes to ask for addresses where the address book is empty. */
  readonly seeds?: readonly PeerAddress[];
  /** Where nodes are, as far as is known; without it only the peers of `connect` are called. */
  readonly addressBook?: AddressBook;
  /** To look up the DNS seeds of the network; without it they are not asked. */
  readonly resolver?: Resolver;
  /** Hosts that there is to be no connection with. */
  readonly bans?: BanList;
  /** Other time limits for the conversations with peers than Core's. */
  readonly timeouts?: Partial<SessionTimeouts>;
  /** SHA-256 of the platform. Default: one in JavaScript, of several times the cost. */
  readonly sha256?: Sha256;
}

/** An event in a light node, for a program that watches it. */
export type LightEvent =
  /** The best chain has another end. */
  | { readonly type: "tip-changed"; readonly hash: string; readonly height: number }
  /** The chain was searched up to this height. */
  | { readonly type: "searched"; readonly height: number }
  | { readonly type: "transaction-confirmed"; readonly found: FoundTransaction }
  /** A reorganisation, or another search, has taken a transaction back. */
  | { readonly type: "transaction-unconfirmed"; readonly transaction: Transaction }
  /** A transaction of ours. */
  | { readonly type: "fate-changed"; readonly txid: Txid; readonly fate: Fate }
  | { readonly type: "peer-ready"; readonly peer: PeerId; readonly address: PeerAddress }
  | { readonly type: "peer-disconnected"; readonly peer: PeerId; readonly why: string }
  /** A peer broke a rule, as one whose filter can't be that of its block: it is not called again. */
  | { readonly type: "peer-banned"; readonly address: PeerAddress; readonly why: string }
  /** The store failed: what is learned from now on may be forgotten. */
  | { readonly type: "store-failed"; readonly why: string };

export function requireLightNodeOptions(value: unknown, name: string): void {
  requireFields(value, name, {
    params: "object",
    store: "object",
    clock: "object",
    timers: "object",
    random: "object",
    dialer: "object",
    log: "function",
    userAgent: "string",
    connect: "array?",
    seeds: "array?",
    addressBook: "object?",
    resolver: "object?",
    bans: "object?",
    timeouts: "object?",
    sha256: "function?",
  });
  const options = value as LightNodeOptions;
  requireParams(options.params, `${name}.params`);
  requireFields(options.store, `${name}.store`, {
    readHeaders: "function",
    writeHeaders: "function",
    readState: "function",
    writeState: "function",
  });
  requireFields(options.clock, `${name}.clock`, { now: "function" });
  requireFields(options.timers, `${name}.timers`, { after: "function" });
  requireFields(options.random, `${name}.random`, { bytes: "function" });
  requireFields(options.dialer, `${name}.dialer`, { dial: "function" });
  for (const field of ["connect", "seeds"] as const) {
    optional(options[field], `${name}.${field}`, (list, what) => {
      requireArray(list, what, (each, place) => {
        requireFields(each, place, { host: "string", port: "number" });
      });
    });
  }
}
