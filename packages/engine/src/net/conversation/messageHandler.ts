import { type BlockHeader, isMoney, type Transaction } from "@chain/core";
import {
  type AddressV2,
  BIP31_VERSION,
  type Command,
  formatIp,
  type InventoryItem,
  internetAddress,
  isOverlay,
  type Message,
  type MessageOf,
  NODE_BLOOM,
  sanitizeText,
} from "@chain/wire";
import type { ChainEvent, PeerId } from "../../events.ts";
import type { BlockFilterSource, Clock } from "../../ports.ts";
import { BlockHandler } from "../blocks/blockHandler.ts";
import { CompactBlockHandler } from "../blocks/compactBlockHandler.ts";
import type { Gossip } from "../gossip/addressRelay.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";
import { formatPeerAddress } from "../kit/addresses.ts";
import { offeredTo } from "../kit/services.ts";
import type { Unread } from "../peer/messageQueue.ts";
import { MisbehaviorHandler, nextLogLevel } from "../peer/misbehaviorHandler.ts";
import type { Peer } from "../peer/peer.ts";
import { TransactionHandler } from "../transactions/transactionHandler.ts";
import { BlockFilterHandler } from "./blockFilterHandler.ts";
import { BloomFilterHandler } from "./bloomFilterHandler.ts";
import { RequestHandler, type RequestHandlerOptions } from "./requestHandler.ts";

/** A longer `notfound` is ignored, because so much is never asked of one peer. Core: ProcessMessage, NOTFOUND. */
const MAX_ASKED = 5_016;
/** A larger compact block has more short ids than blocks have transactions, or whole transactions. Bytes. */
const MAX_USUAL = 100_000;

export interface MessageHandlerOptions extends RequestHandlerOptions {
  readonly blockFilters?: BlockFilterSource;
  /** The services that we offer. */
  readonly services: () => bigint;
  /** Has the announcements of transactions that `state.relay` gathers sent when they are due. */
  readonly scheduleAnnouncements: () => void;
  /** Measures what a peer costs. */
  readonly stopwatch: Clock;
}

/** A handler for each message. */
type Handlers = {
  readonly [Name in Command]: (peer: Peer, message: MessageOf<Name>) => void | Promise<void>;
};

const isDone = (): void => {};

