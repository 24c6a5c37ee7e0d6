/** Adds coins and change to a transaction. Core: FundTransaction (wallet/rpc/spend.cpp). */
import {
  hash160,
  hexToBytes,
  p2wpkhScript,
  type TransactionFields,
  type TxInput,
  type Txid,
} from "@chain/core";
import { ACCOUNT_KINDS } from "@chain/wallet/accounts";
import { parseDescriptor } from "@chain/wallet/descriptors";
import type { Payee, Spend } from "@chain/wallet/spending";
import type { Argument } from "../../define/argument.ts";
import {
  any,
  boolean,
  integer,
  list,
  readAmount,
  readBoolean,
  readHash,
  readInt32,
  readInteger,
  readList,
  readObject,
  readStrictly,
  readString,
  string,
} from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { type Json, typeName } from "../../json/parse.ts";
import { requireScript } from "../../methods/addresses.ts";
import type { RpcWallet } from "../host.ts";
import { foreignOutputs } from "./coins.ts";
import { type CoinControl, FUNDING_FIELDS, invalid, setFeeWishes } from "./control.ts";
import { lockCoins, makePayment } from "./payment.ts";

export type Options = { readonly [name: string]: Json };

const TYPES = {
  add_inputs: "bool",
  include_unsafe: "bool",
  add_to_wallet: "bool",
  changeAddress: "string",
  change_address: "string",
  changePosition: "number",
  change_position: "number",
  change_type: "string",
  includeWatching: "bool",
  include_watching: "bool",
  inputs: "array",
  lockUnspents: "bool",
  lock_unspents: "bool",
  locktime: "number",
  fee_rate: "any",
  feeRate: "any",
  psbt: "bool",
  solving_data: "object",
  subtractFeeFromOutputs: "array",
  subtract_fee_from_outputs: "array",
  replaceable: "bool",
  conf_target: "number",
  estimate_mode: "string",
  minconf: "number",
  maxconf: "number",
  input_weights: "array",
  max_tx_weight: "number",
} as const;

/** Of an input without signatures: outpoint, sequence and two counts. */
const MIN_INPUT_WEIGHT = 165;
const MAX_WEIGHT = 400_000;
const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;

/** Fields of the options of walletcreatefundedpsbt. */
export const FUND_FIELDS: readonly Argument[] = [
  boolean("add_inputs", {
    text: "Automatically include coins from the wallet to cover the target amount.",
    hint: 'false when "inputs" are specified, true otherwise',
  }),
  boolean("include_unsafe", {
    text: "Include inputs that are not safe to spend (unconfirmed transactions from outside keys and unconfirmed replacement transactions).",
    fallback: false,
  }),
  integer("minconf", {
    text: "If add_inputs is specified, require inputs with at least this many confirmations.",
    fallback: 0,
  }),
  integer("maxconf", {
    text: "If add_inputs is specified, require inputs with at most this many confirmations.",
    optional: true,
  }),
  string("changeAddress", {
    text: "The bitcoin address to receive the change",
    hint: "automatic",
  }),
  integer("changePosition", { text: "The index of the change output", hint: "random" }),
  string("change_type", {
    text: "The output type to use. Only valid if changeAddress is not specified.",
    hint: "set by -changetype",
  }),
  boolean("includeWatching", { text: "(DEPRECATED) No longer used", fallback: false }),
  boolean("lockUnspents", { text: "Lock selected unspent outputs", fallback: false }),
  any("feeRate", { text: "Specify a fee rate in BTC/kvB.", optional: true }),
  list("subtractFeeFromOutputs", any("vout_index", { text: "An index, or an address" }), {
    text: "The outputs to subtract the fee from.",
    fallback: [],
  }),
  integer("max_tx_weight", { text: "The maximum acceptable transaction weight.", optional: true }),
  ...FUNDING_FIELDS,
];

/** @throws RpcError -3, -1 */
export function readLockTime(value: Json): bigint {
  return readInteger(value, ...INT64);
}

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;

/** The first of two names of an option that is given; the older name comes last. */
function either(options: Options, name: string, older: string): Json | undefined {
  return isGiven(options[name]) ? options[name] : options[older];
}

