import type { Method } from "../../define/method.ts";
import {
  any,
  boolean,
  integer,
  list,
  options as optionsOf,
  readBoolean,
  readList,
  readObject,
  string,
  unsigned,
} from "../../define/types.ts";
import type { Json } from "../../json/parse.ts";
import { constructTransaction, OUTPUTS, outputPairs } from "../../methods/construct.ts";
import { EXAMPLE_ADDRESS } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";
import {
  CONF_TARGET,
  CoinControl,
  ESTIMATE_MODE,
  FEE_RATE,
  FUNDING_FIELDS,
  invalid,
  readFeePayers,
} from "./control.ts";
import { FINISHED, finishTransaction } from "./finish.ts";
import {
  fundTransaction,
  type Options,
  prepareFunding,
  readFunding,
  readLockTime,
  withInputWeights,
} from "./fund.ts";
import { SENDING_ERRORS } from "./sendMoney.ts";
import { payeeOf } from "./sendtoaddress.ts";

const OPTIONS = optionsOf(
  "options",
  [
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
    boolean("add_to_wallet", {
      text: "When false, returns a serialized transaction which will not be added to the wallet or broadcast",
      fallback: true,
    }),
    string("change_address", {
      text: "The bitcoin address to receive the change",
      hint: "automatic",
    }),
    integer("change_position", { text: "The index of the change output", hint: "random" }),
    string("change_type", {
      text: "The output type to use. Only valid if change_address is not specified.",
      hint: "set by -changetype",
    }),
    boolean("include_watching", { text: "(DEPRECATED) No longer used", fallback: false }),
    list("inputs", any("input", { text: "txid, vout, and perhaps sequence and weight" }), {
      text: "Specify inputs instead of adding them automatically.",
      fallback: [],
    }),
    integer("locktime", {
      text: "Raw locktime. Non-0 value also locktime-activates inputs",
      hint: "locktime close to block height to prevent fee sniping",
    }),
    boolean("lock_unspents", { text: "Lock selected unspent outputs", fallback: false }),
    boolean("psbt", {
      text: "Always return a PSBT, implies add_to_wallet=false.",
      hint: "automatic",
    }),
    list("subtract_fee_from_outputs", any("vout_index", { text: "An index, or an address" }), {
      text: "Outputs to subtract the fee from, specified as integer indices.",
      fallback: [],
    }),
    integer("max_tx_weight", {
      text: "The maximum acceptable transaction weight.",
      optional: true,
    }),
    ...FUNDING_FIELDS,
  ],
  { text: "How it is made", optional: true, oneLine: "options" },
  false,
);

export const send: Method = walletMethod({
  name: "send",
  description:
    "EXPERIMENTAL warning: this call may be changed in future releases.\n\nSend a transaction.",
  arguments: [
    OUTPUTS,
    CONF_TARGET,
    ESTIMATE_MODE,
    FEE_RATE,
    OPTIONS,
    unsigned("version", { text: "Transaction version", fallback: 2 }),
  ],
  results: [{ schema: FINISHED }],
  errors: SENDING_ERRORS,
  examples: [
    [{ [EXAMPLE_ADDRESS]: 0.1 }, 6, "economical"],
    [{ [EXAMPLE_ADDRESS]: 0.2 }, null, "unset", 1.1],
  ],
  waits: false,
  run: async (given, wallet, { host, given: positions }) => {
    const options = withFeeArguments(given.options ?? {}, positions.slice(1, 4));
    preventOldNames(options);
    const { replaceable } = options;
    const rbf = isGiven(replaceable) ? readBoolean(replaceable) : wallet.settings.rbf;
    const pairs = outputPairs(given.outputs);
    const payers = readFeePayers(
      readList(options["subtract_fee_from_outputs"] ?? []),
      pairs.map(([name]) => name),
    );
    const inputs = readList(options["inputs"] ?? []).map(readObject);
    const locktime = options["locktime"] ?? 0;
    const transaction = constructTransaction(
      {
        ...{ inputs, outputs: given.outputs, replaceable: rbf, version: given.version },
        locktime: readLockTime(locktime),
      },
      host,
    );
    const payees = transaction.outputs.map((output, index) => payeeOf(output, payers.has(index)));
    const control = new CoinControl();
    control.allowsOtherInputs = inputs.length === 0;
    readFunding(withInputWeights(inputs, options), control, payees.length, host, false);
    await wallet.caughtUp();
    const unfunded = await prepareFunding(wallet, host, transaction, payees, control);
    const spend = fundTransaction(wallet, host, unfunded);
    return finishTransaction(wallet, host, spend.transaction, options);
  },
});

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;

/** Core: InterpretFeeEstimationInstructions. @throws RpcError -8 */
export function withFeeArguments(options: Options, positions: readonly Json[]): Options {
  const [confTarget, estimateMode, feeRate] = positions;
  const merged: { [name: string]: Json } = { ...options };
  if ("conf_target" in options || "estimate_mode" in options) {
    if (isGiven(confTarget) || isGiven(estimateMode)) {
      throw invalid(
        "Pass conf_target and estimate_mode either as arguments or in the options object, but not both",
      );
    }
  } else {
    merged["conf_target"] = confTarget ?? null;
    merged["estimate_mode"] = estimateMode ?? null;
  }
  if ("fee_rate" in options) {
    if (isGiven(feeRate)) {
      throw invalid(
        "Pass the fee_rate either as an argument, or in the options object, but not both",
      );
    }
  } else {
    merged["fee_rate"] = feeRate ?? null;
  }
  const mode = merged["estimate_mode"];
  if (isGiven(merged["conf_target"]) && (!isGiven(mode) || mode === "unset")) {
    throw invalid("Specify estimate_mode");
  }
  return merged;
}

/** Core: PreventOutdatedOptions. @throws RpcError -8 */
export function preventOldNames(options: Options): void {
  const names = [
    ["feeRate", "fee_rate (sat/vB)"],
    ["changeAddress", "change_address"],
    ["changePosition", "change_position"],
    ["lockUnspents", "lock_unspents"],
    ["subtractFeeFromOutputs", "subtract_fee_from_outputs"],
  ] as const;
  for (const [old, name] of names) {
    if (old in options) throw invalid(`Use ${name} instead of ${old}`);
  }
}
