/** The request for a payment. Core: CRecipient, CCoinControl. */

import type { Outpoint, Transaction, TxOutput } from "@chain/core";
import {
  optional,
  requireArray,
  requireBytes,
  requireFields,
  requireInteger,
  requireOutpoint,
  requireOutput,
} from "@chain/core/arguments";
import type { AddressKind } from "../descriptor/node.ts";
import type { MaxSatisfaction } from "../descriptor/satisfaction.ts";
import type { RandomBytes } from "../keys.ts";
import {
  type FeeSettings,
  type FeeWishes,
  requireFeeSettings,
  requireFeeWishes,
  type SpendMempool,
} from "./fees.ts";
import { requireSatisfaction } from "./size.ts";

/** An output that a payment makes. */
export interface Payee {
  readonly script: Uint8Array;
  readonly amount: bigint;
  /** Whether the fee is taken out of its amount, in equal parts of all that say so. */
  readonly subtractsFee?: boolean | undefined;
}

/**
 * A coin of the wallet that is neither locked nor spent nor immature, and whose transaction is confirmed or in the mempool.
 */
export interface SpendableCoin {
  readonly outpoint: Outpoint;
  readonly output: TxOutput;
  /** The size of its spending: `maxSatisfaction` of its descriptor. */
  readonly satisfaction: MaxSatisfaction;
  /** Confirmations; 0: its transaction is in the mempool. */
  readonly depth: number;
  /** Whether this wallet sent it. */
  readonly isFromMe: boolean;
  /** Whether it is trusted not to be replaced. Default: true. Core: IsTrusted. */
  readonly isSafe?: boolean | undefined;
  /** Whether its address was spent from before. Default: false. */
  readonly isReused?: boolean | undefined;
}

/** An input that the payment has in any case. Core: PreselectedInput. */
export interface PresetInput {
  readonly outpoint: Outpoint;
  /** The output that it spends. */
  readonly output?: TxOutput | undefined;
  /** The size of its spending. Of coins of others, with `maxSignatures`. */
  readonly satisfaction?: MaxSatisfaction | undefined;
  /** Of the whole input, signed: instead of what `satisfaction` says. */
  readonly weight?: number | undefined;
  readonly sequence?: number | undefined;
  readonly scriptSig?: Uint8Array | undefined;
  readonly witness?: readonly Uint8Array[] | undefined;
}

/** An address for change. */
export interface ChangeAddress {
  readonly script: Uint8Array;
  /** The size of its spending; none where the wallet doesn't know. */
  readonly satisfaction?: MaxSatisfaction | undefined;
}

/** Where the wallet gets addresses for change. */
export interface ChangeSource {
  /** Types of address that it has for change. */
  readonly kinds: readonly AddressKind[];
  /** The type of its addresses for payers. Core: -addresstype. */
  readonly defaultKind: AddressKind;
  /** An address not used before, or why there is none. The caller keeps it where the payment was made. */
  readonly next: (
    kind: AddressKind,
  ) => ({ readonly ok: true } & ChangeAddress) | { readonly ok: false; readonly reason: string };
}

/** The chain's tip, for the lock time. */
export interface SpendTip {
  readonly height: number;
  /** Whether the node is in step with the network: past its initial download, and the tip at most 8 hours old. */
  readonly isCurrent: boolean;
}

export interface SpendRequest extends FeeWishes {
  readonly payees: readonly Payee[];
  /** Coins to choose from. */
  readonly coins: readonly SpendableCoin[];
  readonly presets?: readonly PresetInput[] | undefined;
  /** Whether coins may be added to the presets. Default: only where there are none. */
  readonly allowOtherInputs?: boolean | undefined;
  readonly change: ChangeSource;
  /** Where change goes, instead of to a new address. */
  readonly changeAddress?: ChangeAddress | undefined;
  /** Type of the new address. Default: that of the payees, if the wallet has it. Core: -changetype. */
  readonly changeKind?: AddressKind | undefined;
  /** Index of the change among the outputs. Default: random. */
  readonly changePosition?: number | undefined;
  readonly fees: FeeSettings;
  readonly mempool?: SpendMempool | undefined;
  readonly tip: SpendTip;
  /** Default: 2. */
  readonly version?: number | undefined;
  /** Default: the height of the tip or a little less, so that no miner gains by replacing it (anti fee sniping). */
  readonly lockTime?: number | undefined;
  readonly maxWeight?: number | undefined;
  /** Whether all coins of an address are spent together. Default: only where that costs no more. */
  readonly avoidPartialSpends?: boolean | undefined;
  /** The most that spending coins of an address together may cost beyond. Default: 0. Core: -maxapsfee. */
  readonly maxAvoidPartialFee?: bigint | undefined;
  /** Whether unconfirmed coins of others may be spent. Default: false. */
  readonly includeUnsafe?: boolean | undefined;
  /** Whether coins of addresses that were spent from before may be spent. Default: true. */
  readonly includeReused?: boolean | undefined;
  /** Confirmations that coins to choose from need. Default: 0. */
  readonly minDepth?: number | undefined;
  readonly maxDepth?: number | undefined;
  /** Default: true. Core: -spendzeroconfchange. */
  readonly spendUnconfirmedChange?: boolean | undefined;
  /** Default: true. Core: -walletrejectlongchains. */
  readonly rejectLongChains?: boolean | undefined;
  /** Signs the transaction; `undefined`: it could not. Without it the transaction stays unsigned. */
  readonly sign?:
    | ((transaction: Transaction, spent: readonly TxOutput[]) => Transaction | undefined)
    | undefined;
  /** Default: the system's generator. */
  readonly randomBytes?: RandomBytes | undefined;
}

