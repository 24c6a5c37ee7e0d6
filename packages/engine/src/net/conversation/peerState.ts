import {
  feeRate,
  type HeaderTree,
  type Milliseconds,
  type Sha256,
  type Txid,
  type Wtxid,
} from "@chain/core";
import { NODE_WITNESS, type PeerInfo, REJECT_VERSION, WTXID_RELAY_VERSION } from "@chain/wire";
import type { ChainManager } from "../../chain/manager.ts";
import type { PeerId } from "../../events.ts";
import type { Log, Random } from "../../ports.ts";
import { BlockAnnouncer } from "../blocks/blockAnnouncer.ts";
import { BlockDownload } from "../blocks/blockDownload.ts";
import { ChainSyncTimeouts } from "../blocks/chainSyncTimeouts.ts";
import { CompactBlockRelay } from "../blocks/compactBlockRelay.ts";
import { HeaderSync } from "../blocks/headerSync.ts";
import type { AddressRelay } from "../gossip/addressRelay.ts";
import type { NetAction } from "../kit/actions.ts";
import { isPruned, servesBlocks } from "../kit/services.ts";
import type { Peer } from "../peer/peer.ts";
import { FeeFilter } from "../transactions/feeFilter.ts";
import { Orphanage } from "../transactions/orphanage.ts";
import { type Pace, TransactionRelay } from "../transactions/transactionRelay.ts";
import { TransactionRequests } from "../transactions/transactionRequests.ts";
import { Unbroadcast } from "../transactions/unbroadcast.ts";

/** The facts that are known of a peer when the handshake is done. */
type NewPeer = Pick<
  Peer,
  "id" | "inbound" | "kind" | "netAddress" | "permissions" | "forBlocksAlone" | "isOnion" | "door"
>;

/**
 * The node's knowledge of all its peers, one state machine to a topic: headers, download of blocks, relay and so on.
 * Core: Peer and CNodeState.
 */
export class PeerState {
  readonly headers: HeaderSync;
  readonly blocks: BlockDownload;
  readonly announcer: BlockAnnouncer;
  readonly relay: TransactionRelay;
  readonly requests: TransactionRequests;
  readonly orphans: Orphanage;
  readonly unbroadcast: Unbroadcast;
  readonly addresses: AddressRelay;
  readonly feeFilter: FeeFilter;
  readonly chainSync: ChainSyncTimeouts;
  readonly compact: CompactBlockRelay;
  readonly #chain: ChainManager;
  readonly #ready = new Set<PeerId>();
  readonly #hearReasons = new Set<PeerId>();

  constructor(options: {
    readonly chain: ChainManager;
    readonly random: Random;
    readonly log: Log;
    readonly addresses: AddressRelay;
    readonly pace: Pace;
    /** Whether a peer does not read what we have for it, so that nothing of it is handled either. */
    readonly isBlocked: (peer: PeerId) => boolean;
    /** Whether no transactions are taken from peers. */
    readonly blocksOnly: boolean;
    /** SHA-256 of the platform, if there is one. */
    readonly sha256: Sha256 | undefined;
  }) {
    const { chain, random, log, addresses, pace, isBlocked, blocksOnly, sha256 } = options;
    this.unbroadcast = new Unbroadcast(log);
    this.orphans = new Orphanage({ random, log });
    this.compact = new CompactBlockRelay(blocksOnly);
    this.#chain = chain;
    this.addresses = addresses;
    const tree: HeaderTree = chain.headers;
    this.headers = new HeaderSync(tree, chain.params, random, sha256);
    const bestOf = (peer: PeerId) => this.headers.bestOf(peer);
    this.blocks = new BlockDownload(tree, {
      segwitHeight: chain.params.deployments.segwit,
      minimumChainWork: chain.params.minimumChainWork,
      bestOf,
      isCompact: (peer) => this.compact.supports(peer),
      isBlocked,
      unreadable: () => chain.unreadableBlocks(),
      background: () => chain.snapshot.progress,
    });
    this.announcer = new BlockAnnouncer(tree, bestOf);
    this.chainSync = new ChainSyncTimeouts(tree, bestOf);
    const { mempool } = chain;
    this.relay = new TransactionRelay({
      random,
      pace,
      sequence: () => mempool.sequence,
      waiting: (txid) => {
        const entry = mempool.get(txid);
        if (entry === undefined) return undefined;
        const { transaction, fee, size, ancestors } = entry;
        return {
          transaction,
          feeRate: feeRate(fee, size),
          ancestors: ancestors.count,
        };
      },
    });
    this.feeFilter = new FeeFilter({
      random,
      raised: (now) => mempool.raisedFeeRate(now),
      least: mempool.policy.minRelayFeeRate,
    });
    this.requests = new TransactionRequests({
      has: (name) =>
        mempool.get(name as Txid) !== undefined ||
        mempool.getByWtxid(name as Wtxid) !== undefined ||
        this.orphans.has(name),
      isCatchingUp: (now) => chain.initialDownload || this.blocks.isCatchingUp(now),
      delay: pace.requestDelay,
    });
  }

