/** Blocks in the order in which somebody sends them, and what a node must make of each. */
import {
  type Block,
  type BlockHash,
  blockSubsidy,
  type ChainParams,
  type HeaderNode,
  HeaderTree,
  type LocatedCoin,
  SEQUENCE_FINAL,
  Transaction,
  type TransactionFields,
  type TxOutput,
} from "@chain/core";
import {
  type BlockOptions,
  coinbaseTransaction,
  easyDevnet,
  MINER,
  makeBlock,
} from "../blockFactory.ts";
import type { Outcome } from "../naiveNode.ts";
import type { Defect, OutputKind } from "../spends.ts";

export interface Step {
  readonly name: string;
  /** As it is sent. */
  readonly raw: Uint8Array;
  readonly hash: BlockHash;
  readonly expected: Outcome;
}

/** A transaction in a block: what others can spend of it. */
export interface Placed {
  readonly block: Block;
  readonly node: HeaderNode;
}

export const NONE: Uint8Array = new Uint8Array(0);
export const ZEROS: Uint8Array = new Uint8Array(32);
/** A script that is true by itself: anyone can spend its output. */
export const ANYONE: Uint8Array = Uint8Array.of(0x51);

export class Story {
  readonly name: string;
  readonly params: ChainParams;
  readonly steps: Step[] = [];
  readonly #tree: HeaderTree;
  #extra = 0;
  /** Where the next block is built, unless told otherwise. */
  tip: HeaderNode;

  constructor(name: string, changes: Partial<ChainParams> = {}) {
    this.name = name;
    this.params = { ...easyDevnet(), ...changes };
    this.#tree = new HeaderTree(this.params.genesis.header);
    this.tip = this.#tree.genesis;
  }

  /** A block on the tip, or on another parent. */
  make(options: Partial<BlockOptions> = {}): Block {
    // No two blocks of a story are the same by accident.
    const extra = options.extra ?? ++this.#extra;
    return makeBlock({ parent: this.tip, params: this.params, ...options, extra });
  }

  /** Sends a block. If its outcome is `tip`, the next one is built on it. */
  send(name: string, block: Block, expected: Outcome, raw: Uint8Array = block.toBytes()): Placed {
    this.steps.push({ name, raw, hash: block.hash, expected });
    const parent = this.#tree.get(block.header.previousHash);
    const node = parent === undefined ? this.tip : this.#tree.add(block.header);
    if (parent !== undefined) this.#tree.setBody(node, block.transactions.length);
    if (expected === "tip") this.tip = node;
    return { block, node };
  }

  /** A block on top of one that was not sent yet. */
  onTopOf({ header }: Block, options: Partial<BlockOptions> = {}): Block {
    return this.make({ ...options, parent: this.#tree.add(header) });
  }

  /** Makes a good block and sends it. */
  good(name: string, options: Partial<BlockOptions> = {}): Placed {
    return this.send(name, this.make(options), "tip");
  }

  /** Makes a block that must be refused, and sends it. */
  bad(name: string, expected: string, options: Partial<BlockOptions> = {}): Placed {
    return this.send(name, this.make(options), expected as Outcome);
  }

  /** Makes a block that does not become the tip and is not refused, and sends it. */
  side(name: string, options: Partial<BlockOptions> = {}): Placed {
    return this.send(name, this.make(options), "side");
  }

  /** So many blocks of nothing. */
  grow(count: number): void {
    for (let i = 0; i < count; i++) this.good(`block ${this.tip.height + 1}`);
  }

  /** An output of a transaction in a block that was sent. */
  coin({ block, node }: Placed, transaction = 0, vout = 0): LocatedCoin {
    const { txid, outputs } = block.transactions[transaction] as Transaction;
    const coin = {
      ...(outputs[vout] as TxOutput),
      height: node.height,
      coinbase: transaction === 0,
    };
    return { outpoint: { txid, vout }, coin };
  }

  /** The subsidy of the block after this one. */
  subsidyAfter(node: HeaderNode): bigint {
    return blockSubsidy(node.height + 1, this.params);
  }

  /** A coinbase for the block after the tip, which says so much and pays so much. */
  coinbase(outputs: readonly TxOutput[], fields: Partial<TransactionFields> = {}): Transaction {
    const made = coinbaseTransaction(this.tip.height + 1, outputs, ++this.#extra);
    return new Transaction({ ...made, inputs: made.inputs, outputs, ...fields });
  }
}

/** An output that pays somebody. */
export function pay(value: bigint, scriptPubKey: Uint8Array = MINER.script): TxOutput {
  return { value, scriptPubKey };
}

/** A transaction that is not signed. */
export function unsigned(
  coins: readonly LocatedCoin[],
  outputs: readonly TxOutput[],
  fields: Partial<TransactionFields> = {},
  sequence: number = SEQUENCE_FINAL,
): Transaction {
  const inputs = coins.map(({ outpoint: prevout }) => ({
    prevout,
    scriptSig: NONE,
    sequence,
    witness: [],
  }));
  return new Transaction({ version: 2, lockTime: 0, inputs, outputs, ...fields });
}

/** Spends coins of one kind, well or badly. */
export function spend(
  kind: OutputKind,
  coins: readonly LocatedCoin[],
  outputs: readonly TxOutput[],
  defect?: Defect,
): Transaction {
  const blank = unsigned(coins, outputs);
  const spent = coins.map(({ coin }) => coin);
  const inputs = blank.inputs.map((input, i) => ({
    ...input,
    ...kind.unlock(blank, i, spent, defect),
  }));
  return new Transaction({ ...blank, inputs, outputs });
}

/** The same transaction, its inputs unlocked by what is given. */
export function unlocked(
  transaction: Transaction,
  scriptSig: Uint8Array,
  witness: readonly Uint8Array[] = [],
): Transaction {
  const { outputs } = transaction;
  const inputs = transaction.inputs.map((input) => ({ ...input, scriptSig, witness }));
  return new Transaction({ ...transaction, inputs, outputs });
}
