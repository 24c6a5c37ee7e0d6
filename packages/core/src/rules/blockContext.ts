import type { AncestorView } from "../chain/ancestorView.ts";
import type { ChainParams } from "../params.ts";

/** Where a block stands, for the rules that connect and disconnect it. */
export interface BlockContext {
  /** The block before it; `undefined` for the genesis block. */
  readonly parent: AncestorView | undefined;
  readonly params: ChainParams;
}

export function heightOf({ parent }: BlockContext): number {
  return parent === undefined ? 0 : parent.height + 1;
}

/** Whether the outputs of a block become coins: those of Bitcoin's genesis blocks never did. */
export function makesCoins(context: BlockContext): boolean {
  return context.parent !== undefined || context.params.genesisSpendable;
}
