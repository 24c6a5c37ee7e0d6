/** Blocks that nobody has mined yet. Core: TestBlockValidity. */
import {
  type Block,
  type Coin,
  type OutpointKey,
  outpointKey,
  prevoutsOf,
  type Verdict,
  verifyBlock,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import type { RpcHost } from "../host.ts";

/** Whether a block would be valid on the tip, whatever its work. */
export function testBlock(block: Block, host: Pick<RpcHost, "chain">): Promise<Verdict> {
  return host.chain.run(() => testInTurn(block, host));
}

/** The same for a caller that is in the queue of the chain, so that the tip is what it was when it made the block. */
export async function testInTurn(
  block: Block,
  { chain }: Pick<RpcHost, "chain">,
): Promise<Verdict> {
  const parent = chain.tip;
  // No target is below 0: this stands for any work.
  const params = { ...chain.params, powHash: () => ZERO_BLOCK_HASH };
  const outpoints = prevoutsOf(block, { parent, params });
  const coins = await chain.getCoins(outpoints);
  const found = new Map<OutpointKey, Coin | undefined>(
    outpoints.map((outpoint, i) => [outpointKey(outpoint), coins[i]]),
  );
  const verdict = verifyBlock(block, {
    parent,
    params,
    coins: { get: (outpoint) => found.get(outpointKey(outpoint)) },
    now: Math.floor(chain.now / 1000),
  });
  return verdict.ok ? { ok: true } : verdict;
}