/**
 * Reads the options of a caller into `control`. @param overrides whether a fee rate below the minimum holds
 * @throws RpcError -3, -5, -8
 */
export function readFunding(
  given: Options,
  control: CoinControl,
  payeeCount: number,
  host: RpcHost,
  overrides: boolean,
): void {
  const options = readStrictly(given, TYPES, { optional: true });
  if (isGiven(options.add_inputs)) control.allowsOtherInputs = readBoolean(options.add_inputs);
  readChange(options, control, payeeCount, host);
  const locks = either(options, "lock_unspents", "lockUnspents");
  if (isGiven(locks)) control.locksUnspents = readBoolean(locks);
  if (isGiven(options.include_unsafe)) {
    control.includesUnsafe = readBoolean(options.include_unsafe);
  }
  if (isGiven(options.feeRate)) {
    if (isGiven(options.fee_rate)) {
      throw invalid("Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)");
    }
    if (isGiven(options.conf_target)) {
      throw invalid(
        "Cannot specify both conf_target and feeRate. Please provide either a confirmation target in blocks for automatic fee estimation, or an explicit fee rate.",
      );
    }
    if (isGiven(options.estimate_mode)) {
      throw invalid("Cannot specify both estimate_mode and feeRate");
    }
    control.feeRate = readAmount(options.feeRate);
    control.overridesFeeRate = true;
  }
  if (isGiven(options.replaceable)) control.signalsReplacement = readBoolean(options.replaceable);
  readDepths(options, control);
  const fees = { confTarget: options.conf_target, estimateMode: options.estimate_mode };
  setFeeWishes(control, { ...fees, feeRate: options.fee_rate }, overrides);
  if (isGiven(options.solving_data)) {
    readSolvingData(readObject(options.solving_data), control, host);
  }
  if (isGiven(options.input_weights)) readWeights(readList(options.input_weights), control);
  if (isGiven(options.max_tx_weight)) control.maxWeight = readInt32(options.max_tx_weight);
}

function readChange(
  options: Options,
  control: CoinControl,
  payeeCount: number,
  host: RpcHost,
): void {
  const address = either(options, "change_address", "changeAddress");
  if (isGiven(address)) {
    const message = "Change address must be a valid bitcoin address";
    control.changeScript = requireScript(readString(address), host, message);
  }
  const position = either(options, "change_position", "changePosition");
  if (isGiven(position)) {
    const index = readInt32(position);
    if (index < 0 || index > payeeCount) throw invalid("changePosition out of bounds");
    control.changePosition = index;
  }
  if (!isGiven(options["change_type"])) return;
  if (isGiven(address)) {
    throw invalid("Cannot specify both change address and address type options");
  }
  const type = readString(options["change_type"]);
  control.changeKind = ACCOUNT_KINDS.find((kind) => kind === type);
  if (control.changeKind !== undefined) return;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, `Unknown change type '${type}'`);
}

/** Confirmations that coins need to be chosen. @throws RpcError -8 */
function readDepths(options: Options, control: CoinControl): void {
  const { minconf, maxconf } = options;
  if (isGiven(minconf)) {
    control.minDepth = readInt32(minconf);
    if (control.minDepth < 0) throw invalid("Negative minconf");
  }
  if (!isGiven(maxconf)) return;
  control.maxDepth = readInt32(maxconf);
  if (control.maxDepth >= control.minDepth) return;
  throw invalid(`maxconf can't be lower than minconf: ${control.maxDepth} < ${control.minDepth}`);
}

const HEX = /^(?:[0-9a-fA-F]{2})+$/;

