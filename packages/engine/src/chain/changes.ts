/** The record of what has changed, in the order in which followers and listeners are told of it. */
import type { ChainEvent } from "../events.ts";
import type { Removal } from "../mempool/mempool.ts";
import type { ActivationStep, PlacedBlock } from "./activation.ts";
import type { ChainChange } from "./follower.ts";

/** The changes of the chain that a step makes: the last block is disconnected first. */
export function changesOf({ disconnected, connected }: ActivationStep): readonly ChainChange[] {
  return [
    ...disconnected.map((placed) => blockChange("block-disconnected", placed)),
    ...connected.map((placed) => blockChange("block-connected", placed)),
  ];
}

function blockChange(
  type: "block-connected" | "block-disconnected",
  { node: { hash, height }, block, undo }: PlacedBlock,
): ChainChange {
  return { type, block, undo, hash, height };
}

export function removalsOf(removals: readonly Removal[]): readonly ChainChange[] {
  return removals.map(({ entry: { transaction }, why }) => {
    return { type: "transaction-removed", transaction, why };
  });
}

/** The same for listeners. */
export function eventOf(change: ChainChange): ChainEvent {
  switch (change.type) {
    case "block-connected":
    case "block-disconnected": {
      const { type, block, height } = change;
      return { type, block, height };
    }
    case "transaction-added":
      return change;
    case "transaction-removed": {
      const { type, transaction, why } = change;
      return { type, txid: transaction.txid, why };
    }
    default:
      return change satisfies never;
  }
}
