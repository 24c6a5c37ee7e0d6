import {
  Block,
  type BlockUndo,
  type ChainParams,
  CoinsOverlay,
  connectBlock,
  disconnectBlock,
  type HeaderNode,
  isChainError,
  outputsOf,
  prevoutsOf,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import { requireVerifyOptions } from "../requireOptions.ts";
import { checkAlone, checkInPlace } from "./checkBody.ts";
import { CoinReader } from "./coinReader.ts";
import type { ChainParts } from "./parts.ts";

/** Coins that are held in memory for levels 3 and 4. */
const MAX_COINS = 200_000;
const DEFAULT_BLOCKS = 6;
const DEFAULT_LEVEL = 3;
/** The deepest. */
const MAX_VERIFY_LEVEL = 4;

export interface VerifyOptions {
  /**
   * How deeply: 0, the blocks can be read; 1, each is valid by itself; 2, so can their undo data; 3 (the default), the
   * last ones can be disconnected from the coins; 4, and connected again, scripts included.
   */
  readonly level?: number;
  /** How many, from the tip down; 0: all but the genesis block. Default: 6. */
  readonly blocks?: number;
  /** Hears how many blocks were looked at. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends it early: then less was verified. */
  readonly signal?: { readonly aborted: boolean };
}

export type VerifyResult =
  | {
      readonly ok: true;
      /** Blocks that were verified up to level 2. */
      readonly blocks: number;
      /** Those of them that were disconnected as well: fewer where there was no more memory for their coins. */
      readonly disconnected: number;
      /** Whether all was done that was asked: not where blocks were pruned, memory was short, or it was ended. */
      readonly isComplete: boolean;
    }
  | { readonly ok: false; readonly node: HeaderNode; readonly why: string };

interface Stored {
  readonly node: HeaderNode;
  readonly block: Block;
  readonly undo: BlockUndo;
}

type Failed = Extract<VerifyResult, { readonly ok: false }>;
type Parts = Pick<ChainParts, "index" | "blocks" | "queue" | "scripts" | "background">;

/**
 * Verifies the last blocks against what is stored. Blocks that come meanwhile are taken: the queue is held only while
 * blocks and coins of levels 3 and 4 are read, and what is done with them is done in memory. Core: CVerifyDB::VerifyDB.
 */
export async function verifyChain(
  parts: Parts,
  params: ChainParams,
  store: ChainStore,
  options: VerifyOptions,
): Promise<VerifyResult> {
  requireVerifyOptions(options, "options");

  const { level = DEFAULT_LEVEL, signal } = options;
  const alone = await verifyAlone(parts, params, options);
  if (!alone.ok || level < 3) return alone;
  const read = await parts.queue.run(() => readLast(parts, params, store, alone.blocks));
  if ("ok" in read) return read;
  const coins = new CoinsOverlay(read.reader);
  for (const each of read.stored) {
    const failure = await disconnected(each, params, coins);
    if (failure !== undefined) return failure;
    await parts.scripts.pause();
  }
  for (const each of level < MAX_VERIFY_LEVEL ? [] : read.stored.toReversed()) {
    if (signal?.aborted) return { ...alone, disconnected: read.stored.length, isComplete: false };
    const failure = await connected(each, params, coins, parts);
    if (failure !== undefined) return failure;
  }
  const isComplete = alone.isComplete && read.stored.length === alone.blocks;
  return { ...alone, disconnected: read.stored.length, isComplete };
}

/** Levels 0 to 2, from the tip down. */
async function verifyAlone(
  { index, blocks, scripts, background }: Parts,
  params: ChainParams,
  { level = DEFAULT_LEVEL, blocks: wanted = DEFAULT_BLOCKS, onProgress, signal }: VerifyOptions,
): Promise<VerifyResult> {
  const { tip } = index.tree;
  const total = wanted === 0 ? tip.height : Math.min(wanted, tip.height);
  let done = 0;
  for (let node = tip; done < total && node.parent !== undefined; node = node.parent) {
    const isMissing = background.isUnchecked(node) || (await blocks.isPruned(node));
    if (signal?.aborted || isMissing) break;
    const at = node;
    const failure = await failureOf(node, async () => {
      const raw = await blocks.raw(at.hash);
      if (raw === undefined) return "its body is missing";
      const block = Block.fromBytes(raw);
      if (block.hash !== at.hash) return `its body is that of ${block.hash}`;
      if (level < 1) return undefined;
      const refusal = checkAlone(block, params) ?? checkInPlace(block, at, params);
      if (refusal !== undefined) return refusal.reason;
      if (level < 2) return undefined;
      return (await blocks.undo(at.hash)) === undefined ? "its undo data is missing" : undefined;
    });
    if (failure !== undefined) return failure;
    done++;
    onProgress?.(done, total);
    if (scripts.isTired()) await scripts.pause();
  }
  return { ok: true, blocks: done, disconnected: 0, isComplete: done === total };
}

/** The last blocks, and the coins that they made and spent as they are after the tip: all of one moment. */
async function readLast(
  { index, blocks }: Parts,
  params: ChainParams,
  store: ChainStore,
  count: number,
): Promise<{ readonly stored: readonly Stored[]; readonly reader: CoinReader } | Failed> {
  const reader = new CoinReader(store);
  const stored: Stored[] = [];
  let coins = 0;
  for (let node = index.tree.tip; stored.length < count && node.parent; node = node.parent) {
    const at = node;
    let isFull = false;
    const failure = await failureOf(node, async () => {
      const [block, undo] = [await blocks.block(at.hash), await blocks.undo(at.hash)];
      if (block === undefined || undo === undefined) return "it is stored no more";
      const outpoints = [...outputsOf(block), ...prevoutsOf(block, { parent: at.parent, params })];
      coins += outpoints.length;
      isFull = coins > MAX_COINS;
      if (isFull) return undefined;
      await reader.fetch(outpoints);
      stored.push({ node: at, block, undo });
      return undefined;
    });
    if (failure !== undefined) return failure;
    if (isFull) break;
  }
  return { stored, reader };
}

function disconnected(
  { node, block, undo }: Stored,
  params: ChainParams,
  coins: CoinsOverlay,
): Promise<Failed | undefined> {
  return failureOf(node, async () => {
    coins.apply(disconnectBlock(block, undo, { parent: node.parent, params }, coins));
    return undefined;
  });
}

function connected(
  { node, block }: Stored,
  params: ChainParams,
  coins: CoinsOverlay,
  { scripts }: Parts,
): Promise<Failed | undefined> {
  return failureOf(node, async () => {
    const verdict = connectBlock(block, { parent: node.parent, params }, coins);
    if (!verdict.ok) return verdict.reason;
    const refusal = await scripts.run(verdict.checks);
    if (refusal !== undefined) return refusal.reason;
    coins.apply(verdict.changes);
    return undefined;
  });
}

/** The reason that `check` finds, or the message of the error by which stored data is not what it should be. */
async function failureOf(
  node: HeaderNode,
  check: () => Promise<string | undefined>,
): Promise<Failed | undefined> {
  try {
    const why = await check();
    return why === undefined ? undefined : { ok: false, node, why };
  } catch (error) {
    // Undo data or a block that can't be decoded, a checksum that is wrong, coins that don't fit.
    if (!isChainError(error) || error.code === "closed" || error.code === "io") throw error;
    return { ok: false, node, why: error.message };
  }
}
