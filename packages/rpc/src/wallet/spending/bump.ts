/** bumpfee and psbtbumpfee. Core: bumpfee_helper (wallet/rpc/spend.cpp), wallet/feebumper.cpp. */
import { outpointKey, type Transaction, type Txid, type TxOutput } from "@chain/core";
import { type ReplaceResult, replaceSpend } from "@chain/wallet/spending";
import type { Argument } from "../../define/argument.ts";
import type { ErrorCase } from "../../define/method.ts";
import { coins, list as listOf, type ShapeOf, text } from "../../define/result.ts";
import {
  any,
  boolean,
  integer,
  options as optionsOf,
  readBoolean,
  readInteger,
  readStrictly,
  string,
} from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RPC_WALLET_ERROR,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import type { Json } from "../../json/parse.ts";
import { outputPairs, outputsOf } from "../../methods/construct.ts";
import { findCoins } from "../../methods/previousOutputs.ts";
import type { RpcWallet } from "../host.ts";
import { requireUnlocked } from "../method.ts";
import { InputSizes, ownOutput } from "./coins.ts";
import { CoinControl, invalid, setFeeWishes } from "./control.ts";
import type { Options } from "./fund.ts";
import { signedInputWeight } from "./inputWeight.ts";
import { ChangeAddresses, requestOf } from "./payment.ts";

const TYPES = {
  confTarget: "number",
  conf_target: "number",
  fee_rate: "any",
  replaceable: "bool",
  estimate_mode: "string",
  outputs: "any",
  original_change_index: "number",
} as const;

export const OPTIONS: Argument<"options", Options | undefined> = optionsOf(
  "options",
  [
    integer("conf_target", { text: "Confirmation target in blocks", optional: true }),
    any("fee_rate", {
      text: "Specify a fee rate in sat/vB instead of relying on the built-in fee estimator.",
      optional: true,
    }),
    boolean("replaceable", {
      text: "Whether the new transaction should be marked bip-125 replaceable.",
      fallback: true,
    }),
    string("estimate_mode", { text: "The fee estimate mode", optional: true }),
    any("outputs", {
      text: "The outputs specified as key-value pairs.\nCannot be provided if 'original_change_index' is specified.",
      optional: true,
    }),
    integer("original_change_index", {
      text: "The 0-based index of the change output on the original transaction. Cannot be used in combination with the 'outputs' option.",
      hint: "not set, detect change automatically",
    }),
  ],
  { text: "How it is made", optional: true, oneLine: "options" },
  false,
);

export const DESCRIPTION =
  "The command will pay the additional fee by reducing change outputs or adding inputs when necessary.\nIt may add a new change output if one does not already exist.\nAll inputs in the original transaction will be included in the replacement transaction.\nThe command will fail if the wallet or mempool contains a transaction that spends one of T's outputs.\nBy default, the new fee will be calculated automatically using the estimatesmartfee RPC.\nThe user can specify a confirmation target for estimatesmartfee.\nAlternatively, the user can specify a fee rate in sat/vB for the new transaction.\nAt a minimum, the new fee rate must be high enough to pay an additional new relay fee (incrementalfee\nreturned by getnetworkinfo) to enter the node's mempool.";

interface Fees {
  readonly origfee: number;
  readonly fee: number;
  readonly errors: readonly string[];
}

export const FEES: ShapeOf<Fees> = {
  origfee: coins("The fee of the replaced transaction."),
  fee: coins("The fee of the new transaction."),
  errors: listOf(text("An error"), "Errors encountered during processing (may be empty)."),
};

