import type { Milliseconds, Sha256 } from "@chain/core";
import type { NetAddress, SessionConfig, SessionTimeouts } from "@chain/wire";
import type { ChainManager } from "./chain/manager.ts";
import type { AddressBook } from "./net/connecting/addressBook.ts";
import type { BanList } from "./net/connecting/banList.ts";
import type { PermissionRule } from "./net/peer/permissions.ts";
import type { Pace } from "./net/transactions/transactionRelay.ts";
import type {
  BlockFilterSource,
  Clock,
  Dialer,
  Log,
  Metrics,
  PeerAddress,
  Random,
  Resolver,
  Timers,
} from "./ports.ts";

/** @param peer where the other end of the connection is */
export type MessageCapture = (
  peer: PeerAddress,
  ...message: Parameters<NonNullable<SessionConfig["capture"]>>
) => void;

export interface NodeOptions {
  readonly chain: ChainManager;
  readonly clock: Clock;
  /**
   * Goes on where `clock` is set to some time: by it, calls that failed are tried again, and the work of peers is
   * measured, for which it should tell parts of a millisecond. Default: `clock`.
   */
  readonly stopwatch?: Clock;
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
  /** To look up the DNS seeds of the network; without it they are not asked. */
  readonly resolver?: Resolver;
  /** Bytes to send in a day, after which no peer gets old blocks. Default 0: as many as peers want. */
  readonly maxUpload?: number;
  readonly maxInbound?: number;
  /** How long announcements of transactions are gathered. Default: as long as Core does, seconds. */
  readonly pace?: Pace;
  /** Hosts that there is to be no connection with. */
  readonly bans?: BanList;
  /** Rights that some callers have and others do not. */
  readonly permissions?: readonly PermissionRule[];
  /** Serves peers that set a Bloom filter (BIP-0037, BIP-0111). Default: those with the permission `bloomfilter` alone. */
  readonly bloomFilters?: boolean;
  /** Takes no transactions from peers, but from those with the permission `relay`. Our own are told all the same. */
  readonly blocksOnly?: boolean;
  /** Serves the filters of blocks to peers (BIP-0157), and says so to them. Default: it serves none. */
  readonly blockFilters?: BlockFilterSource;
  /** Where nodes are, as far as is known; without it the node calls only the peers of `connect`. */
  readonly addressBook?: AddressBook;
  /** Peers of the last run, to be called first. See `anchors`. */
  readonly anchors?: readonly NetAddress[];
  /** Where others can reach us, if they can. */
  readonly listenAddress?: PeerAddress;
  /**
   * How often time limits are looked at while no peer owes us an answer, in milliseconds; default 1000, as at any other
   * time. A simulation of a thousand idle nodes has better things to do: pings, gossip and calls are then late by up to
   * as much.
   */
  readonly idleTickInterval?: Milliseconds;
  /** SHA-256 of the platform, for the checksums of messages. Default: one in JavaScript, of several times the cost. */
  readonly sha256?: Sha256;
  /** Hears of connections that have ended. */
  readonly metrics?: Metrics;
  /** Hears of each message to and from a peer, as it is on the wire. Default: nobody. See `SessionConfig`. */
  readonly capture?: MessageCapture;
  /** Other time limits for the conversations with peers than Core's. */
  readonly timeouts?: Partial<SessionTimeouts>;
}