/**
 * Hands each message of a peer, and each change of the chain, to what knows what to do about it: blocks to `BlockHandler`
 * and `CompactBlockHandler`, transactions to `TransactionHandler`, questions to `RequestHandler`. The rest is done here.
 */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  readonly #requests: RequestHandler;
  readonly #blocks: BlockHandler;
  readonly #compactBlocks: CompactBlockHandler;
  readonly #transactions: TransactionHandler;
  readonly #handlers: Handlers;

  constructor(options: MessageHandlerOptions) {
    const { state, log, perform } = options;
    const { orphans } = state;
    const hearsReasons = (peer: PeerId) => state.hearsReasons(peer);
    const misbehavior = new MisbehaviorHandler({ log, perform, hearsReasons });
    const requests = new RequestHandler(options);
    const compactTip = () => requests.compactTip;
    const blocks = new BlockHandler({ ...options, misbehavior, compactTip });
    this.#options = options;
    this.#requests = requests;
    this.#blocks = blocks;
    this.#compactBlocks = new CompactBlockHandler({ ...options, orphans, misbehavior, blocks });
    this.#transactions = new TransactionHandler({ ...options, misbehavior });
    this.#handlers = this.#table();
  }

  #table(): Handlers {
    const { state } = this.#options;
    const requests = this.#requests;
    const blockFilters = new BlockFilterHandler({
      ...this.#options,
      shown: (hash) => requests.shown(hash),
    });
    const bloomFilters = new BloomFilterHandler(this.#options);
    const blocks = this.#blocks;
    const compactBlocks = this.#compactBlocks;
    const transactions = this.#transactions;
    return {
      // Blocks.
      headers: (peer, { headers }) => this.#onHeaders(peer, headers),
      block: (peer, { raw }) => blocks.processRawBlock(peer, raw),
      sendheaders: ({ id }) => state.announcer.wantsHeaders(id),
      sendcmpct: ({ id }, message) => state.compact.offered(id, message),
      cmpctblock: (peer, message) => compactBlocks.processCompactBlock(peer, message),
      blocktxn: (peer, message) => compactBlocks.processBlockTransactions(peer, message),
      // Transactions.
      tx: (peer, { transaction }) => transactions.processTransaction(peer, transaction),
      feefilter: ({ id }, { feeRate }) => {
        // Core ignores rates that no amount of money can pay.
        if (isMoney(feeRate)) state.relay.setMinFeeRate(id, feeRate);
      },
      mempool: (peer) => this.#onMempool(peer),
      // Both.
      inv: (peer, { items }) => this.#onInv(peer, items),
      notfound: ({ id }, { items }) => this.#onNotFound(id, items),
      // Questions.
      getdata: (peer, { items }) => requests.getData(peer, items),
      getheaders: ({ id }, message) => requests.getHeaders(id, message),
      getblocks: ({ id }, message) => requests.getBlocks(id, message),
      getblocktxn: (peer, message) => requests.blockTransactions(peer, message),
      // Filters of blocks.
      getcfilters: (peer, message) => blockFilters.filters(peer, message),
      getcfheaders: (peer, message) => blockFilters.headers(peer, message),
      getcfcheckpt: (peer, message) => blockFilters.checkpoints(peer, message),
      // Bloom filters.
      filterload: (peer, message) => bloomFilters.load(peer, message),
      filteradd: (peer, message) => bloomFilters.add(peer, message),
      filterclear: (peer) => bloomFilters.clear(peer),
      // Answers that a full node asks nobody for.
      cfilter: isDone,
      cfheaders: isDone,
      cfcheckpt: isDone,
      merkleblock: isDone,
      // Addresses.
      getaddr: (peer) => this.#onGetAddresses(peer),
      addr: (peer, { addresses }) => this.#onAddresses(peer, addresses),
      addrv2: (peer, { addresses }) => this.#onAddresses(peer, understood(addresses)),
      // The connection.
      ping: (peer, { nonce }) => this.#onPing(peer, nonce),
      reject: (peer, message) => this.#onReject(peer, message),
      // The session has done what they ask for.
      version: isDone,
      verack: isDone,
      wtxidrelay: isDone,
      sendaddrv2: isDone,
      pong: isDone,
    };
  }

  /** The peer has disconnected. */
  remove(peer: PeerId): void {
    this.#requests.remove(peer);
    this.#blocks.remove(peer);
  }

  /** Resolves when no orphan is being checked again. */
  idle(): Promise<void> {
    return this.#transactions.idle();
  }

  /** A message has come, and will be handled after those before it. */
  arrived(peer: Peer, message: Message): void {
    if (message.command === "block") this.#blocks.arrived(peer, message.raw);
  }

  /** Whether a large message is worth the work of decoding it. */
  wants({ id, validation, forBlocksAlone }: Peer, { command, payload }: Unread): boolean {
    const { chain, state, clock } = this.#options;
    if (command === "blocktxn") return state.compact.isWaiting(id);
    if (command === "tx" && chain.initialDownload && !forBlocksAlone) return false;
    const isDear = command === "tx" || (command === "cmpctblock" && payload.length > MAX_USUAL);
    return !isDear || !validation.isSpent(clock.now());
  }

  /** Handles one message to the end, including what has to be read from disk or checked for it. */
  async handle(peer: Peer, message: Message): Promise<void> {
    // The type of `Handlers` says that they belong together, but TypeScript can't follow it through a union.
    const handler = this.#handlers[message.command] as (
      peer: Peer,
      message: Message,
    ) => void | Promise<void>;
    await handler(peer, message);
  }

  /** Handles a change of the chain or of the mempool. @returns the actions for peers */
  onChainEvent(event: ChainEvent): readonly NetAction[] {
    if (event.type === "block-connected") this.#requests.connected(event.block);
    // Transactions first: once the next blocks are asked for, their announcements wait for those.
    const actions = [
      ...this.#transactions.onChainEvent(event),
      ...this.#blocks.onChainEvent(event),
    ];
    if (event.type !== "tip-changed") return actions;
    const { state, clock } = this.#options;
    return [...actions, ...state.chainSync.tick(clock.now())];
  }

  async #onHeaders(peer: Peer, headers: readonly BlockHeader[]): Promise<void> {
    await this.#blocks.processHeaders(peer, headers);
    const { state, clock } = this.#options;
    this.#perform(state.chainSync.told(peer.id, clock.now()));
  }

  /** Announces a transaction of the mempool to all peers that do not know it. */
  announce(transaction: Transaction): void {
    this.#transactions.announce(transaction);
  }

  #onInv(peer: Peer, items: readonly InventoryItem[]): void {
    this.#transactions.processInv(peer, items);
    if (!peer.closed) this.#blocks.processInv(peer.id, items);
  }

  #onNotFound(peer: PeerId, items: readonly InventoryItem[]): void {
    if (items.length > MAX_ASKED) return;
    this.#perform([
      ...this.#transactions.processNotFound(peer, items),
      ...this.#blocks.processNotFound(peer, items),
    ]);
  }

  /** It belongs to Bloom filters (BIP-0035, BIP-0037): where those are not offered, only peers with a permission may ask. */
  #onMempool({ id, permissions }: Peer): void {
    const { state, scheduleAnnouncements, services, upload, clock } = this.#options;
    const isOffered = (offeredTo(services(), permissions) & NODE_BLOOM) !== 0n;
    const isTooMuch = upload.isReached(clock.now(), false);
    if (permissions.has("mempool") || (isOffered && !isTooMuch)) {
      state.relay.tell(id, state.waiting());
      scheduleAnnouncements();
    } else if (!permissions.has("noban")) {
      const why = isOffered ? "bandwidth limit reached" : "bloom filters disabled";
      this.#perform([disconnect(id, `mempool request with ${why}`)]);
    }
  }

  #onGetAddresses({ id, kind, name }: Peer): void {
    const { state, clock, log } = this.#options;
    if (!state.addresses.answers(id)) {
      const fields = { event: "getaddr-ignored", peer: id, kind };
      log("debug", "net", `ignored getaddr of ${name}`, fields);
      return;
    }
    this.#perform(state.addresses.asked(id, clock.now()));
  }

  #onAddresses(peer: Peer, addresses: readonly Gossip[]): void {
    const { state, clock, log } = this.#options;
    const { id, kind, name } = peer;
    const { offered, fresh } = state.addresses.received(id, addresses, clock.now());
    if (fresh.length > 0) {
      const list = fresh.map(({ ip, port }) => formatPeerAddress({ host: formatIp(ip), port }));
      const fields = { event: "addresses-added", peer: id, offered, addresses: list.join(" ") };
      const text = `new addresses of ${name}: ${fields.addresses}`;
      log("debug", "net", text, { ...fields, source: peer.address.host });
    }
    // Its own address is no answer.
    if (kind === "addr-fetch" && addresses.length > 1) {
      this.#perform([disconnect(id, "it has told us of others, and that is all we wanted")]);
    }
  }

  /** Answered after all messages that came before it, because peers rely on that, Core's tests among them. */
  #onPing({ id, session }: Peer, nonce: bigint): void {
    const isAnswered = (session.peer?.protocolVersion ?? 0) > BIP31_VERSION;
    if (isAnswered) this.#perform([sendMessage(id, { command: "pong", nonce })]);
  }

  #onReject(peer: Peer, { rejected, reason }: MessageOf<"reject">): void {
    const text = `${peer.name} refused our ${sanitizeText(rejected)}: ${sanitizeText(reason)}`;
    this.#options.log(nextLogLevel(peer), "net", text, { peer: peer.id });
  }

  #perform(actions: readonly NetAction[]): void {
    this.#options.perform(actions);
  }
}

/** Of addresses on all kinds of networks, those on networks that we know of. */
function understood(addresses: readonly AddressV2[]): readonly Gossip[] {
  return addresses.flatMap((entry) => {
    const address = internetAddress(entry);
    if (address !== undefined) return { ...address, time: entry.time };
    return isOverlay(entry) ? entry : [];
  });
}
