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
import { requireBytes, requireFields, requireInteger, requireOptions } from "@chain/core/arguments";
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
  if (time > MAX_BLOCK_TIME) {
    const message = "the clock is past 2106-02-07, the last time that a block can have: correct it";
    throw new EngineError("refused", message);
  }
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

  // BIP-0034 asks for the height first.
  const scriptSig = concatBytes(pushNumber(height), extraNoncePush(options.extraNonce ?? 0));
  const reward = { value: blockSubsidy(height, params) + fees, scriptPubKey: options.payTo };
  const coinbase =
    height >= params.deployments.segwit
      ? committingCoinbase(scriptSig, reward, chosen)
      : makeCoinbase(scriptSig, [reward], []);
  const transactions = [coinbase, ...chosen];
  const header = new BlockHeader({
    version: policy.blockVersion ?? computeBlockVersion(parent, params),
    previousHash: parent.hash,
    merkleRoot: merkleRoot(transactions.map(({ txid }) => txid)).root,
    time,
    bits: nextBits(parent, time, params),
    nonce: 0,
  });
  return { block: new Block(header, transactions), height, minTime, entries, fees };
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
