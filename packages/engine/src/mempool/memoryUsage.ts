/**
 * The memory that Core counts for the transactions of its mempool, so that the same limit holds the same transactions.
 * Core 29: CTxMemPool::DynamicMemoryUsage, core_memusage.h, memusage.h; with its sizes on machines of 64 bits.
 */
import type { Transaction } from "@chain/core";

/** Sizes of Core's structures in bytes. */
const TRANSACTION = 128;
const SHARED_COUNTER = 24;
const INPUT = 104;
const OUTPUT = 40;
const WITNESS_ITEM = 24;
/** A script of no more bytes stands inside its input or output. */
const INLINE_SCRIPT = 28;
/** CTxMemPoolEntry, and 15 pointers for its places in the indexes. */
const ENTRY = 272 + 15 * 8;
/** A node of a tree that holds one pointer; and one that holds two. */
const TREE_NODE = 40;
const PAIR_NODE = 48;
/** A pointer and its counter. */
const SHARED_POINTER = 16;

/** The bytes that the allocator takes for so many bytes. Core: memusage::MallocUsage. */
function mallocUsage(bytes: number): number {
  return bytes === 0 ? 0 : Math.floor((bytes + 31) / 16) * 16;
}

/** Bytes for an unconfirmed parent or child: each of the two knows the other. */
export const LINK_USAGE: number = /* @__PURE__ */ (() => 2 * mallocUsage(TREE_NODE))();

/**
 * Bytes of a transaction in the mempool, without its links to parents and children there.
 * @example entryUsage(transaction) > 600
 */
export function entryUsage({ inputs, outputs }: Transaction): number {
  let usage = mallocUsage(ENTRY) + inputs.length * mallocUsage(PAIR_NODE);
  usage += mallocUsage(TRANSACTION) + mallocUsage(SHARED_COUNTER);
  usage += mallocUsage(inputs.length * INPUT) + mallocUsage(outputs.length * OUTPUT);
  for (const { scriptSig, witness } of inputs) {
    usage += scriptUsage(scriptSig) + mallocUsage(witness.length * WITNESS_ITEM);
    for (const item of witness) usage += mallocUsage(item.length);
  }
  for (const { scriptPubKey } of outputs) usage += scriptUsage(scriptPubKey);
  return usage;
}

function scriptUsage({ length }: Uint8Array): number {
  return length <= INLINE_SCRIPT ? 0 : mallocUsage(length);
}

/**
 * Bytes of the vector that has a pointer to each transaction. Its room doubles when it is full. Core: txns_randomized,
 * which keeps some of that room when transactions leave; here the same transactions always count the same.
 */
export function pointerUsage(count: number): number {
  return count === 0 ? 0 : mallocUsage(SHARED_POINTER * 2 ** Math.ceil(Math.log2(count)));
}

/** Bytes of a JavaScript heap that an entry takes beside its transaction. Measured (`bench mempool`), rounded up. */
const HEAP_ENTRY = 1400;
const HEAP_INPUT = 400;
const HEAP_OUTPUT = 180;
const HEAP_WITNESS_ITEM = 112;

/** Most bytes of heap for a byte that is counted; usual payments take two. */
export const MAX_HEAP_RATIO = 3;

/**
 * Estimate of the memory that a transaction really takes here, in bytes. Core puts an output into 40 bytes, an object
 * takes 180: without this bound, payments to thousands at a time would take four to five times what is counted for them.
 */
export function heapUsage({ inputs, outputs, totalSize }: Transaction): number {
  const items = inputs.reduce((sum, { witness }) => sum + witness.length, 0);
  return (
    HEAP_ENTRY +
    totalSize +
    inputs.length * HEAP_INPUT +
    outputs.length * HEAP_OUTPUT +
    items * HEAP_WITNESS_ITEM
  );
}