export const ERRORS: readonly ErrorCase[] = [
  { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the wallet has no such transaction" },
  { code: RPC_INVALID_PARAMETER, when: "it has descendants, or an option is wrong" },
  { code: RPC_WALLET_ERROR, when: "it can't be replaced" },
  { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
  { code: RPC_MISC_ERROR, when: "its coins are spent already" },
];

/** A replacement that was made. */
export type Replacement = Extract<ReplaceResult, { readonly ok: true }>;

export function feesOf({ oldFee, fee }: Replacement): Fees {
  return { origfee: coinsNumber(oldFee), fee: coinsNumber(fee), errors: [] };
}

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;

interface BumpOptions {
  readonly control: CoinControl;
  readonly outputs: readonly TxOutput[] | undefined;
  readonly originalChangeIndex: number | undefined;
}

function readOptions(given: Options, host: RpcHost): BumpOptions {
  const control = new CoinControl();
  control.signalsReplacement = true;
  const options = readStrictly(given, TYPES, { optional: true });
  if (isGiven(options.confTarget) && isGiven(options.conf_target)) {
    throw invalid(
      "confTarget and conf_target options should not both be set. Use conf_target (confTarget is deprecated).",
    );
  }
  const confTarget = isGiven(options.confTarget) ? options.confTarget : options.conf_target;
  if (isGiven(options.replaceable)) control.signalsReplacement = readBoolean(options.replaceable);
  const fees = { confTarget, estimateMode: options.estimate_mode };
  setFeeWishes(control, { ...fees, feeRate: options.fee_rate }, false);
  let outputs: readonly TxOutput[] | undefined;
  if (isGiven(options.outputs)) {
    if (Array.isArray(options.outputs) && options.outputs.length === 0) {
      throw invalid("Invalid parameter, output argument cannot be an empty array");
    }
    outputs = outputsOf(outputPairs(options.outputs), host);
  }
  const index = options.original_change_index;
  const originalChangeIndex = isGiven(index)
    ? Number(readInteger(index, 0n, 0xffff_ffffn))
    : undefined;
  return { control, outputs, originalChangeIndex };
}

/** A wish for a replacement, with what the chain knows of the coins. */
interface BumpWish extends BumpOptions {
  readonly txid: Txid;
  readonly spent: ReadonlyMap<string, TxOutput>;
}

/** Reads what is wished, and looks up the coins. @throws RpcError -1, -5, -8, -13 */
export async function prepareBump(
  txid: Txid,
  given: Options,
  wallet: RpcWallet,
  host: RpcHost,
): Promise<BumpWish> {
  const options = readOptions(given, host);
  const { outputs, originalChangeIndex } = options;
  await wallet.caughtUp();
  requireUnlocked(wallet);
  if (outputs !== undefined && originalChangeIndex !== undefined) {
    throw invalid(
      "The options 'outputs' and 'original_change_index' are incompatible. You can only either specify a new set of outputs, or designate a change output to be recycled.",
    );
  }
  const old = requireOld(txid, wallet);
  if (originalChangeIndex !== undefined && originalChangeIndex >= old.outputs.length) {
    throw invalid("Change position is out of range");
  }
  return { ...options, txid, spent: await spentOutputs(old, host) };
}

/**
 * Makes a replacement, at once: nothing comes between the choice of coins and a commit.
 * Core: CreateRateBumpTransaction. @throws RpcError -1, -4, -5, -8
 */
export function replacementOf(
  { txid, spent, control, outputs, originalChangeIndex }: BumpWish,
  wallet: RpcWallet,
  host: RpcHost,
  requiresOwn: boolean,
): Replacement {
  const { ledger } = wallet;
  const old = requireOld(txid, wallet);
  checkReplaceable(old, wallet, host, requiresOwn);
  const sizes = new InputSizes(ledger, host);
  const inputs = old.inputs.map((input, index) => {
    const output = spent.get(outpointKey(input.prevout));
    if (output === undefined) throw alreadySpent(old, index);
    const isOwn = ownOutput(wallet, input.prevout) !== undefined;
    return {
      outpoint: input.prevout,
      output,
      ...(isOwn
        ? { satisfaction: sizes.of(output.scriptPubKey, ledger.ownerOf(output.scriptPubKey)) }
        : { weight: signedInputWeight(input) }),
    };
  });
  const change = new ChangeAddresses(wallet);
  const made = replaceSpend({
    ...requestOf(wallet, host, control, sizes),
    ...{ replaced: old, inputs, outputs, originalChangeIndex, change },
    isChange: ({ scriptPubKey: script }) => {
      if (!ledger.isChange(script)) return undefined;
      return { script, satisfaction: sizes.of(script, ledger.ownerOf(script)) };
    },
  });
  if (made.ok) return made;
  change.giveBack();
  const code = made.code === "wallet" ? RPC_WALLET_ERROR : RPC_INVALID_PARAMETER;
  throw new RpcError(code, made.reason);
}

function requireOld(txid: Txid, { ledger }: RpcWallet): Transaction {
  const old = ledger.transaction(txid)?.transaction;
  if (old !== undefined) return old;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Invalid or non-wallet transaction id");
}

/** Outputs that the inputs of a transaction spend, by `outpointKey`. */
async function spentOutputs(
  old: Transaction,
  host: RpcHost,
): Promise<ReadonlyMap<string, TxOutput>> {
  const outpoints = old.inputs.map(({ prevout }) => prevout);
  const found = await findCoins(outpoints, host);
  const outputs = new Map<string, TxOutput>();
  for (const [index, outpoint] of outpoints.entries()) {
    const coin = found[index];
    if (coin === undefined) throw alreadySpent(old, index);
    outputs.set(outpointKey(outpoint), { value: coin.value, scriptPubKey: coin.scriptPubKey });
  }
  return outputs;
}

function alreadySpent({ inputs }: Transaction, index: number): RpcError {
  const { txid, vout } = inputs[index]?.prevout ?? { txid: "", vout: 0 };
  return new RpcError(RPC_MISC_ERROR, `${txid}:${vout} is already spent`);
}

/** Core: PreconditionChecks. @throws RpcError -4, -8 */
function checkReplaceable(
  old: Transaction,
  wallet: RpcWallet,
  { chain }: RpcHost,
  requiresOwn: boolean,
): void {
  const { ledger } = wallet;
  if (old.outputs.some((_, vout) => ledger.isSpent({ txid: old.txid, vout }))) {
    throw invalid("Transaction has descendants in the wallet");
  }
  if ((chain.mempool.get(old.txid)?.children.size ?? 0) > 0) {
    throw invalid("Transaction has descendants in the mempool");
  }
  const known = ledger.transaction(old.txid);
  const type = known?.state.type;
  if (type === "confirmed" || type === "block-conflicted") {
    const message = "Transaction has been mined, or is conflicted with a mined transaction";
    throw new RpcError(RPC_WALLET_ERROR, message);
  }
  const replacedBy = known?.notes.replacedBy;
  if (replacedBy !== undefined) {
    const message = `Cannot bump transaction ${old.txid} which was already bumped by transaction ${replacedBy}`;
    throw new RpcError(RPC_WALLET_ERROR, message);
  }
  if (!requiresOwn || old.inputs.every(({ prevout }) => ownOutput(wallet, prevout))) return;
  const message = "Transaction contains inputs that don't belong to this wallet";
  throw new RpcError(RPC_WALLET_ERROR, message);
}
