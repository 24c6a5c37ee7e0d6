import {
  Block,
  type BlockHash,
  type HeaderNode,
  partialMerkleTree,
  type Seconds,
  type Transaction,
  type Txid,
  type Wtxid,
} from "@chain/core";
import { StorageError } from "@chain/storage";
import {
  type InventoryItem,
  type MessageOf,
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_FILTERED_BLOCK,
  MSG_TX,
  MSG_WITNESS_FLAG,
  MSG_WTX,
} from "@chain/wire";
import type { ChainManager } from "../../chain/manager.ts";
import { BLOCKS_TO_KEEP } from "../../chain/pruning.ts";
import type { PeerId } from "../../events.ts";
import type { Clock, Log } from "../../ports.ts";
import { compactBlock } from "../blocks/compactBlock.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";
import type { Peer } from "../peer/peer.ts";
import type { UploadBudget } from "../peer/uploadBudget.ts";
import { BYTES_PER_UNIT } from "../peer/validationBudget.ts";
import type { PeerState } from "./peerState.ts";
import {
  blocksAfter,
  headersAfter,
  isRecentlyStale,
  strippedTransaction,
  withoutWitness,
} from "./serving.ts";

/** Blocks so much older than the best are for peers that catch up. Core: HISTORICAL_BLOCK_AGE. Seconds. */
const HISTORICAL_AGE: Seconds = 7 * 24 * 60 * 60;
/** Seconds. */
const HOUR: Seconds = 60 * 60;

/** How far below the tip blocks are sent in compact form. Core: MAX_CMPCTBLOCK_DEPTH, MAX_BLOCKTXN_DEPTH. */
const MAX_COMPACT_DEPTH = 5;
const MAX_TRANSACTIONS_DEPTH = 10;

export interface RequestHandlerOptions {
  readonly chain: ChainManager;
  readonly state: PeerState;
  readonly clock: Clock;
  readonly log: Log;
  /** A random number. */
  readonly nonce: () => bigint;
  readonly perform: (actions: readonly NetAction[]) => void;
  readonly upload: UploadBudget;
  /** Lets others go on where that is due. */
  readonly turn: (peer: Peer) => Promise<void> | undefined;
}

/**
 * Answers what peers ask for: headers, blocks, transactions (`getheaders`, `getblocks`, `getdata`, `getblocktxn`).
 * Core: ProcessGetData, ProcessGetBlockData.
 */
