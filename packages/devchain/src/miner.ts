import {
  Block,
  type BlockHash,
  type HeaderNode,
  type Seconds,
  type Transaction,
} from "@chain/core";
import {
  assembleBlock,
  blockTemplate,
  type ChainManager,
  type ProofOfWorkSearch,
  type StopSignal,
} from "@chain/engine";
import type { DevClock } from "./clock.ts";
import { DevChainError } from "./errors.ts";

/** Blocks of which it is remembered how many were made on them. */
const MAX_REMEMBERED = 1_000;

/** Numbers of coinbases from here on are those of branches, so that their blocks differ from all others. */
const FIRST_BRANCH = 1_000_000_000;

/** A block to make. */
export interface BlockOrder {
  readonly payTo: Uint8Array;
  /** Exactly these, with what they leave to the miner in base units; by default those of the mempool that pay most. */
  readonly exactly?: { readonly transactions: readonly Transaction[]; readonly fees: bigint };
  /** Seconds after the block before it, to which the clock moves. Default: the clock says. */
  readonly interval?: Seconds | undefined;
  readonly signal?: StopSignal;
  /** Nonces to try; by default as many as it takes. */
  readonly maxTries?: number | undefined;
}

/** Makes blocks on the tip, and on any other block. Called by one at a time. */
export class BlockMaker {
  readonly #chain: ChainManager;
  readonly #clock: DevClock;
  readonly #search: ProofOfWorkSearch;
  readonly #clockMoved: () => void;
  readonly #made = new Map<BlockHash, number>();
  #branches = FIRST_BRANCH;

  constructor(parts: {
    readonly chain: ChainManager;
    readonly clock: DevClock;
    readonly search: ProofOfWorkSearch;
    /** Hears that the clock was moved. */
    readonly clockMoved: () => void;
  }) {
    this.#chain = parts.chain;
    this.#clock = parts.clock;
    this.#search = parts.search;
    this.#clockMoved = parts.clockMoved;
  }

  /**
   * Makes a block on the tip, and connects it.
   * @returns `undefined` where it was stopped, or found no nonce in so many tries
   * @throws DevChainError `refused` where it breaks a rule
   */
  async mine(order: BlockOrder): Promise<Block | undefined> {
    const { payTo, exactly, interval, signal = { aborted: false }, maxTries } = order;
    const { tip, params } = this.#chain;
    if (interval !== undefined) this.#moveClock(tip.time + interval);
    const now = Math.floor(this.#clock.now() / 1000);
    const time = interval === undefined ? now : tip.time + interval;
    const extraNonce = this.#nextNonce(tip);
    const draft =
      exactly === undefined
        ? blockTemplate(this.#chain, payTo, { time, extraNonce }).block
        : assembleBlock(tip, exactly.transactions, params, {
            ...{ payTo, time, extraNonce, fees: exactly.fees },
          });
    const block = await this.solve(draft, signal, maxTries);
    if (block !== undefined) await this.accept(block);
    return block;
  }

  /** The block with a nonce. */
  async solve(draft: Block, signal: StopSignal, maxTries?: number): Promise<Block | undefined> {
    const header = await this.#search.search(draft.header, signal, maxTries);
    return header && new Block(header, draft.transactions);
  }

  /** @throws DevChainError `refused` */
  async accept(block: Block): Promise<void> {
    const verdict = await this.#chain.acceptBlock(block, { requested: true });
    if (verdict.ok) return;
    throw new DevChainError("refused", `the block is not valid: ${verdict.reason}`);
  }

  /** A number for the coinbase of a block that is not on the tip. */
  nextBranchNonce(): number {
    return this.#branches++;
  }

  /** A number that makes the coinbase another than those of the blocks that were made on this one before. */
  #nextNonce({ hash }: HeaderNode): number {
    const number = this.#made.get(hash) ?? 0;
    this.#made.delete(hash);
    this.#made.set(hash, number + 1);
    const [oldest] = this.#made.keys();
    if (this.#made.size > MAX_REMEMBERED && oldest !== undefined) this.#made.delete(oldest);
    return number;
  }

  /** A block may not be ahead of the clock, so the clock goes with the blocks. */
  #moveClock(time: Seconds): void {
    if (time * 1000 <= this.#clock.now()) return;
    this.#clock.moveTo(time * 1000);
    this.#clockMoved();
  }
}
