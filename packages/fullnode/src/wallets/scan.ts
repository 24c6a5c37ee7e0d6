/** Looks for payments of a wallet in blocks that the node has. Core: ScanForWalletTransactions (wallet/wallet.cpp). */
import {
  bytesToHex,
  filterMatches,
  type HeaderNode,
  type Milliseconds,
  type Seconds,
} from "@chain/core";
import type { ChainManager } from "@chain/engine";
import type { BlockFilterIndex, Indexes } from "@chain/indexes";
import type { ScanResult, WalletScan } from "@chain/rpc";
import { StorageError } from "@chain/storage";
import type { WalletLedger } from "@chain/wallet/ledger";

/** Blocks after which others get their turn, and what was found is written. */
const SLICE = 100;

export interface ScanParts {
  readonly chain: ChainManager;
  readonly indexes: Indexes;
  readonly ledger: WalletLedger;
  readonly save: () => Promise<void>;
}

/** A scan under way; `progress` moves, and `isAborted` ends it. */
export class Scan implements WalletScan {
  readonly startedAt: Milliseconds = performance.now();
  progress = 0;
  isAborted = false;
}

/** @param to the last height; without it, up to the tip of the wallet, and then the mempool */
export async function scanBlocks(
  scan: Scan,
  { chain, indexes, ledger, save }: ScanParts,
  from: number,
  to: number | undefined,
): Promise<ScanResult> {
  const filter = await BlockFilter.of(indexes, ledger);
  let maxTime = latestBefore(chain, from);
  let lastHeight: number | undefined;
  let failedHeight: number | undefined;
  for (let height = from; height <= (to ?? ledger.tip?.height ?? -1); height++) {
    if (scan.isAborted) break;
    if (height % SLICE === 0) {
      await save();
      await new Promise<void>((go) => setImmediate(go));
    }
    const end = Math.max(1, (to ?? ledger.tip?.height ?? 0) - from);
    scan.progress = Math.min(1, (height - from) / end);
    const node = chain.headers.activeAt(height);
    // A reorganisation has made the chain shorter: what it took back, the wallet has seen.
    if (node === undefined) break;
    maxTime = Math.max(maxTime, node.header.time);
    const isRead =
      (await filter?.matches(node)) === false ||
      (await scanBlock(node, maxTime, { chain, ledger }));
    if (isRead) lastHeight = height;
    else failedHeight = height;
  }
  if (to === undefined && !scan.isAborted) {
    await chain.run(async () => {
      const { tip } = ledger;
      const waiting = Array.from(chain.mempool.entries(), ({ transaction }) => {
        return { type: "transaction-added", transaction } as const;
      });
      if (tip !== undefined) ledger.apply(waiting, tip);
    });
  }
  await save();
  const status = scan.isAborted ? "aborted" : failedHeight === undefined ? "done" : "failed";
  return { status, lastHeight, ...(failedHeight !== undefined && { failedHeight }) };
}

/** The highest time of the blocks below a height. */
function latestBefore({ headers }: ChainManager, height: number): Seconds {
  let latest: Seconds = 0;
  for (let below = 0; below < height; below++) {
    latest = Math.max(latest, headers.activeAt(below)?.header.time ?? 0);
  }
  return latest;
}

/** @returns whether the block could be read, and is still in the best chain */
async function scanBlock(
  node: HeaderNode,
  maxTime: Seconds,
  { chain, ledger }: Pick<ScanParts, "chain" | "ledger">,
): Promise<boolean> {
  try {
    const block = await chain.getBlock(node.hash);
    if (block === undefined) return false;
    // In the queue of the chain, so that none is disconnected in between.
    return await chain.run(async () => {
      if (!chain.headers.isActive(node)) return false;
      const { hash, height } = node;
      ledger.scanBlock(block, { hash, height }, maxTime);
      return true;
    });
  } catch (error) {
    if (error instanceof StorageError && error.code !== "closed") return false;
    throw error;
  }
}

/** Tells by the index of filters which blocks need not be read. Core: FastWalletRescanFilter. */
class BlockFilter {
  readonly #index: BlockFilterIndex;
  readonly #ledger: WalletLedger;
  readonly #known = new Set<string>();
  readonly #scripts: Uint8Array[] = [];
  #count = -1;

  private constructor(index: BlockFilterIndex, ledger: WalletLedger) {
    this.#index = index;
    this.#ledger = ledger;
  }

  /** @returns `undefined` where the node keeps no filters */
  static async of(indexes: Indexes, ledger: WalletLedger): Promise<BlockFilter | undefined> {
    const running = indexes.blockFilters;
    return running === undefined ? undefined : new BlockFilter(running.index, ledger);
  }

  /** @returns `undefined` where the filter of the block is not there */
  async matches({ hash }: HeaderNode): Promise<boolean | undefined> {
    this.#update();
    const [filter] = (await this.#index.filters([hash])) ?? [];
    return filter && filterMatches(filter, hash, this.#scripts);
  }

  /** A payment may have made the wallet derive further scripts. */
  #update(): void {
    const ends = this.#ledger.descriptors().reduce((sum, { range }) => sum + range.end, 0);
    if (ends === this.#count) return;
    this.#count = ends;
    for (const script of this.#ledger.scripts()) {
      const name = bytesToHex(script);
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      this.#scripts.push(script);
    }
  }
}