export function requireSpendRequest(value: unknown, name: string): void {
  requireFeeWishes(value, name);
  requireFields(value, name, {
    ...{ payees: "array", coins: "array", presets: "array?", allowOtherInputs: "boolean?" },
    ...{ change: "object", changeAddress: "object?", changeKind: "string?" },
    ...{ changePosition: "number?", fees: "object", mempool: "object?", tip: "object" },
    ...{ version: "number?", lockTime: "number?", maxWeight: "number?" },
    ...{ avoidPartialSpends: "boolean?", maxAvoidPartialFee: "bigint?", includeUnsafe: "boolean?" },
    ...{ includeReused: "boolean?", minDepth: "number?", maxDepth: "number?" },
    ...{ spendUnconfirmedChange: "boolean?", rejectLongChains: "boolean?", sign: "function?" },
    randomBytes: "function?",
  });
  const request = value as SpendRequest;
  requireArray(request.payees, `${name}.payees`, requirePayee);
  requireArray(request.coins, `${name}.coins`, requireSpendableCoin);
  optional(request.presets, `${name}.presets`, (presets, as) =>
    requireArray(presets, as, requirePreset),
  );
  requireChange(request.change, `${name}.change`);
  optional(request.changeAddress, `${name}.changeAddress`, requireChangeAddress);
  requireFeeSettings(request.fees, `${name}.fees`);
  optional(request.mempool, `${name}.mempool`, requireMempool);
  requireFields(request.tip, `${name}.tip`, { height: "number", isCurrent: "boolean" });
  requireInteger(request.tip.height, `${name}.tip.height`, 0);
  const whole = (field: "changePosition" | "version" | "lockTime" | "maxWeight", most: number) =>
    optional(request[field], `${name}.${field}`, (number, as) =>
      requireInteger(number, as, 0, most),
    );
  whole("changePosition", 0xffff_ffff);
  whole("version", 0x7fff_ffff);
  whole("lockTime", 0xffff_ffff);
  whole("maxWeight", 0x7fff_ffff);
}

function requirePayee(value: unknown, name: string): void {
  requireFields(value, name, { script: "bytes", amount: "bigint", subtractsFee: "boolean?" });
}

function requireSpendableCoin(value: unknown, name: string): void {
  requireFields(value, name, {
    outpoint: "object",
    output: "object",
    satisfaction: "object",
    isFromMe: "boolean",
    isSafe: "boolean?",
    isReused: "boolean?",
  });
  const coin = value as SpendableCoin;
  requireOutpoint(coin.outpoint, `${name}.outpoint`);
  requireOutput(coin.output, `${name}.output`);
  requireSatisfaction(coin.satisfaction, `${name}.satisfaction`);
  requireInteger(coin.depth, `${name}.depth`, 0);
}

function requirePreset(value: unknown, name: string): void {
  requireFields(value, name, {
    outpoint: "object",
    output: "object?",
    satisfaction: "object?",
    scriptSig: "bytes?",
    witness: "array?",
  });
  const preset = value as PresetInput;
  requireOutpoint(preset.outpoint, `${name}.outpoint`);
  optional(preset.output, `${name}.output`, requireOutput);
  optional(preset.satisfaction, `${name}.satisfaction`, requireSatisfaction);
  optional(preset.witness, `${name}.witness`, (witness, as) =>
    requireArray(witness, as, requireBytes),
  );
  optional(preset.weight, `${name}.weight`, (number, as) => requireInteger(number, as, 0));
  optional(preset.sequence, `${name}.sequence`, (number, as) =>
    requireInteger(number, as, 0, 0xffff_ffff),
  );
}

function requireChange(value: unknown, name: string): void {
  requireFields(value, name, { kinds: "array", defaultKind: "string", next: "function" });
  const { kinds } = value as ChangeSource;
  requireArray(kinds, `${name}.kinds`, (kind, as) => {
    requireFields({ kind }, as, { kind: "string" });
  });
}

function requireChangeAddress(value: unknown, name: string): void {
  requireFields(value, name, { script: "bytes", satisfaction: "object?" });
  const { satisfaction } = value as ChangeAddress;
  optional(satisfaction, `${name}.satisfaction`, requireSatisfaction);
}

function requireMempool(value: unknown, name: string): void {
  requireFields(value, name, {
    ancestry: "function",
    bumpFees: "function",
    maxAncestors: "number",
    maxDescendants: "number",
    checkChainLimits: "function",
  });
}
