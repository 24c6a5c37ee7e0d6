import type { ChainStore } from "@chain/storage";
import { EngineError } from "../errors.ts";
import type { Log } from "../ports.ts";
import type { BlockIndex } from "./blockIndex.ts";

/** Blocks that stay, whatever happens: a reorganisation may need them, and peers may ask. Core: MIN_BLOCKS_TO_KEEP. */
export const BLOCKS_TO_KEEP = 288;
/** Room that the next files need. Core: BLOCKFILE_CHUNK_SIZE, UNDOFILE_CHUNK_SIZE. */
const NEXT_FILES = 17 * 1024 * 1024;
/** Blocks that a follower may want to go back. Core: PRUNE_LOCK_BUFFER. */
const FOLLOWER_BUFFER = 10;

export interface PruneSettings {
  /** Old blocks are deleted so that blocks and undo data take no more bytes than this. Default: on demand alone. */
  readonly target?: number;
  /** No block is deleted by itself while the chain is lower. Core: nPruneAfterHeight. Default 1000. */
  readonly afterHeight?: number;
}

export interface PruningOptions {
  readonly store: ChainStore;
  readonly index: BlockIndex;
  readonly settings: PruneSettings | undefined;
  /**
   * The height that the follower has which is the furthest behind, or the check of the blocks below a snapshot;
   * `undefined` where there is neither.
   */
  readonly lowestNeeded: () => number | undefined;
  readonly isDownloading: () => boolean;
  readonly log: Log;
}

/** Deletes old blocks. Called in the queue of the chain manager alone. Core: FindFilesToPrune. */
export class Pruning {
  readonly #options: PruningOptions;
  /** `undefined` where no block is ever pruned. */
  readonly settings: (PruneSettings & { readonly afterHeight: number }) | undefined;
  /** Bytes of blocks and undo data when it was last looked whether some may go. */
  #looked = 0;

  constructor(options: PruningOptions) {
    this.#options = options;
    const { settings } = options;
    this.settings = settings && { ...settings, afterHeight: settings.afterHeight ?? 1000 };
  }

  /** Deletes what is more than the target, where that is due. */
  async prune(): Promise<void> {
    const { store, index, isDownloading } = this.#options;
    if (this.settings?.target === undefined) return;
    const { target, afterHeight } = this.settings;
    const bytes = store.blockBytes();
    if (bytes - this.#looked < Math.min(1024 * 1024, target / 100)) return;
    const { tip, bestHeader } = index.tree;
    if (tip.height <= afterHeight) return;
    this.#looked = bytes;
    // While blocks come in fast, more goes at a time, because the coins are written out each time.
    const isFast = isDownloading() && bestHeader.height > tip.height;
    const room = Math.min(NEXT_FILES + (isFast ? target / 10 : 0), target / 2);
    if (bytes + room < target) return;
    await this.pruneTo(tip.height, target - room);
    this.#looked = store.blockBytes();
  }

  /** @throws EngineError `not-pruning` */
  requireOn(): void {
    if (this.settings !== undefined) return;
    throw new EngineError("not-pruning", "blocks are kept: the chain was opened without `prune`");
  }

  /** Deletes what may go up to a height, until no more bytes than the target are left. Default: all that may. */
  async pruneTo(height: number, target?: number): Promise<void> {
    const { store, index, lowestNeeded, log } = this.#options;
    const { tree } = index;
    const last = Math.min(
      height,
      tree.tip.height - BLOCKS_TO_KEEP,
      (lowestNeeded() ?? Number.POSITIVE_INFINITY) - FOLLOWER_BUFFER,
    );
    if (last < 0) return;
    const { height: pruned, forgotten } = await store.prune({
      height: last,
      ...(target !== undefined && { target }),
      isActive: (hash) => {
        const node = tree.get(hash);
        return node !== undefined && tree.isActive(node);
      },
    });
    for (const hash of forgotten) {
      const node = tree.get(hash);
      if (node !== undefined) tree.clearBody(node);
    }
    if (pruned === undefined) return;
    index.notePruned(pruned);
    log("info", "store", `blocks up to height ${index.prunedHeight} are pruned`);
  }
}
