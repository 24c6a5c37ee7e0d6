/** A block template as BIP-0022, 0023, 0009 and 0145 have it. Core: getblocktemplate (rpc/mining.cpp). */
import {
  bytesToHex,
  MAX_BLOCK_SIGOPS_COST,
  MAX_BLOCK_WEIGHT,
  type Transaction,
  type Txid,
  versionBitsState,
  WITNESS_SCALE_FACTOR,
} from "@chain/core";
import { blockTemplate } from "@chain/engine";
import { RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { bigNumber } from "../json/number.ts";
import { hex32, targetHex } from "./header.ts";

/** The rule that a miner must support on a network with a challenge (BIP-0325): each block has to be signed. */
const SIGNET_RULE = "!signet";

/** Core: MAX_BLOCK_SERIALIZED_SIZE. */
const MAX_BLOCK_SIZE = 4_000_000;

export interface TemplateDescription {
  readonly capabilities: readonly string[];
  readonly version: number;
  readonly rules: readonly string[];
  readonly vbavailable: Readonly<Record<string, number>>;
  readonly vbrequired: number;
  readonly previousblockhash: string;
  readonly transactions: readonly {
    readonly data: string;
    readonly txid: string;
    readonly hash: string;
    readonly depends: readonly number[];
    readonly fee: number;
    readonly sigops: number;
    readonly weight: number;
  }[];
  readonly coinbaseaux: Readonly<Record<string, string>>;
  readonly coinbasevalue: number;
  readonly longpollid: string;
  readonly target: string;
  readonly mintime: number;
  readonly mutable: readonly string[];
  readonly noncerange: string;
  readonly sigoplimit: number;
  readonly sizelimit: number;
  readonly weightlimit?: number | undefined;
  readonly curtime: number;
  readonly bits: string;
  readonly height: number;
  readonly signet_challenge?: string | undefined;
  readonly default_witness_commitment?: string | undefined;
}

/**
 * The template for the next block.
 * @param known the rules that the caller says it knows
 * @param changes how often the mempool has changed, for the id that a caller waits with
 * @throws RpcError -8 where the caller does not know a rule that it must
 */
export function describeTemplate(
  { chain, assembled }: Pick<RpcHost, "chain" | "assembled">,
  known: ReadonlySet<string>,
  changes: number,
): TemplateDescription {
  const { params, tip } = chain;
  const { signetChallenge } = params;
  if (signetChallenge !== undefined && !known.has(SIGNET_RULE.slice(1)))
    throw mustKnow(SIGNET_RULE.slice(1), '"segwit", "signet"');
  if (!known.has("segwit")) throw mustKnow("segwit", '"segwit"');
  const { block, height, minTime, entries } = blockTemplate(chain, new Uint8Array(0));
  assembled.block = block;
  const [coinbase, ...others] = block.transactions as [Transaction, ...Transaction[]];
  const isSegwit = height >= params.deployments.segwit;
  const scale = isSegwit ? 1 : WITNESS_SCALE_FACTOR;
  const numbers = new Map<Txid, number>(others.map(({ txid }, i) => [txid, i + 1]));
  const { header } = block;
  const [reward, commitment] = coinbase.outputs;
  const states = params.versionBits.map((each) => [each, versionBitsState(tip, each)] as const);
  const available = states.filter(([, state]) => state === "started" || state === "locked-in");
  const active = states.filter(([, state]) => state === "active");
  return {
    capabilities: ["proposal"],
    version: header.version,
    rules: [
      "csv",
      ...(isSegwit ? ["!segwit"] : []),
      ...(signetChallenge !== undefined ? [SIGNET_RULE] : []),
      ...active.map(([{ name }]) => name),
      "taproot",
    ],
    vbavailable: Object.fromEntries(available.map(([{ name, bit }]) => [name, bit])),
    vbrequired: 0,
    previousblockhash: header.previousHash,
    transactions: others.map((transaction, i) => ({
      data: bytesToHex(transaction.toBytes()),
      txid: transaction.txid,
      hash: transaction.wtxid,
      depends: transaction.inputs
        .map(({ prevout }) => numbers.get(prevout.txid))
        .filter((number) => number !== undefined),
      fee: bigNumber(entries[i]?.fee ?? 0n),
      sigops: (entries[i]?.sigopCost ?? 0) / scale,
      weight: transaction.weight,
    })),
    coinbaseaux: {},
    coinbasevalue: bigNumber(reward?.value ?? 0n),
    longpollid: `${tip.hash}${changes}`,
    target: targetHex(header.bits),
    mintime: minTime,
    mutable: ["time", "transactions", "prevblock"],
    noncerange: "00000000ffffffff",
    sigoplimit: MAX_BLOCK_SIGOPS_COST / scale,
    sizelimit: MAX_BLOCK_SIZE / scale,
    ...(isSegwit && { weightlimit: MAX_BLOCK_WEIGHT }),
    curtime: header.time,
    bits: hex32(header.bits),
    height,
    ...(signetChallenge !== undefined && { signet_challenge: bytesToHex(signetChallenge) }),
    ...(commitment !== undefined && {
      default_witness_commitment: bytesToHex(commitment.scriptPubKey),
    }),
  };
}

function mustKnow(rule: string, all: string): RpcError {
  const message = `getblocktemplate must be called with the ${rule} rule set (call with {"rules": [${all}]})`;
  return new RpcError(RPC_INVALID_PARAMETER, message);
}
