/** A chain and a mempool without proof of work and signatures, whose events a ledger is handed. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  type MerkleRoot,
  NULL_OUTPOINT,
  type Outpoint,
  p2wpkhScript,
  Transaction,
  type TxOutput,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import type { ChainPosition, LedgerChange } from "../../src/ledger/types.ts";

export const MATURITY = 3;

export interface WorldBlock extends ChainPosition {
  readonly block: Block;
}

interface Placed {
  readonly outpoint: Outpoint;
  readonly output: TxOutput;
}

const nameOf = ({ txid, vout }: Outpoint) => `${txid}:${vout}`;
export const foreign = (n: number): Uint8Array => p2wpkhScript(new Uint8Array(20).fill(n));

export class World {
  readonly chain: WorldBlock[] = [];
  mempool: Transaction[] = [];
  /** Waits to be handed to the ledger. */
  changes: LedgerChange[] = [];
  #counter = 0;

  get tip(): ChainPosition {
    const { hash, height } = this.chain.at(-1) ?? { hash: ZERO_BLOCK_HASH, height: -1 };
    return { hash, height };
  }

  takeChanges(): LedgerChange[] {
    const { changes } = this;
    this.changes = [];
    return changes;
  }

  /** Coins that a transaction may spend now; with those that unconfirmed ones spend. */
  coins({ withMempool = true }: { withMempool?: boolean } = {}): Placed[] {
    const coins = new Map<string, Placed>();
    const take = (transaction: Transaction) => {
      for (const { prevout } of transaction.inputs) coins.delete(nameOf(prevout));
      for (const [vout, output] of transaction.outputs.entries()) {
        const outpoint = { txid: transaction.txid, vout };
        coins.set(nameOf(outpoint), { outpoint, output });
      }
    };
    for (const { block, height } of this.chain) {
      for (const transaction of block.transactions) {
        // A coinbase is mature once MATURITY blocks stand on it.
        const isYoung = transaction.isCoinbase && height > this.tip.height + 1 - MATURITY;
        if (!isYoung) take(transaction);
      }
    }
    if (withMempool) for (const transaction of this.mempool) take(transaction);
    return [...coins.values()];
  }

  make(inputs: readonly Placed[], outputs: readonly TxOutput[]): Transaction {
    return new Transaction({
      version: 2,
      lockTime: ++this.#counter,
      inputs: inputs.map(({ outpoint }) => ({
        ...{ prevout: outpoint, sequence: 0xfffffffd, scriptSig: new Uint8Array(0), witness: [] },
      })),
      outputs,
    });
  }

  accept(transaction: Transaction): void {
    this.mempool.push(transaction);
    this.changes.push({ type: "transaction-added", transaction });
  }

  /** Takes those out that match, and all that spend them. */
  remove(matches: (transaction: Transaction) => boolean, why: string): void {
    const gone = new Set<string>();
    const kept: Transaction[] = [];
    for (const transaction of this.mempool) {
      const { txid, inputs } = transaction;
      if (matches(transaction) || inputs.some(({ prevout }) => gone.has(prevout.txid))) {
        gone.add(txid);
        this.changes.push({ type: "transaction-removed", transaction, why });
      } else kept.push(transaction);
    }
    this.mempool = kept;
  }

  /** A block with these transactions; what the mempool has against them goes. */
  mine(transactions: readonly Transaction[], payee: Uint8Array): void {
    const coinbase = new Transaction({
      version: 2,
      lockTime: ++this.#counter,
      inputs: [{ prevout: NULL_OUTPOINT, sequence: 0, scriptSig: new Uint8Array(4), witness: [] }],
      outputs: [{ value: 5000n, scriptPubKey: payee }],
    });
    const { hash: previousHash, height: below } = this.tip;
    const header = new BlockHeader({
      ...{ version: 4, previousHash, bits: 0x207fffff, nonce: ++this.#counter },
      ...{ merkleRoot: coinbase.txid as string as MerkleRoot, time: 1_600_000_000 + this.#counter },
    });
    const block = new Block(header, [coinbase, ...transactions]);
    const height = below + 1;
    const hash: BlockHash = header.hash;
    const mined = new Set(transactions.map(({ txid }) => txid));
    const spent = new Set(
      transactions.flatMap(({ inputs }) => inputs.map(({ prevout }) => nameOf(prevout))),
    );
    for (const transaction of this.mempool.filter(({ txid }) => mined.has(txid))) {
      this.changes.push({ type: "transaction-removed", transaction, why: "block" });
    }
    this.mempool = this.mempool.filter(({ txid }) => !mined.has(txid));
    this.remove(
      ({ inputs }) => inputs.some(({ prevout }) => spent.has(nameOf(prevout))),
      "conflict",
    );
    this.chain.push({ block, hash, height });
    this.changes.push({ type: "block-connected", block, hash, height });
  }

  /** Takes the last block back; some of its transactions come into the mempool again. */
  disconnect(comesBack: (index: number) => boolean): void {
    const last = this.chain.pop();
    if (last === undefined) return;
    this.changes.push({ type: "block-disconnected", ...last });
    const back = last.block.transactions.filter((_, i) => i > 0 && comesBack(i));
    const before = this.mempool;
    this.mempool = [];
    for (const transaction of back) if (this.#isSpendable(transaction)) this.accept(transaction);
    for (const transaction of before) {
      if (this.#isSpendable(transaction)) this.mempool.push(transaction);
      else this.changes.push({ type: "transaction-removed", transaction, why: "reorganisation" });
    }
  }

  #isSpendable({ inputs }: Transaction): boolean {
    const coins = new Set(this.coins().map(({ outpoint }) => nameOf(outpoint)));
    return inputs.every(({ prevout }) => coins.has(nameOf(prevout)));
  }
}
