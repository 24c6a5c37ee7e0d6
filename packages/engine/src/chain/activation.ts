import {
  type Block,
  type BlockHash,
  type BlockUndo,
  type ChainParams,
  CoinsOverlay,
  type ConnectedBlock,
  connectBlock,
  disconnectBlock,
  encodeUndo,
  type HeaderNode,
  outputsOf,
  prevoutsOf,
  type Refusal,
  scriptsAssumedValid,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { ChainStore } from "@chain/storage";
import { EngineError } from "../errors.ts";
import type { BlockIndex } from "./blockIndex.ts";
import { CoinReader } from "./coinReader.ts";
import type { ScriptRunner } from "./scriptRunner.ts";
import type { StoredBlocks } from "./storedBlocks.ts";

/** A block at its place, and the coins that it spent. */
export interface PlacedBlock {
  readonly node: HeaderNode;
  readonly block: Block;
  readonly undo: BlockUndo;
}

/** One step that was taken, and is stored: first these were disconnected (the last first), then those connected. */
export interface ActivationStep {
  readonly fork: HeaderNode;
  readonly disconnected: readonly PlacedBlock[];
  readonly connected: readonly PlacedBlock[];
}

export type StepResult =
  | { readonly type: "idle" }
  | { readonly type: "moved"; readonly step: ActivationStep }
  /** The body of a block on the way can't be read: the chain did not change. */
  | { readonly type: "unreadable"; readonly node: HeaderNode }
  /** A block of the better branch is invalid: it was marked, the chain did not change. */
  | { readonly type: "refused"; readonly node: HeaderNode; readonly refusal: Refusal };

export interface StepOptions {
  readonly fresh?: Block | undefined;
  readonly precious?: HeaderNode | undefined;
  /** `false`: the step need not be safe from a power cut. */
  readonly durable?: boolean;
  /** Where to go, whatever its work: a block that was connected before. */
  readonly goal?: HeaderNode | undefined;
}

/** Refusals for what the database does or does not hold: a checksum of a record can't show that it has vanished. */
const DEPENDS_ON_DISK: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "bad-txns-inputs-missingorspent",
  "bad-txns-BIP30",
]);

interface ActivationOptions {
  readonly params: ChainParams;
  readonly store: ChainStore;
  readonly index: BlockIndex;
  readonly scripts: ScriptRunner;
  /** Whether a step must be safe from a power cut before it counts. */
  readonly isDurable: () => boolean;
  readonly blocks: StoredBlocks;
  /** Whether the chain can't go back to a block, because the coins came by a snapshot of a later one. Default: never. */
  readonly isBelowSnapshot?: (node: HeaderNode) => boolean;
}

/**
 * Moves the connected chain towards the one with most work, a step at a time. A step adds one block, or, in a
 * reorganisation, goes back to the fork and forward to the first block with more work than the tip has: all of it in
 * one atomic write, or none of it. Core: ActivateBestChainStep.
 */
export class Activation {
  readonly #params: ChainParams;
  readonly #store: ChainStore;
  readonly #index: BlockIndex;
  readonly #scripts: ScriptRunner;
  readonly #isDurable: () => boolean;
  readonly #blocks: StoredBlocks;
  readonly #isBelowSnapshot: (node: HeaderNode) => boolean;

  constructor(options: ActivationOptions) {
    this.#params = options.params;
    this.#store = options.store;
    this.#index = options.index;
    this.#scripts = options.scripts;
    this.#isDurable = options.isDurable;
    this.#blocks = options.blocks;
    this.#isBelowSnapshot = options.isBelowSnapshot ?? (() => false);
  }

