/** Rules beyond consensus for transactions that a node keeps and passes on. Core: policy/policy.h. */
import { requireFields } from "../arguments.ts";
import { MAX_BLOCK_WEIGHT } from "../limits.ts";
import { requireOptions } from "../shapes.ts";
import { BYTES_PER_SIGOP } from "./feeRate.ts";

/** Weight units. Core: DEFAULT_BLOCK_RESERVED_WEIGHT. */
const DEFAULT_BLOCK_RESERVED_WEIGHT = 8000;

/** One node's policy, as data. No block is ever judged by it. Fee rates are base units for 1,000 virtual bytes. */
export interface Policy {
  /** Whether only transactions of the usual forms are taken. Core: -acceptnonstdtxn=0. */
  readonly requireStandard: boolean;
  /** An output is dust where spending it at this rate costs more than it holds. Core: -dustrelayfee. */
  readonly dustRelayFeeRate: bigint;
  /** Most bytes of an output script that begins with OP_RETURN; 0 allows none. Core: -datacarriersize. */
  readonly maxDataCarrierSize: number;
  /** Whether outputs may be multisig without a script hash around. Core: -permitbaremultisig. */
  readonly permitBareMultisig: boolean;
  /** Bytes of witness that a signature operation counts as, at least. Core: -bytespersigop. */
  readonly bytesPerSigop: number;
  /** The least that transactions pay which a block of ours takes together. Core: -blockmintxfee. */
  readonly blockMinFeeRate: bigint;
  /** Most weight of a block of ours, up to that of consensus. Core: -blockmaxweight. */
  readonly blockMaxWeight: number;
  /** Weight that is left in a block of ours for its header, the count and the coinbase. Core: -blockreservedweight. */
  readonly blockReservedWeight: number;
  /** The version of blocks of ours, for tests; default: by the deployments that there are. Core: -blockversion. */
  readonly blockVersion?: number;
  /** The least that a transaction must pay. Core: -minrelaytxfee. */
  readonly minRelayFeeRate: bigint;
  /** By how much more is asked for the same room: replacements, a full mempool. Core: -incrementalrelayfee. */
  readonly incrementalRelayFeeRate: bigint;
  /**
   * Which unconfirmed transactions may be replaced: none, those that signal it (BIP-0125), all. Core before 29:
   * -mempoolfullrbf.
   */
  readonly replaceByFee: "off" | "opt-in" | "full";
}

/** A network's policy beside the fee rate, which stands in its parameters because wallets need it too. */
export type NetworkPolicy = Omit<Policy, "minRelayFeeRate">;

/** The policy of Core 29 on mainnet and on the public test networks, but for its incremental fee rate, which fell. */
export const STANDARD_POLICY: NetworkPolicy = /* @__PURE__ */ Object.freeze({
  requireStandard: true,
  dustRelayFeeRate: 3000n,
  maxDataCarrierSize: 83,
  permitBareMultisig: true,
  bytesPerSigop: BYTES_PER_SIGOP,
  incrementalRelayFeeRate: 1000n,
  blockMinFeeRate: 1n,
  blockMaxWeight: MAX_BLOCK_WEIGHT,
  blockReservedWeight: DEFAULT_BLOCK_RESERVED_WEIGHT,
  replaceByFee: "full",
});

/** For tests: any form that a block may hold. (Core, since 0.19, asks for standard ones here too.) */
export const REGTEST_POLICY: NetworkPolicy = /* @__PURE__ */ (() =>
  Object.freeze({
    ...STANDARD_POLICY,
    requireStandard: false,
  }))();

/**
 * For a chain of one's own: all that a block may hold is accepted, and the first of two conflicting transactions stays.
 */
export const DEVNET_POLICY: NetworkPolicy = /* @__PURE__ */ (() =>
  Object.freeze({
    ...REGTEST_POLICY,
    blockMinFeeRate: 0n,
    replaceByFee: "off",
  }))();

/**
 * The policy of a network's nodes, with changes.
 * @example policyOf(regtest, { requireStandard: true })
 */
export function policyOf(
  params: { readonly policy: NetworkPolicy; readonly minRelayFeeRate: bigint },
  changes: Partial<Policy> = {},
): Policy {
  requireFields(params, "params", { policy: "object", minRelayFeeRate: "bigint" });
  requireFields(params.policy, "params.policy", {
    requireStandard: "boolean",
    dustRelayFeeRate: "bigint",
    maxDataCarrierSize: "number",
    permitBareMultisig: "boolean",
    bytesPerSigop: "number",
    incrementalRelayFeeRate: "bigint",
    blockMinFeeRate: "bigint",
    blockMaxWeight: "number",
    blockReservedWeight: "number",
    replaceByFee: "string",
  });
  requireOptions(changes, "changes", {
    requireStandard: "boolean?",
    dustRelayFeeRate: "bigint?",
    maxDataCarrierSize: "number?",
    permitBareMultisig: "boolean?",
    bytesPerSigop: "number?",
    minRelayFeeRate: "bigint?",
    incrementalRelayFeeRate: "bigint?",
    blockMinFeeRate: "bigint?",
    blockMaxWeight: "number?",
    blockReservedWeight: "number?",
    blockVersion: "number?",
    replaceByFee: "string?",
  });

  return Object.freeze({
    ...params.policy,
    minRelayFeeRate: params.minRelayFeeRate,
    ...changes,
  });
}
