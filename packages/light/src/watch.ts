import {
  type Block,
  type BlockHash,
  bytesToHex,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import { type InclusionProof, inclusionProof } from "./inclusion.ts";

/** An output that pays to a watched script. */
export interface WatchedCoin extends TxOutput {
  readonly outpoint: Outpoint;
  /** Of the block that it came in. */
  readonly height: number;
  readonly coinbase: boolean;
  /** Where it was spent, if it was. */
  readonly spent?: { readonly txid: Txid; readonly height: number };
}

/** A transaction that pays to a watched script or spends from one, with the proof that its block holds it. */
export interface FoundTransaction {
  readonly transaction: Transaction;
  readonly height: number;
  readonly proof: InclusionProof;
  /** Of the block; a proof in the form of BIP-0037 has it as well. */
  readonly transactionCount: number;
}

/** A script that is looked for. */
export interface SearchedScript {
  readonly script: Uint8Array;
  /** The first block that may pay to it: it is searched from there. */
  readonly from: number;
}

/** All that is remembered of a search. */
export interface WatchState {
  readonly scripts: readonly SearchedScript[];
  readonly coins: readonly WatchedCoin[];
  readonly found: readonly FoundTransaction[];
}

/** The scripts of a search, and the coins that it has found. */
export type WatchedScripts = Pick<Watch, "scripts" | "isWatched" | "coins">;

/** The coins and transactions of some scripts, as the blocks that were searched so far have them. */
export class Watch {
  readonly #scripts = new Map<string, SearchedScript>();
  readonly #coins = new Map<OutpointKey, WatchedCoin>();
  readonly #found = new Map<Txid, FoundTransaction>();

  constructor({ scripts, coins, found }: WatchState = { scripts: [], coins: [], found: [] }) {
    for (const { script, from } of scripts) this.add([script], from);
    for (const coin of coins) this.#coins.set(outpointKey(coin.outpoint), coin);
    for (const each of found) this.#found.set(each.transaction.txid, each);
  }

  get state(): WatchState {
    return { scripts: [...this.#scripts.values()], coins: this.coins, found: this.found };
  }

  get scripts(): readonly Uint8Array[] {
    return [...this.#scripts.values()].map(({ script }) => script);
  }

  /** Those that are spent as well. */
  get coins(): readonly WatchedCoin[] {
    return [...this.#coins.values()];
  }

  get found(): readonly FoundTransaction[] {
    return [...this.#found.values()];
  }

  transaction(txid: Txid): FoundTransaction | undefined {
    return this.#found.get(txid);
  }

  /** The transaction of the best chain that spends a coin, where that is known. */
  spender(outpoint: Outpoint): Txid | undefined {
    return this.#coins.get(outpointKey(outpoint))?.spent?.txid;
  }

  /** Whether another transaction of the best chain has spent a coin that this one spends. */
  isOvertaken({ txid, inputs }: Transaction): boolean {
    return inputs.some(({ prevout }) => {
      const spender = this.spender(prevout);
      return spender !== undefined && spender !== txid;
    });
  }

  isWatched(script: Uint8Array): boolean {
    return this.#scripts.has(bytesToHex(script));
  }

  /** @returns whether one of them is new, or was searched from a later block on */
  add(scripts: readonly Uint8Array[], from: number): boolean {
    let isMore = false;
    for (const script of scripts) {
      const key = bytesToHex(script);
      const known = this.#scripts.get(key);
      if (known !== undefined && known.from <= from) continue;
      this.#scripts.set(key, { script, from });
      isMore = true;
    }
    return isMore;
  }

  /** Adds what a block brings. Blocks come by rising height. @returns the transactions that concern us */
  connect(block: Block, height: number): readonly FoundTransaction[] {
    return block.transactions
      .filter((transaction) => this.#take(transaction, height))
      .map((transaction) => {
        const proof = inclusionProof(block, transaction.txid);
        const transactionCount = block.transactions.length;
        const found = { transaction, height, proof, transactionCount };
        this.#found.set(transaction.txid, found);
        return found;
      });
  }

  #take(transaction: Transaction, height: number): boolean {
    const { txid, inputs, outputs, isCoinbase: coinbase } = transaction;
    let isOurs = false;
    for (const { prevout } of inputs) {
      const coin = this.#coins.get(outpointKey(prevout));
      if (coin === undefined) continue;
      this.#coins.set(outpointKey(prevout), { ...coin, spent: { txid, height } });
      isOurs = true;
    }
    outputs.forEach((output, vout) => {
      if (!this.isWatched(output.scriptPubKey)) return;
      const outpoint = { txid, vout };
      this.#coins.set(outpointKey(outpoint), { ...output, outpoint, height, coinbase });
      isOurs = true;
    });
    return isOurs;
  }

  /** Scripts of our own coins that a block spends: a filter of it must have them. */
  spentScripts({ transactions }: Block): readonly Uint8Array[] {
    return transactions.flatMap(({ inputs }) =>
      inputs.flatMap(({ prevout }) => this.#coins.get(outpointKey(prevout))?.scriptPubKey ?? []),
    );
  }

  /** Forgets what blocks from a height on have brought. @returns the transactions that are unconfirmed now */
  rewind(height: number): readonly FoundTransaction[] {
    for (const [key, coin] of this.#coins) {
      if (coin.height >= height) this.#coins.delete(key);
      else if (coin.spent !== undefined && coin.spent.height >= height) {
        const { spent: _, ...unspent } = coin;
        this.#coins.set(key, unspent);
      }
    }
    const lost = this.found.filter((each) => each.height >= height);
    for (const { transaction } of lost) this.#found.delete(transaction.txid);
    return lost;
  }
}

/** A place in the chain, up to which was searched. */
export interface Position {
  /** The first block that was not searched yet. */
  readonly next: number;
  /** The block before it; undefined before the genesis block. */
  readonly last: BlockHash | undefined;
}
