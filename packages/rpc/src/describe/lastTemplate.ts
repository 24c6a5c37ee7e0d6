/** The block that was last assembled for a caller. Core: BlockAssembler::m_last_block_num_txs, m_last_block_weight. */
import type { RpcHost } from "../host.ts";

export interface AssembledBlock {
  /** Without the coinbase. */
  readonly transactions: number;
  readonly weight: number;
}

/** @throws StorageError */
export async function lastTemplate({
  chain,
  assembled: { block: noted },
}: Pick<RpcHost, "chain" | "assembled">): Promise<AssembledBlock | undefined> {
  const block = typeof noted === "string" ? await chain.getBlock(noted) : noted;
  const { blockReservedWeight } = chain.mempool.policy;
  const others = block?.transactions.slice(1);
  return (
    others && {
      transactions: others.length,
      weight: others.reduce((total, { weight }) => total + weight, blockReservedWeight),
    }
  );
}
