/** The block that was last assembled for a caller. Core: BlockAssembler::m_last_block_num_txs, m_last_block_weight. */
import type { Block, BlockHash } from "@chain/core";
import type { ChainManager } from "@chain/engine";

/** Weight that is kept for header, count and coinbase. Core: DEFAULT_BLOCK_RESERVED_WEIGHT. */
const RESERVED_WEIGHT = 8000;

export interface AssembledBlock {
  /** Without the coinbase. */
  readonly transactions: number;
  readonly weight: number;
}

const last = new WeakMap<ChainManager, Block | BlockHash>();

/** Notes a template, or the hash of a block that was mined from one. */
export function noteTemplate(chain: ChainManager, block: Block | BlockHash): void {
  last.set(chain, block);
}

/** @throws StorageError */
export async function lastTemplate(chain: ChainManager): Promise<AssembledBlock | undefined> {
  const noted = last.get(chain);
  const block = typeof noted === "string" ? await chain.getBlock(noted) : noted;
  const others = block?.transactions.slice(1);
  return (
    others && {
      transactions: others.length,
      weight: others.reduce((total, { weight }) => total + weight, RESERVED_WEIGHT),
    }
  );
}
