import {
  type AncestorView,
  Block,
  BlockHeader,
  blockSubsidy,
  type ChainParams,
  concatBytes,
  MAX_BLOCK_SIGOPS_COST,
  MAX_BLOCK_WEIGHT,
  merkleRoot,
  NULL_OUTPOINT,
  nextBits,
  pushData,
  pushNumber,
  SEQUENCE_FINAL,
  Transaction,
  witnessCommitmentScript,
} from "@chain/core";
import type { MempoolEntry } from "../mempool/entry.ts";
import { selectTransactions } from "../mempool/selection.ts";

/** Weight and sigop cost that are left for header, count and coinbase. Core: BlockAssembler::resetBlock. */
const RESERVED_WEIGHT = 4000;
const RESERVED_SIGOPS_COST = 400;

/** Version of the blocks we make: no bits of BIP-0009 set. */
const BLOCK_VERSION = 0x2000_0000;

/** What the next block may hold, before somebody is chosen to be paid and a nonce is found. */
export interface BlockTemplate {
  readonly parent: AncestorView;
  readonly height: number;
  readonly bits: number;
  /** Least time that it may have, in seconds since 1970. */
  readonly minTime: number;
  /** Chosen for it, parents before children; without the coinbase. */
  readonly transactions: readonly Transaction[];
  /** Base units that the coinbase may pay: subsidy and fees. */
  readonly reward: bigint;
  /** Whether the coinbase must commit to witnesses: some transaction has one (BIP-0141). */
  readonly commitsToWitness: boolean;
}

/**
 * The template of the block after `parent`.
 * @param time of the block, in seconds since 1970
 */
export function makeTemplate(
  parent: AncestorView,
  entries: Iterable<MempoolEntry>,
  time: number,
  params: ChainParams,
): BlockTemplate {
  const height = parent.height + 1;
  const chosen = selectTransactions(entries, {
    weight: MAX_BLOCK_WEIGHT - RESERVED_WEIGHT,
    sigopCost: MAX_BLOCK_SIGOPS_COST - RESERVED_SIGOPS_COST,
  });
  const fees = chosen.reduce((sum, { fee }) => sum + fee, 0n);
  const transactions = chosen.map(({ transaction }) => transaction);
  const minTime = parent.medianTimePast + 1;
  return {
    parent,
    height,
    bits: nextBits(parent, Math.max(time, minTime), params),
    minTime,
    transactions,
    reward: blockSubsidy(height, params) + fees,
    commitsToWitness: transactions.some(({ hasWitness }) => hasWitness),
  };
}

/**
 * The block of a template, its nonce 0: the work is still to be done.
 * @param payTo script of the output that gets the reward
 * @param extraNonce makes the coinbase, and so the whole range of nonces, another
 */
export function assembleBlock(
  template: BlockTemplate,
  payTo: Uint8Array,
  time: number,
  extraNonce: number,
): Block {
  const { height, parent, bits, reward, commitsToWitness } = template;
  // BIP-0034 asks for the height first.
  const scriptSig = concatBytes(pushNumber(height), pushData(littleEndian(extraNonce)));
  const outputs = [{ value: reward, scriptPubKey: payTo }];
  const witness: Uint8Array[] = [];
  const coinbase = () =>
    new Transaction({
      version: 2,
      inputs: [{ prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness }],
      outputs,
      lockTime: 0,
    });
  if (commitsToWitness) {
    const reserved = new Uint8Array(32);
    const transactions = [coinbase(), ...template.transactions];
    outputs.push({ value: 0n, scriptPubKey: witnessCommitmentScript(transactions, reserved) });
    witness.push(reserved);
  }
  const transactions = [coinbase(), ...template.transactions];
  const header = new BlockHeader({
    version: BLOCK_VERSION,
    previousHash: parent.hash,
    merkleRoot: merkleRoot(transactions.map(({ txid }) => txid)).root,
    time: Math.max(time, template.minTime),
    bits,
    nonce: 0,
  });
  return new Block(header, transactions);
}

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}