export class RequestHandler {
  readonly #options: RequestHandlerOptions;
  /** The hash after which a peer that reads by `getblocks` is told of our tip, so that it asks for more. */
  readonly #continueAfter = new Map<PeerId, BlockHash>();
  /** The last blocks in compact form: made once, or a small question would cost us the names of all transactions. */
  readonly #compact = new Map<BlockHash, MessageOf<"cmpctblock">>();
  /** Told in the log once. */
  readonly #unreadable = new Set<BlockHash>();
  /** The block that was connected last: peers ask for it most. */
  #lastBlock: Block | undefined;
  /** Its transactions by both names; made when a peer asks for one. */
  #lastTransactions: ReadonlyMap<string, Transaction> | undefined;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
  }

  /** The peer has gone. */
  remove(peer: PeerId): void {
    this.#continueAfter.delete(peer);
  }

  /** The tip in compact form, if it is the block that was connected last. */
  get compactTip(): MessageOf<"cmpctblock"> | undefined {
    const block = this.#lastBlock;
    return block?.hash === this.#options.chain.tip.hash
      ? this.#compactForm(block.hash, () => block)
      : undefined;
  }

  connected(block: Block): void {
    this.#lastBlock = block;
    this.#lastTransactions = undefined;
  }

  /** Transactions that wait here or were in the last block, and blocks; the rest is not found. */
  async getData(peer: Peer, items: readonly InventoryItem[]): Promise<void> {
    const missing: InventoryItem[] = [];
    for (const item of items) {
      const turn = this.#options.turn(peer);
      if (turn !== undefined) await turn;
      if (peer.closed) return;
      const plain = item.type & ~MSG_WITNESS_FLAG;
      const witness = (item.type & MSG_WITNESS_FLAG) !== 0;
      if (plain === MSG_TX || item.type === MSG_WTX) {
        const transaction = this.#transactionFor(peer.id, item);
        if (transaction === undefined) missing.push(item);
        else this.#sendTransaction(peer.id, transaction, item.type === MSG_WTX || witness);
      } else if (this.#isTooMuch(peer, item)) {
        this.#perform([disconnect(peer.id, "historical block serving limit reached")]);
        return;
      } else if (this.#isTooOld(peer, item)) {
        const why = "ignore block request below NODE_NETWORK_LIMITED threshold";
        this.#perform([disconnect(peer.id, why)]);
        return;
      } else if (item.type === MSG_CMPCT_BLOCK) {
        const raw = await this.#servable(item.hash as BlockHash);
        if (raw === undefined) missing.push(item);
        else this.#sendCompact(peer, item.hash as BlockHash, raw);
      } else if (item.type === MSG_FILTERED_BLOCK) {
        await this.#sendFiltered(peer, item.hash as BlockHash);
      } else if (plain === MSG_BLOCK) {
        const raw = await this.#servable(item.hash as BlockHash);
        if (raw === undefined) missing.push(item);
        else this.#sendBlock(peer, item.hash as BlockHash, witness ? raw : withoutWitness(raw));
      } // other types: ignored, as Core does with what it does not know
    }
    if (missing.length > 0)
      this.#perform([sendMessage(peer.id, { command: "notfound", items: missing })]);
  }

  /** A peer that was told of it before the block came may still need it to reconstruct that. Core: FindTxForGetData. */
  #transactionFor(peer: PeerId, { type, hash }: InventoryItem): Transaction | undefined {
    const { chain, state } = this.#options;
    const { mempool } = chain;
    const byWtxid = type === MSG_WTX;
    const entry = byWtxid ? mempool.getByWtxid(hash as Wtxid) : mempool.get(hash as Txid);
    if (entry !== undefined && state.relay.mayAsk(peer, entry)) return entry.transaction;
    const { transactions = [] } = this.#lastBlock ?? {};
    this.#lastTransactions ??= new Map<string, Transaction>(
      transactions.flatMap((each) => [
        [each.txid, each],
        [each.wtxid, each],
      ]),
    );
    const confirmed = this.#lastTransactions.get(hash);
    return confirmed?.[byWtxid ? "wtxid" : "txid"] === hash ? confirmed : undefined;
  }

  #sendTransaction(peer: PeerId, whole: Transaction, witness: boolean): void {
    this.#options.state.unbroadcast.seen(whole.txid);
    const transaction = witness ? whole : strippedTransaction(whole);
    this.#perform([sendMessage(peer, { command: "tx", transaction })]);
  }

  /** Whether it is an old block, and as much was sent today as may be. */
  #isTooMuch({ permissions }: Peer, { hash }: InventoryItem): boolean {
    const { chain, upload, clock } = this.#options;
    if (permissions.has("download") || !upload.isReached(clock.now(), true)) return false;
    const time = chain.headers.get(hash as BlockHash)?.time;
    return time !== undefined && chain.bestHeader.time - time > HISTORICAL_AGE;
  }

  /**
   * Whether it is an old block of a node that prunes: which of those are still there tells one node from another. Core:
   * ProcessGetBlockData.
   */
  #isTooOld({ permissions }: Peer, { hash }: InventoryItem): boolean {
    const { chain } = this.#options;
    const isWhole = chain.pruning === undefined && chain.snapshot.progress === undefined;
    if (isWhole || permissions.has("noban")) return false;
    const node = chain.headers.get(hash as BlockHash);
    return node !== undefined && chain.tip.height - node.height > BLOCKS_TO_KEEP + 2;
  }

  /** A block that our disk does not give back is not found: the peer asks others, and is not to blame for it. */
  async #servable(hash: BlockHash): Promise<Uint8Array | undefined> {
    try {
      const node = await this.shown(hash);
      const raw = node && (await this.#options.chain.getRawBlock(node.hash));
      this.#unreadable.delete(hash);
      return raw;
    } catch (error) {
      if (!(error instanceof StorageError) || error.code === "closed") throw error;
      if (!this.#unreadable.has(hash) && !this.#options.chain.isUnreadable(hash)) {
        const sentence = `block ${hash} can't be read, so peers are told that it is not here`;
        this.#options.log("error", "store", `${sentence}: ${error.message}`);
      }
      this.#unreadable.add(hash);
      return undefined;
    }
  }

  /** A block of the best chain, or one that was on it lately. */
  async shown(hash: BlockHash): Promise<HeaderNode | undefined> {
    const { chain } = this.#options;
    const { headers: tree } = chain;
    const node = tree.get(hash);
    if (node === undefined || tree.isActive(node)) return node;
    if (!isRecentlyStale(tree, node, chain.params.targetSpacing)) return undefined;
    return (await chain.wasConnected(hash)) ? node : undefined;
  }

  /** No peer has the transactions of an old block in its mempool, so it goes whole. */
  #sendCompact(peer: Peer, hash: BlockHash, raw: Uint8Array): void {
    if (this.#isWithin(hash, MAX_COMPACT_DEPTH)) {
      const message = this.#compactForm(hash, () => Block.fromBytes(raw));
      this.#perform([sendMessage(peer.id, message)]);
    } else this.#sendBlock(peer, hash, raw);
  }

  /** A block in compact form, the same for all peers that ask. */
  #compactForm(hash: BlockHash, block: () => Block): MessageOf<"cmpctblock"> {
    const known = this.#compact.get(hash);
    if (known !== undefined) return known;
    const message = compactBlock(block(), this.#options.nonce());
    this.#compact.set(hash, message);
    for (const oldest of this.#compact.keys()) {
      if (this.#compact.size <= MAX_COMPACT_DEPTH + 1) break;
      this.#compact.delete(oldest);
    }
    return message;
  }

  #isWithin(hash: BlockHash, depth: number): boolean {
    const { headers: tree, tip } = this.#options.chain;
    const node = tree.get(hash);
    return node !== undefined && tree.isActive(node) && node.height + depth >= tip.height;
  }

  /**
   * The transactions of a block that a peer lacks; of an old one, and where a peer has asked too often, the whole
   * block.
   */
  async blockTransactions(
    peer: Peer,
    { blockHash, indexes }: MessageOf<"getblocktxn">,
  ): Promise<void> {
    const block = await this.#decodedBlock(peer, blockHash);
    if (block === undefined) return;
    const { transactions: all } = block;
    const transactions = indexes.flatMap((index) => all[index] ?? []);
    this.#perform([
      transactions.length === indexes.length
        ? sendMessage(peer.id, { command: "blocktxn", blockHash, transactions })
        : disconnect(peer.id, "getblocktxn with out-of-bounds tx indices", true),
    ]);
  }

  /** A recent block, taken apart; others are sent whole. */
  async #decodedBlock(peer: Peer, hash: BlockHash): Promise<Block | undefined> {
    const isRecent = this.#isWithin(hash, MAX_TRANSACTIONS_DEPTH);
    // A new block is asked for by many peers at once.
    if (isRecent && this.#lastBlock?.hash === hash) return this.#lastBlock;
    const raw = await this.#servable(hash);
    if (raw === undefined) {
      const items = [{ type: MSG_BLOCK, hash }];
      if (this.#unreadable.has(hash))
        this.#perform([sendMessage(peer.id, { command: "notfound", items })]);
      return undefined;
    }
    const now = this.#options.clock.now();
    if (!isRecent || peer.validation.isSpent(now)) {
      this.#sendBlock(peer, hash, raw);
      return undefined;
    }
    // One number can make us take a whole block apart.
    peer.validation.charge(raw.length / BYTES_PER_UNIT, now);
    return Block.fromBytes(raw);
  }

  /** The header of a block with a proof, and the transactions that match the peer's filter. Without one: nothing. */
  async #sendFiltered(peer: Peer, hash: BlockHash): Promise<void> {
    const { id } = peer;
    const filter = this.#options.state.relay.filterOf(id);
    const raw = filter && (await this.#servable(hash));
    if (filter === undefined || raw === undefined) return;
    const { header, transactions } = Block.fromBytes(raw);
    const matches = transactions.map((transaction) => filter.matches(transaction));
    const txids = transactions.map(({ txid }) => txid);
    const tree = partialMerkleTree(txids, matches);
    this.#perform([
      sendMessage(id, { command: "merkleblock", header, ...tree }),
      ...transactions
        .filter((_, i) => matches[i])
        .map((each) => sendMessage(id, { command: "tx", transaction: strippedTransaction(each) })),
    ]);
    this.#goOn(id, hash);
  }

  #sendBlock(peer: Peer, hash: BlockHash, raw: Uint8Array): void {
    const { id } = peer;
    this.#perform([sendMessage(id, { command: "block", raw })]);
    this.#goOn(id, hash);
  }

  /** Tells a peer that reads by `getblocks` of our tip, once it has the last block that it was told of. */
  #goOn(id: PeerId, hash: BlockHash): void {
    if (this.#continueAfter.get(id) !== hash) return;
    this.#continueAfter.delete(id);
    const { tip } = this.#options.chain;
    this.#perform([
      sendMessage(id, { command: "inv", items: [{ type: MSG_BLOCK, hash: tip.hash }] }),
    ]);
  }

  /** An empty locator asks for one header, and where that is not to be had there is no answer. */
  async getHeaders(peer: PeerId, { locator, stopHash }: MessageOf<"getheaders">): Promise<void> {
    const { chain, state } = this.#options;
    const one = locator.length === 0 ? await this.shown(stopHash) : undefined;
    if (locator.length === 0 && one === undefined) return;
    const nodes = one === undefined ? headersAfter(chain.headers, locator, stopHash) : [one];
    // After this answer it knows our last header, and that is what the next announcement builds on.
    state.announcer.told(peer, nodes.at(-1) ?? chain.tip);
    this.#perform([
      sendMessage(peer, { command: "headers", headers: nodes.map(({ header }) => header) }),
    ]);
  }

  getBlocks(peer: PeerId, { locator, stopHash }: MessageOf<"getblocks">): void {
    const { chain } = this.#options;
    // Core: nPrunedBlocksLikelyToHave. An hour of blocks may go while it reads.
    const kept = BLOCKS_TO_KEEP - Math.trunc(HOUR / chain.params.targetSpacing);
    const above = chain.pruning === undefined ? -1 : chain.tip.height - kept;
    const { nodes, more } = blocksAfter(chain.headers, locator, stopHash, above);
    const last = nodes.at(-1);
    if (last === undefined) return;
    if (more) this.#continueAfter.set(peer, last.hash);
    const items = nodes.map(({ hash }) => ({ type: MSG_BLOCK, hash }));
    this.#perform([sendMessage(peer, { command: "inv", items })]);
  }

  #perform(actions: readonly NetAction[]): void {
    this.#options.perform(actions);
  }
}
