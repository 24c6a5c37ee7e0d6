import {
  type AncestorView,
  Block,
  BlockHeader,
  blockSubsidy,
  type ChainParams,
  computeBlockVersion,
  concatBytes,
  MAX_BLOCK_SIGOPS_COST,
  merkleRoot,
  minimumBlockTime,
  NULL_OUTPOINT,
  nextBits,
  type Policy,
  pushData,
  pushNumber,
  SEQUENCE_FINAL,
  type Seconds,
  Transaction,
  type TxOutput,
  witnessCommitmentScript,
} from "@chain/core";
import {
  requireAncestor,
  requireArray,
  requireBytes,
  requireFields,
  requireInteger,
  requireOptions,
  requireParams,
  requireTransaction,
} from "@chain/core/arguments";
import { EngineError } from "../errors.ts";
import type { MempoolEntry } from "../mempool/entry.ts";
import { selectTransactions } from "../mempool/selection.ts";

/** Left for the coinbase. Core: coinbase_output_max_additional_sigops. */
const RESERVED_SIGOPS_COST = 400;

/** A block's time has 32 bits. Seconds since 1970. */
const MAX_BLOCK_TIME: Seconds = 0xffff_ffff;

/** The part of a policy that is about blocks of ours. */
export type BlockPolicy = Pick<
  Policy,
  "blockMinFeeRate" | "blockMaxWeight" | "blockReservedWeight" | "blockVersion"
>;

/** The part of a chain manager that a template needs. */
export interface TemplateSource {
  readonly tip: AncestorView;
  readonly params: ChainParams;
  readonly mempool: {
    entries(): Iterable<MempoolEntry>;
    /** Default: that of the network. */
    readonly policy?: BlockPolicy;
  };
  /** Milliseconds since 1970. */
  readonly now: Seconds;
}

export interface TemplateOptions {
  /** Script of the output that gets subsidy and fees. */
  readonly payTo: Uint8Array;
  /** Our time in seconds since 1970. */
  readonly time: Seconds;
  /** Makes the coinbase, and by it the whole range of nonces, another. Default 0. */
  readonly extraNonce?: number;
  /** How much is taken, and for which fee; default: the policy of the network. */
  readonly policy?: BlockPolicy;
}

/** A block that lacks nothing but work. */
export interface BlockTemplate {
  /** Its nonce is 0. */
  readonly block: Block;
  readonly height: number;
  /** Least time that it may have, in seconds since 1970. */
  readonly minTime: Seconds;
  /** The transactions that were chosen, in order; the coinbase is not among them. */
  readonly entries: readonly MempoolEntry[];
  /** Base units that `entries` leave to the miner. */
  readonly fees: bigint;
}

/**
 * A block for a miner to find a nonce for: after the tip, with what pays most of what waits.
 * @param payTo script of the output that gets subsidy and fees
 * @throws EngineError `refused` where the clock shows a time that no block can have.
 * @example blockTemplate(chain, payTo).block.transactions.length // 1: its coinbase
 */
export function blockTemplate(
  chain: TemplateSource,
  payTo: Uint8Array,
  options: Partial<Omit<TemplateOptions, "payTo" | "policy">> = {},
): BlockTemplate {
  requireFields(chain, "chain", {
    tip: "object",
    params: "object",
    mempool: "object",
    now: "number",
  });
  requireBytes(payTo, "payTo");
  requireOptions(options, "options", {
    time: "number?",
    extraNonce: "number?",
  });
  requireInteger(options.extraNonce ?? 0, "options.extraNonce", 0);

  const time = Math.floor(chain.now / 1000);
  refuseLateTime(time);
  const { tip, mempool, params } = chain;
  const { policy = params.policy } = mempool;
  return makeTemplate(tip, mempool.entries(), params, { time, policy, ...options, payTo });
}

/**
 * The template of the block after `parent`, with what pays most of what waits. Equal arguments make equal blocks.
 * Core: BlockAssembler::CreateNewBlock.
 */
export function makeTemplate(
  parent: AncestorView,
  waiting: Iterable<MempoolEntry>,
  params: ChainParams,
  options: TemplateOptions,
): BlockTemplate {
  const { policy = params.policy } = options;
  const height = parent.height + 1;
  const minTime = minimumBlockTime(parent, params);
  const time = Math.max(options.time, minTime);
  const entries = selectTransactions(waiting, {
    // Core: ClampOptions.
    weight: Math.max(0, policy.blockMaxWeight - policy.blockReservedWeight),
    sigopCost: MAX_BLOCK_SIGOPS_COST - RESERVED_SIGOPS_COST,
    minFeeRate: policy.blockMinFeeRate,
  });
  const chosen = entries.map(({ transaction }) => transaction);
  const fees = entries.reduce((sum, { fee }) => sum + fee, 0n);
  const { payTo, extraNonce } = options;
  const { blockVersion: version } = policy;
  const parts = { payTo, time, fees, extraNonce, version };
  return { block: assemble(parent, chosen, params, parts), height, minTime, entries, fees };
}

