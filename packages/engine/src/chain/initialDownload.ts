import type { ChainParams, HeaderTree, Milliseconds } from "@chain/core";
import type { ChainEvent } from "../events.ts";
import type { Clock, Log, Timers } from "../ports.ts";

/** With more headers than this ahead of the tip, a node is catching up. */
const CATCHING_UP = 24;
/** A tip not older than this is taken for the end of the chain. Core: DEFAULT_MAX_TIP_AGE. */
const DEFAULT_MAX_TIP_AGE: Milliseconds = 24 * 60 * 60 * 1000;
/** So long may a block be on its way; with none, the headers are not believed any longer. Milliseconds. */
const PATIENCE: Milliseconds = 2 * 60_000;

export interface InitialDownloadOptions {
  readonly params: Pick<ChainParams, "minimumChainWork">;
  /** A node whose tip is older is catching up. Default: age alone does not count, and a day ends it. */
  readonly maxTipAge?: Milliseconds | undefined;
  readonly tree: HeaderTree;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly emit: (event: ChainEvent) => void;
}

/**
 * Whether the chain is known to go on well beyond the tip: no time to mine or to relay. Headers without blocks must
 * not silence a node, so they count only while blocks keep coming, and no more at all once the tip was both the end of
 * what is known and recent. Age alone does not count unless `maxTipAge` is given: a private chain may rest for months.
 * Core: IsInitialBlockDownload.
 */
export class InitialDownload {
  readonly #options: InitialDownloadOptions;
  #done = false;
  #stalled = false;
  #cancel: (() => void) | undefined;

  constructor(options: InitialDownloadOptions) {
    this.#options = options;
  }

  get active(): boolean {
    if (this.#done) return false;
    const { tree, clock, maxTipAge } = this.#options;
    const lacksWork = this.#lacksWork();
    const lacksBlocks = this.#lacksBlocks();
    const age = clock.now() - tree.tip.time * 1000;
    const isOld = age > (maxTipAge ?? DEFAULT_MAX_TIP_AGE);
    this.#done = !lacksWork && !lacksBlocks && !isOld;
    return lacksWork || (lacksBlocks && !this.#stalled) || (isOld && maxTipAge !== undefined);
  }

  #lacksWork(): boolean {
    const { params, tree } = this.#options;
    return tree.tip.chainWork < params.minimumChainWork;
  }

  #lacksBlocks(): boolean {
    const { tip, bestHeader } = this.#options.tree;
    return bestHeader.height - tip.height > CATCHING_UP;
  }

  /** New headers have come, or the chain was opened. */
  headersCame(): void {
    if (this.#done || this.#stalled || this.#cancel !== undefined || !this.#lacksBlocks()) return;
    this.#cancel = this.#options.timers.after(PATIENCE, () => {
      this.#cancel = undefined;
      this.#stalled = true;
      if (this.#lacksBlocks()) this.#tellStall();
    });
  }

  /** Blocks are missing, and none has come for long. */
  #tellStall(): void {
    const { tree, log, emit } = this.#options;
    const { tip, bestHeader } = tree;
    const sentence = `headers go up to height ${bestHeader.height}, but no block has come for long: going on at ${tip.height}`;
    log("warn", "chain", sentence);
    emit({ type: "download-stalled", height: tip.height });
  }

  /** The tip has moved. */
  blockCame(): void {
    this.stop();
    this.#stalled = false;
    this.headersCame();
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