  /**
   * @param options.fresh a block that need not be read from the store, if it turns out to be in the step
   * @param options.durable `false` where a power cut may take the step back; default: it may in the initial download
   * @param options.goal see there
   * @param options.precious a block that is preferred to others of the same work, the tip included
   */
  async step(options: StepOptions = {}): Promise<StepResult> {
    const { fresh, precious, durable = true } = options;
    const { tree } = this.#index;
    const { tip } = tree;
    const { goal = this.#goal(precious) } = options;
    if (goal === undefined || goal === tip) return { type: "idle" };
    const fork = tree.forkPoint(tip, goal);
    if (this.#isBelowSnapshot(fork)) return { type: "idle" };
    let target =
      fork === tip ? present(goal.ancestor(tip.height + 1), "goal.ancestor(tip.height + 1)") : goal;
    if (fork !== tip) {
      // No further than needed: what is beyond connects block by block.
      for (let below = target.parent; below !== undefined; below = below.parent) {
        if (below.chainWork <= tip.chainWork) break;
        target = below;
      }
    }

    const reader = new CoinReader(this.#store);
    const coins = new CoinsOverlay(reader);
    const disconnected: PlacedBlock[] = [];
    for (let node = tip; node !== fork; node = parentOf(node)) {
      const block = await this.#readBlock(node.hash, fresh);
      if (block === undefined) return { type: "unreadable", node };
      const undo = await this.#rehearseDisconnect(node, block, reader, coins);
      disconnected.push({ node, block, undo });
    }

    const connected: PlacedBlock[] = [];
    for (let height = fork.height + 1; height <= target.height; height++) {
      const node = present(target.ancestor(height), "target.ancestor(height)");
      const block = await this.#readBlock(node.hash, fresh);
      if (block === undefined) return { type: "unreadable", node };
      const verdict = await this.#rehearseConnect(node, block, reader, coins);
      if (!verdict.ok) {
        // A coin that is absent, or there although it was spent, may be damage of our own: then no block is judged.
        if (DEPENDS_ON_DISK.has(verdict.reason)) await this.#store.verify();
        await this.#store.writeRecords(this.#index.markInvalid(node, verdict.reason));
        return { type: "refused", node, refusal: verdict };
      }
      connected.push({ node, block, undo: verdict.undo });
    }

    // 1. The body of every block was stored before it became a candidate, so whatever is committed can be read again.
    // 2. Undo data, coins, script index and tip go together: after a crash they are those of one and the same tip.
    // 3. Only then does the tree in memory move, and only then do mempool, miner and peers hear of it: no part acts
    //    on a chain that a crash could take back.
    await this.#store.commit({
      tip: target.hash,
      connected: connected.map(({ node, undo }) => ({ hash: node.hash, undo: encodeUndo(undo) })),
      coins: coins.changes(),
      records: connected.map(({ node }) => this.#index.record(node, "connected")),
      durable: durable && this.#isDurable(),
    });
    tree.setTip(target);
    for (const { node } of disconnected) this.#index.noteDisconnected(node);
    for (const { node } of connected) this.#index.noteConnected(node);
    return { type: "moved", step: { fork, disconnected, connected } };
  }

  /** Where to go; undefined: nowhere. */
  #goal(precious: HeaderNode | undefined): HeaderNode | undefined {
    const { tip, bestCandidate: best } = this.#index.tree;
    // A tip that was declared invalid gives way even to less work.
    if (tip.invalidReason !== undefined || best.chainWork > tip.chainWork) return best;
    // Else not merely to another one: among equals the tip stays, also after a restart, which forgets which came first.
    if (precious === undefined || precious === tip || precious.chainWork !== tip.chainWork) {
      return undefined;
    }
    const isConnectable =
      precious.invalidReason === undefined && precious.chainTransactionCount > 0;
    return isConnectable ? precious : undefined;
  }

  async #rehearseDisconnect(
    node: HeaderNode,
    block: Block,
    reader: CoinReader,
    coins: CoinsOverlay,
  ): Promise<BlockUndo> {
    const context = { parent: node.parent, params: this.#params };
    const undo = await this.#blocks.undo(node.hash);
    if (undo === undefined) throw new EngineError("missing-data", `no undo data of ${node.hash}`);
    await reader.fetch([...outputsOf(block), ...prevoutsOf(block, context)]);
    coins.apply(disconnectBlock(block, undo, context, coins));
    return undo;
  }

  async #rehearseConnect(
    node: HeaderNode,
    block: Block,
    reader: CoinReader,
    coins: CoinsOverlay,
  ): Promise<({ readonly ok: true } & ConnectedBlock) | Refusal> {
    const context = { parent: node.parent, params: this.#params };
    await reader.fetch(prevoutsOf(block, context));
    const verdict = connectBlock(block, context, coins);
    if (!verdict.ok) return verdict;
    const { tree } = this.#index;
    if (!this.#index.scriptsPassedBefore(node) && !scriptsAssumedValid(node, tree, this.#params)) {
      const refusal = await this.#scripts.run(verdict.checks);
      if (refusal !== undefined) return refusal;
    }
    coins.apply(verdict.changes);
    return verdict;
  }

  /** @returns `undefined` where it is one of those that peers are asked for again */
  async #readBlock(hash: BlockHash, fresh: Block | undefined): Promise<Block | undefined> {
    if (fresh?.hash === hash) return fresh;
    const raw = await this.#blocks.readable(hash);
    return raw === undefined ? undefined : this.#blocks.decode(raw);
  }
}

function parentOf(node: HeaderNode): HeaderNode {
  if (node.parent === undefined) throw new EngineError("missing-data", "the genesis block stays");
  return node.parent;
}
