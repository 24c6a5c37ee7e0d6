/** Matchers for `expect` of Vitest and Jest. They depend on neither. */
import { parseId, type Txid } from "@chain/core";
import type { DevChain } from "./devChain.ts";
import { DevChainError } from "./errors.ts";
import type { Receiver } from "./types.ts";

/** The outcome of a matcher, as Vitest and Jest take it. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** A transaction, or its id. */
export type TransactionLike = string | { readonly txid: string };

/** The types of the matchers, to be added to those of `expect`. */
export interface ChainMatchers<Result = unknown> {
  /** A block of the best chain has the transaction; with a number, so many blocks ended by the tip do or confirm it. */
  toBeConfirmed(confirmations?: number): Promise<Result>;
  /** The transaction waits in the mempool. */
  toBeUnconfirmed(): Promise<Result>;
  /** An address, script or account has so many satoshis in confirmed coins. */
  toHaveBalance(satoshis: bigint): Promise<Result>;
}

/** The functions behind `ChainMatchers`. */
export type MatcherFunctions = {
  readonly toBeConfirmed: (of: TransactionLike, confirmations?: number) => Promise<MatcherResult>;
  readonly toBeUnconfirmed: (of: TransactionLike) => Promise<MatcherResult>;
  readonly toHaveBalance: (of: Receiver, satoshis: bigint) => Promise<MatcherResult>;
};

/**
 * Matchers that ask a chain, for `expect.extend`. All are asynchronous: `await expect(txid).toBeConfirmed()`. A
 * transaction is looked for in the blocks from the tip down.
 * @example
 * const { toBeConfirmed, toBeUnconfirmed } = chainMatchers(chain);
 * const sent = await chain.send(0, chain.accounts[1], 25_000n);
 * const [waits, isMined] = [await toBeUnconfirmed(sent), await toBeConfirmed(sent)];
 * waits.pass // true
 * isMined.pass // false
 */
export function chainMatchers(chain: DevChain): MatcherFunctions {
  return {
    toBeConfirmed: async (of, confirmations = 1) => {
      const txid = idOf(of);
      const found = await confirmationsOf(txid, chain);
      const wanted = confirmations === 1 ? "confirmed" : `confirmed ${confirmations} times`;
      const is = found === 0 ? stateOf(txid, chain) : `it has ${found} confirmations`;
      return result(found >= confirmations, (not) => `${txid} ${not}to be ${wanted}, and ${is}`);
    },
    toBeUnconfirmed: async (of) => {
      const txid = idOf(of);
      const pass = chain.node.mempool.get(txid) !== undefined;
      const isMined = !pass && (await confirmationsOf(txid, chain)) > 0;
      const is = isMined ? "it is confirmed" : stateOf(txid, chain);
      return result(pass, (not) => `${txid} ${not}to be unconfirmed, and ${is}`);
    },
    toHaveBalance: async (of, satoshis) => {
      const balance = await chain.balance(of);
      const name = typeof of === "string" ? of : "the receiver";
      const has = `it has ${balance}`;
      return result(balance === satoshis, (not) => `${name} ${not}to have ${satoshis}, and ${has}`);
    },
  };
}

function result(pass: boolean, sentence: (not: string) => string): MatcherResult {
  return { pass, message: () => `expected ${sentence(pass ? "not " : "")}` };
}

function idOf(of: TransactionLike): Txid {
  const text = typeof of === "string" ? of : of?.txid;
  if (typeof text === "string" && /^[0-9a-f]{64}$/.test(text)) return parseId<Txid>(text);
  throw new DevChainError("usage", "a transaction, or its id in hex, is what this matcher takes");
}

function stateOf(txid: Txid, { node }: DevChain): string {
  return node.mempool.get(txid) === undefined ? "it is unknown" : "it is unconfirmed";
}

/** Blocks from the one that has a transaction up to the tip; 0 where none has. */
async function confirmationsOf(txid: Txid, { node: { chain } }: DevChain): Promise<number> {
  const { tip } = chain;
  for (let height = tip.height; height > 0; height--) {
    const hash = tip.ancestor(height)?.hash;
    const block = hash && (await chain.getBlock(hash));
    if (block?.transactions.some((each) => each.txid === txid)) return tip.height - height + 1;
  }
  return 0;
}