  has(peer: PeerId): boolean {
    return this.#ready.has(peer);
  }

  /**
   * Whether a peer is told why something of it was refused (BIP-0061). Those that are as new as we are know the message
   * no more: Core's tests disconnect a node that sends it.
   */
  hearsReasons(peer: PeerId): boolean {
    return this.#hearReasons.has(peer);
  }

  /** The handshake with a peer is done. */
  add(
    { id, inbound, kind, netAddress: address, permissions, forBlocksAlone, isOnion, door }: NewPeer,
    { protocolVersion, services, relay, wtxidRelay, wantsAddrV2: wantsV2, seesUsAt }: PeerInfo,
    now: Milliseconds,
  ): NetAction[] {
    this.#ready.add(id);
    const isOld = protocolVersion < WTXID_RELAY_VERSION;
    if (protocolVersion >= REJECT_VERSION && isOld) this.#hearReasons.add(id);
    const isPrivate = kind === "block-relay";
    // Outbound peers and peers with permissions cannot be many of one attacker.
    const preferred = !inbound || permissions.has("noban");
    const hello = this.compact.add(id, protocolVersion, !inbound);
    if (!isPrivate) {
      const unlimited = permissions.has("addr");
      const options = { address, inbound, wantsV2, seesUsAt, unlimited, isOnion, door };
      hello.push(...this.addresses.add(id, options, now));
    }
    // Whose transactions are passed on in any case had better send all of them.
    if (!forBlocksAlone && !permissions.has("forcerelay")) {
      hello.push(...this.feeFilter.add(id, protocolVersion, now));
    }
    const witness = (services & NODE_WITNESS) !== 0n;
    this.announcer.add(id);
    const atOnce = permissions.has("noban");
    const mayHear = !isPrivate;
    const wants = relay && mayHear;
    const byWtxid = wtxidRelay;
    const options = { wants, mayHear, byWtxid, inbound, atOnce };
    this.relay.add(id, options, this.waiting(), now);
    const unlimited = permissions.has("relay");
    this.requests.add(id, { witness, outbound: preferred, byWtxid, unlimited });
    // Peers that we were told to call stay, even without that.
    if (kind === "outbound" || isPrivate) this.chainSync.add(id, now, !isPrivate);
    if (kind === "addr-fetch") return hello;
    const serves = servesBlocks(services);
    this.blocks.add(id, { witness, pruned: isPruned(services), serves });
    const trusted = permissions.has("noban");
    return [...hello, ...this.headers.add(id, now, { outbound: preferred, serves, trusted })];
  }

  /** Whether a peer owes us an answer, or is to be asked soon. */
  get isWaiting(): boolean {
    return this.headers.isWaiting || this.blocks.pending > 0 || this.requests.isWaiting;
  }

  /** The ids of the transactions in the mempool. */
  *waiting(): Iterable<Txid> {
    for (const { transaction } of this.#chain.mempool.entries()) yield transaction.txid;
  }

  remove(peer: PeerId, now: Milliseconds): NetAction[] {
    this.#ready.delete(peer);
    this.#hearReasons.delete(peer);
    this.announcer.remove(peer);
    this.orphans.removePeer(peer);
    this.relay.remove(peer);
    this.addresses.remove(peer);
    this.compact.remove(peer);
    this.feeFilter.remove(peer);
    this.chainSync.remove(peer);
    this.blocks.remove(peer);
    return [
      ...this.headers.remove(peer, now),
      ...this.requests.remove(peer, now),
      ...this.blocks.schedule(now),
    ];
  }

  /** @param isBusy whether we have not yet handled all that a peer has sent */
  tick(now: Milliseconds, isBusy: (peer: PeerId) => boolean): NetAction[] {
    this.orphans.expire(now);
    const { mempool } = this.#chain;
    const again = this.unbroadcast.take(now, (txid) => mempool.get(txid) !== undefined);
    return [
      ...this.headers.tick(now, isBusy),
      ...this.chainSync.tick(now),
      ...this.blocks.tick(now),
      ...this.requests.tick(now),
      ...this.relay.repeat(again),
      ...this.addresses.tick(now),
      ...this.feeFilter.tick(now),
    ];
  }
}
