/** Decides which callers are let in, and which peer is evicted for that. */
import { type Milliseconds, Reader, type SipHashKey, sipHash } from "@chain/core";
import type { PeerId } from "../../events.ts";
import type { PeerAddress, Random } from "../../ports.ts";
import { groupOf, ipOf } from "../kit/addresses.ts";
import { BoundedSet } from "../kit/boundedSet.ts";
import type { Peer } from "../peer/peer.ts";
import type { BanList } from "./banList.ts";
import { type EvictionCandidate, selectEviction } from "./eviction.ts";

/** Inbound peers at a time. Core: 125 connections, less eight, two for blocks alone and a feeler of its own. */
const DEFAULT_MAX_INBOUND = 114;
/** A peer that has not finished the handshake by then is evicted first where there is no room. Milliseconds. */
const PATIENCE: Milliseconds = 1_000;
/** Hosts of rule breakers that are remembered. */
const MAX_DISCOURAGED = 10_000;
/** No ping has come back yet. */
const UNKNOWN_LATENCY: Milliseconds = /* @__PURE__ */ (() => Number.MAX_SAFE_INTEGER)();

export type Admission =
  | { readonly admitted: false; readonly why: string; readonly full: boolean }
  | { readonly admitted: true; readonly evict?: { readonly peer: PeerId; readonly why: string } };

export interface AdmissionOptions {
  /** All inbound peers. */
  readonly inbound: readonly Peer[];
  /** Whether the handshake with one of them is done. */
  readonly isReady: (peer: PeerId) => boolean;
  /** Whether bans don't count for this caller. */
  readonly isWelcome?: boolean;
}

/**
 * Decides whether an inbound connection is accepted: it keeps out hosts that are banned or discouraged, and evicts
 * the least useful peer where all places are taken. Core: CConnman::CreateNodeFromAcceptedSocket,
 * AttemptToEvictConnection.
 */
export class ConnectionAdmission {
  readonly maxInbound: number;
  readonly bans: BanList;
  readonly #discouraged = new BoundedSet<string>(MAX_DISCOURAGED);
  readonly #key: SipHashKey;

  constructor(options: {
    readonly random: Random;
    readonly bans: BanList;
    readonly maxInbound?: number | undefined;
  }) {
    this.maxInbound = options.maxInbound ?? DEFAULT_MAX_INBOUND;
    this.bans = options.bans;
    const reader = new Reader(options.random.bytes(16));
    this.#key = { k0: reader.u64(), k1: reader.u64() };
  }

  /** Remembers a rule breaker, but never the machine that we run on: others there are innocent. Core does the same. */
  discourage(host: string): void {
    if (!isLocal(host)) this.#discouraged.add(host);
  }

  /** Why there is to be no connection with a host, in either direction; undefined where there may be. */
  bars(host: string, now: Milliseconds): string | undefined {
    if (this.bans.has(ipOf(host), now)) return "it is banned";
    return this.#discouraged.has(host) ? "it broke a rule before" : undefined;
  }

  /** Whether a caller is let in. */
  admit({ host }: PeerAddress, options: AdmissionOptions, now: Milliseconds): Admission {
    const { isReady, isWelcome = false } = options;
    const barred = isWelcome ? undefined : this.bars(host, now);
    if (barred !== undefined) return { admitted: false, why: barred, full: false };
    if (options.inbound.length < this.maxInbound) return { admitted: true };
    const inbound = options.inbound.filter(({ permissions }) => !permissions.has("noban"));
    // Neither a silent connection nor one host with many connections may keep others out.
    const silent = inbound.find(
      ({ id, connectedAt }) => connectedAt <= now - PATIENCE && !isReady(id),
    );
    if (silent !== undefined) {
      return { admitted: true, evict: { peer: silent.id, why: "no handshake, and others wait" } };
    }
    const peer =
      selectEviction(inbound.map((each) => this.#candidate(each))) ??
      youngestOfCrowd(inbound, host);
    if (peer !== undefined) {
      return { admitted: true, evict: { peer, why: "others wait for a place" } };
    }
    return {
      admitted: false,
      why: `${this.maxInbound} inbound connections are enough`,
      full: true,
    };
  }

  #candidate(peer: Peer): EvictionCandidate {
    const { id, connectedAt, lastBlockAt, lastTransactionAt, netAddress, address, session } = peer;
    const group = groupOf(netAddress);
    const letters = Uint8Array.from(group, (letter) => letter.charCodeAt(0));
    const { low, high } = sipHash(this.#key, letters);
    return {
      id,
      connectedAt,
      lastBlockAt,
      lastTransactionAt,
      group,
      latencyMs: session.peer?.leastLatencyMs ?? UNKNOWN_LATENCY,
      relaysTransactions: session.peer?.relay ?? false,
      local: isLocal(address.host),
      groupRank: high * 2 ** 32 + low,
    };
  }
}

/**
 * The last to come from the host with most connections, if a newcomer's host has clearly fewer: where all are few
 * enough to be worth keeping, one host must not have all places.
 */
function youngestOfCrowd(inbound: readonly Peer[], newcomer: string): PeerId | undefined {
  const counts = new Map<string, number>();
  for (const { address } of inbound) counts.set(address.host, (counts.get(address.host) ?? 0) + 1);
  const countOf = ({ address }: Peer) => counts.get(address.host) ?? 0;
  const strangers = inbound.filter(({ address }) => !isLocal(address.host));
  const most = Math.max(0, ...strangers.map(countOf));
  if (most <= (counts.get(newcomer) ?? 0) + 1) return undefined;
  return strangers.findLast((peer) => countOf(peer) === most)?.id;
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127\./.test(host);
}
