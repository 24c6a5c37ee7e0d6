/** Blocks that callers of test networks ask for. */
import type { BlockHash } from "@chain/core";
import { EngineError, type StopSignal } from "@chain/engine";
import type { CallSignal } from "../define/method.ts";
import { RPC_MISC_ERROR, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";

/** How many blocks, and for how long. */
export interface MiningOrder {
  readonly count: number;
  readonly payTo: Uint8Array;
  /** Nonces to try, all blocks together; below 0, and by default, as many as it takes. Core: `max_tries`. */
  readonly maxTries: number | undefined;
}

/**
 * Mines one after the other, until there are so many, all tries are used up, the caller has gone or the server ends: then
 * it answers with those that are there. Core: generateBlocks.
 * @throws RpcError -1
 */
export async function mineBlocks(
  { count, payTo, maxTries = -1 }: MiningOrder,
  { mining, chain, assembled }: Pick<RpcHost, "mining" | "chain" | "assembled">,
  signal: CallSignal,
): Promise<readonly BlockHash[]> {
  const hashes: BlockHash[] = [];
  const stop: StopSignal = {
    get aborted() {
      return signal.aborted || signal.ending === true;
    },
  };
  let left = maxTries < 0 ? undefined : maxTries;
  while (hashes.length < count && left !== 0 && !stop.aborted) {
    const hash = await refusable(() => untilExhausted(() => mining.mine(payTo, stop, left)));
    if (hash === undefined) break;
    hashes.push(hash);
    assembled.block = hash;
    // The search tries nonces from 0; the one that is good costs nothing, as in Core.
    if (left !== undefined) left -= chain.headers.get(hash)?.header.nonce ?? 0;
  }
  return hashes;
}

/**
 * Asks the engine for a block; its refusal becomes a sentence for the caller: the clock may have been set back.
 * @throws RpcError -1
 */
export async function refusable<Result>(ask: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "refused") throw error;
    throw new RpcError(RPC_MISC_ERROR, error.message, { cause: error });
  }
}

/** @returns `undefined` where there was no block in as many tries as were allowed, or until it was stopped */
async function untilExhausted<Result>(mine: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await mine();
  } catch (error) {
    const isEnd = error instanceof EngineError && /^(exhausted|stopped)$/.test(error.code);
    if (!isEnd) throw error;
    return undefined;
  }
}
