/**
 * Plans the calls of a node: to peers that it was told of, to those that it chooses, and to those that it asks for
 * addresses.
 */
import type { ChainParams, Milliseconds } from "@chain/core";
import { formatIp, type NetAddress } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Clock, Log, PeerAddress, Random, Resolver } from "../../ports.ts";
import { ipOf, isUsable, keyOf } from "../kit/addresses.ts";
import { BoundedSet } from "../kit/boundedSet.ts";
import { uniform } from "../kit/chance.ts";
import { isWorthCalling } from "../kit/services.ts";
import type { CallKind, Peer, PeerKind } from "../peer/peer.ts";
import { AddedNodes } from "./addedNodes.ts";
import type { AddressBook } from "./addressBook.ts";
import { type Contact, MAX_OUTBOUND, OutboundSlots } from "./outboundSlots.ts";
import { Seeding } from "./seeding.ts";
import { StaleTip } from "./staleTip.ts";

/** Addresses of our own that are remembered. */
const MAX_OWN = 100;

export interface OutboundPlannerOptions {
  readonly params: Pick<ChainParams, "dnsSeeds" | "fixedSeeds" | "defaultPort" | "targetSpacing">;
  readonly random: Random;
  readonly book: AddressBook;
  /** Whether to call nodes of the book, and not only those that it was told to. */
  readonly looksForPeers: boolean;
  /** Peers to stay connected to. */
  readonly connect: readonly PeerAddress[];
  /** Nodes to ask for others. */
  readonly seeds: readonly PeerAddress[];
  /** Tells how long ago a call was: see the option of a node. */
  readonly stopwatch: Clock;
  readonly resolver: Resolver | undefined;
  /** Peers of the last run. */
  readonly anchors: readonly NetAddress[];
  /** Whether there is to be no connection with a host. */
  readonly isBarred: (host: string) => boolean;
  /** Whether our tip is so young that a pruned peer has all the blocks that we lack. */
  readonly isTipRecent: () => boolean;
  readonly log: Log;
}

/** The facts that `OutboundPlanner` needs about blocks on their way. */
export interface BlocksUnderWay {
  readonly pending: number;
  isBusy(peer: PeerId): boolean;
}

export interface CallTo {
  readonly address: PeerAddress;
  readonly kind: PeerKind;
}

/**
 * Decides which peers to call now: those that we were told to stay connected to, those of the address book, and those
 * that are only asked for addresses. Core: CConnman::ThreadOpenConnections.
 */
export class OutboundPlanner {
  readonly #options: OutboundPlannerOptions;
  readonly #added: AddedNodes;
  readonly #slots: OutboundSlots;
  readonly #seeding: Seeding;
  readonly #staleTip: StaleTip;
  /** Addresses that turned out to be ours. */
  readonly #own = new BoundedSet<string>(MAX_OWN);

  constructor(options: OutboundPlannerOptions) {
    this.#options = options;
    const { params, random, book, anchors, connect, seeds, resolver, log } = options;
    const { dnsSeeds, fixedSeeds, defaultPort: port } = params;
    const mayCall = (address: NetAddress, kind: CallKind) => this.#mayCall(address, kind);
    this.#added = new AddedNodes(connect, () => uniform(random, 1));
    this.#slots = new OutboundSlots(book, random, { anchors, mayCall });
    this.#seeding = new Seeding({
      book,
      random,
      resolver,
      dnsSeeds,
      fixedSeeds,
      port,
      seedNodes: seeds,
      log,
    });
    this.#staleTip = new StaleTip(params.targetSpacing);
  }

  /** Not ourselves, not banned, discouraged or called already, and with the services that we need. */
  #mayCall({ ip, port, services }: NetAddress, kind: CallKind): boolean {
    const { isBarred, isTipRecent } = this.#options;
    const host = formatIp(ip);
    const isEnough = kind === "feeler" || isWorthCalling(services, isTipRecent());
    const isTaken = this.#own.has(keyOf({ ip, port })) || this.#added.has({ host, port });
    return isEnough && !isTaken && !isBarred(host);
  }

  /** Those that we were told to stay connected to. */
  get added(): AddedNodes {
    return this.#added;
  }

  /** The peers to call now, and those to disconnect because there is no place. */
  due(
    peers: readonly Peer[],
    blocks: BlocksUnderWay,
    now: Milliseconds,
  ): { readonly calls: readonly CallTo[]; readonly surplus: PeerId | undefined } {
    const elapsed = this.#options.stopwatch.now();
    const calls: CallTo[] = this.#added
      .due(elapsed)
      .map((address) => ({ address, kind: "manual" }));
    if (!this.#options.looksForPeers) return { calls, surplus: undefined };
    const chosen = peers.filter(({ kind }) => kind === "outbound");
    const surplus = this.#staleTip.surplus(
      chosen.map(({ id, connectedAt, lastBlockAt }) => {
        return { id, connectedAt, lastBlockAt, busy: blocks.isBusy(id) };
      }),
      MAX_OUTBOUND,
      now,
    );
    const extra = this.#staleTip.wantsExtra(now, blocks.pending > 0) ? 1 : 0;
    // A peer that was only asked for addresses may be worth a call to stay.
    const staying = peers.filter(({ id, kind }) => id !== surplus && kind !== "addr-fetch");
    const contacts = staying.map(contactOf);
    for (const { kind, address } of this.#slots.due(contacts, now, extra, elapsed)) {
      calls.push({ kind, address: { host: formatIp(address.ip), port: address.port } });
    }
    for (const address of this.#seeding.due(chosen.length, now)) {
      calls.push({ kind: "addr-fetch", address });
    }
    return { calls, surplus };
  }

  tipChanged(now: Milliseconds): void {
    this.#staleTip.tipChanged(now);
  }

  /** A peer that we called is a node of our network, so its address is kept and told to others. */
  answered(
    { kind, netAddress: address }: Pick<Peer, "kind" | "netAddress">,
    now: Milliseconds,
  ): void {
    const { looksForPeers, book } = this.#options;
    if (!looksForPeers || !isUsable(address.ip)) return;
    if (isChosen(kind)) {
      this.#slots.answered(address, now);
      return;
    }
    book.add([{ ...address, time: Math.floor(now / 1000) }], address.ip, now);
    book.good(address, now);
  }

  /** A call came to nothing, or the connection to an end. @returns milliseconds until the next, if that is known */
  failed(kind: PeerKind, { host, port }: PeerAddress, now: Milliseconds): number | undefined {
    if (kind === "manual") {
      return this.#added.failed({ host, port }, this.#options.stopwatch.now());
    }
    if (isChosen(kind)) this.#slots.failed({ ip: ipOf(host), port, services: 0n }, now);
    return undefined;
  }

  /** It broke a rule, or stalled: if we are to stay connected to it, then not at once. */
  disappointed({ kind, address }: Peer): void {
    if (kind === "manual") this.#added.disappointed(address);
  }

  /** We have called ourselves. */
  isOurselves({ address, netAddress }: Peer): void {
    this.#added.giveUp(address);
    this.#own.add(keyOf(netAddress));
  }
}

function contactOf({ reachableAt: address, inbound, kind }: Peer): Contact {
  return { address, inbound, kind: isChosen(kind) ? kind : undefined };
}

/** Whether we have called of our own accord. */
export function isChosen(kind: PeerKind): kind is CallKind {
  return isStaying(kind) || kind === "feeler";
}

/** Whether we have called of our own accord, to stay. */
export function isStaying(kind: PeerKind): boolean {
  return kind === "outbound" || kind === "block-relay";
}