/** Keys, scripts and descriptors of coins of others. */
function readSolvingData(data: Options, { provider }: CoinControl, host: RpcHost): void {
  const { pubkeys, scripts, descriptors } = data;
  for (const each of isGiven(pubkeys) ? readList(pubkeys) : []) {
    const text = readString(each);
    if (!HEX.test(text)) throw notHex(`Pubkey "${text}" must be a hex string`);
    const key = hexToBytes(text);
    if (key.length !== 33 && key.length !== 65) {
      throw notHex(`Pubkey "${text}" must have a length of either 33 or 65 bytes`);
    }
    provider.addPublicKey(key);
    // A witness script is known by its program, which is a script too.
    if (key.length === 33) provider.addScript(p2wpkhScript(hash160(key)));
  }
  for (const each of isGiven(scripts) ? readList(scripts) : []) {
    const text = readString(each);
    if (!HEX.test(text)) throw notHex(`'${text}' is not hex`);
    provider.addScript(hexToBytes(text));
  }
  for (const each of isGiven(descriptors) ? readList(descriptors) : []) {
    const text = readString(each);
    const parsed = parseDescriptor(text, host.chain.params, { requireChecksum: true });
    if (!parsed.ok) throw invalid(`Unable to parse descriptor '${text}': ${parsed.reason}`);
    for (const descriptor of parsed.descriptors) {
      const expansion = descriptor.expand(0);
      if (expansion !== undefined) provider.merge(expansion.provider);
    }
  }
}

function notHex(message: string): RpcError {
  return new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}

function readWeights(inputs: readonly Json[], control: CoinControl): void {
  for (const input of inputs) {
    const { txid = null, vout: index = null, weight: given = null } = readObject(input);
    const id = readHash<Txid>(txid, "txid");
    if (typeName(index) !== "number") throw invalid("Invalid parameter, missing vout key");
    const vout = readInt32(index);
    if (vout < 0) throw invalid("Invalid parameter, vout cannot be negative");
    if (typeName(given) !== "number") throw invalid("Invalid parameter, missing weight key");
    const weight = readInteger(given, ...INT64);
    if (weight < MIN_INPUT_WEIGHT) {
      throw invalid(
        "Invalid parameter, weight cannot be less than 165 (41 bytes (size of outpoint + sequence + empty scriptSig) * 4 (witness scaling factor)) + 1 (empty witness)",
      );
    }
    if (weight > MAX_WEIGHT) {
      throw invalid(
        `Invalid parameter, weight cannot be greater than the maximum standard tx weight of ${MAX_WEIGHT}`,
      );
    }
    control.setWeight({ txid: id, vout }, Number(weight));
  }
}

/** The weights that inputs have, as options. Core: SetOptionsInputWeights. @throws RpcError -8 */
export function withInputWeights(inputs: readonly Options[], options: Options): Options {
  if (options["input_weights"] !== undefined) {
    throw invalid("Input weights should be specified in inputs rather than in options.");
  }
  if (inputs.length === 0) return options;
  return { ...options, input_weights: inputs.filter((input) => input["weight"] !== undefined) };
}

/** A transaction that lacks coins, with what the chain knows of those that it names. */
interface Unfunded {
  readonly payees: readonly Payee[];
  readonly control: CoinControl;
  readonly foreign: Awaited<ReturnType<typeof foreignOutputs>>;
}

/**
 * Looks up what has to be known before coins are chosen. @param transaction its inputs are kept, and its lock time
 * @throws RpcError -4, -8
 */
export async function prepareFunding(
  wallet: RpcWallet,
  host: RpcHost,
  transaction: Pick<TransactionFields, "inputs" | "lockTime" | "version">,
  payees: readonly Payee[],
  control: CoinControl,
): Promise<Unfunded> {
  if (payees.length === 0) throw invalid("TX must have at least one output");
  control.inputs = uniqueInputs(transaction.inputs);
  control.lockTime = transaction.lockTime;
  control.version = transaction.version;
  return { payees, control, foreign: await foreignOutputs(wallet, control.inputs, host) };
}

/** Adds coins and change, at once: nothing comes between the choice of coins and a commit. @throws RpcError -4 */
export function fundTransaction(
  wallet: RpcWallet,
  host: RpcHost,
  { payees, control, foreign }: Unfunded,
): Spend {
  const spend = makePayment(wallet, host, control, payees, foreign);
  if (!spend.ok) throw new RpcError(RPC_WALLET_ERROR, spend.reason);
  if (control.locksUnspents) lockCoins(wallet, spend.transaction);
  return spend;
}

/** An output that is named twice is spent once. */
function uniqueInputs(inputs: readonly TxInput[]): readonly TxInput[] {
  const byName = new Map<string, TxInput>();
  for (const input of inputs) {
    byName.set(`${input.prevout.txid}:${input.prevout.vout}`, input);
  }
  return [...byName.values()];
}