export interface AssembleOptions {
  /** Script of the output that gets subsidy and fees. */
  readonly payTo: Uint8Array;
  /** Seconds since 1970; the least that the rules allow, where it is less. */
  readonly time: Seconds;
  /** Base units that the transactions leave to the miner. Default: 0, so that the coinbase takes the subsidy alone. */
  readonly fees?: bigint | undefined;
  /** Makes the coinbase another. Default 0. */
  readonly extraNonce?: number | undefined;
  /** Default: that of the network's policy, or what BIP-0009 asks for. */
  readonly version?: number | undefined;
}

/**
 * A block of exactly these transactions, in this order, that lacks nothing but work. No rule is asked: of transactions
 * that are not valid there it makes a block that is not.
 * @param parent any block: the tip, or one that a branch begins at
 * @throws EngineError `refused` for a time that no block can have.
 * @example assembleBlock(chain.tip, [], chain.params, { payTo, time: 1_700_000_000 }).transactions.length // 1
 */
export function assembleBlock(
  parent: AncestorView,
  transactions: readonly Transaction[],
  params: ChainParams,
  options: AssembleOptions,
): Block {
  requireAncestor(parent, "parent");
  requireArray(transactions, "transactions", requireTransaction);
  requireParams(params, "params");
  requireOptions(options, "options", {
    payTo: "bytes",
    time: "number",
    fees: "bigint?",
    extraNonce: "number?",
    version: "number?",
  });
  requireInteger(options.time, "options.time", 0);
  requireInteger(options.extraNonce ?? 0, "options.extraNonce", 0);

  const time = Math.max(options.time, minimumBlockTime(parent, params));
  refuseLateTime(time);
  return assemble(parent, transactions, params, { ...options, time });
}

function refuseLateTime(time: Seconds): void {
  if (time <= MAX_BLOCK_TIME) return;
  const message = "the clock is past 2106-02-07, the last time that a block can have: correct it";
  throw new EngineError("refused", message);
}

function assemble(
  parent: AncestorView,
  others: readonly Transaction[],
  params: ChainParams,
  { payTo, time, fees = 0n, extraNonce = 0, version }: AssembleOptions,
): Block {
  const height = parent.height + 1;
  // BIP-0034 asks for the height first.
  const scriptSig = concatBytes(pushNumber(height), extraNoncePush(extraNonce));
  const reward = { value: blockSubsidy(height, params) + fees, scriptPubKey: payTo };
  const coinbase =
    height >= params.deployments.segwit
      ? committingCoinbase(scriptSig, reward, others)
      : makeCoinbase(scriptSig, [reward], []);
  const transactions = [coinbase, ...others];
  const { blockVersion = computeBlockVersion(parent, params) } = params.policy;
  const header = new BlockHeader({
    version: version ?? blockVersion,
    previousHash: parent.hash,
    merkleRoot: merkleRoot(transactions.map(({ txid }) => txid)).root,
    time,
    bits: nextBits(parent, time, params),
    nonce: 0,
  });
  return new Block(header, transactions);
}

/** A coinbase that commits to all witnesses, also where there are none: as Core does. */
function committingCoinbase(
  scriptSig: Uint8Array,
  reward: TxOutput,
  others: readonly Transaction[],
): Transaction {
  const reserved = new Uint8Array(32);
  // The coinbase itself counts as zero in the commitment, so a draft of it will do.
  const draft = makeCoinbase(scriptSig, [reward], []);
  const scriptPubKey = witnessCommitmentScript([draft, ...others], reserved);
  return makeCoinbase(scriptSig, [reward, { value: 0n, scriptPubKey }], [reserved]);
}

function makeCoinbase(
  scriptSig: Uint8Array,
  outputs: readonly TxOutput[],
  witness: readonly Uint8Array[],
): Transaction {
  const input = { prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness };
  return new Transaction({ version: 2, inputs: [input], outputs, lockTime: 0 });
}

/** Of 0 the shortest that a coinbase can have, as Core's CreateNewBlock. */
function extraNoncePush(value: number): Uint8Array {
  if (value === 0) return Uint8Array.of(0);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return pushData(bytes);
}
