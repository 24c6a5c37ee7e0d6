import { feeForSize, isDust, type Outpoint, type TxInput, type TxOutput } from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import {
  chooseFeeRate,
  maxInputWeight,
  maxTransactionSize,
  type SizedInput,
} from "@chain/wallet/spending";
import type { Argument } from "../../define/argument.ts";
import type { Method } from "../../define/method.ts";
import {
  any,
  boolean,
  integer,
  list,
  options as optionsOf,
  readBoolean,
  readInt32,
  readList,
  readObject,
} from "../../define/types.ts";
import { RPC_WALLET_ERROR, RPC_WALLET_INSUFFICIENT_FUNDS, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { requireScript, scriptKey } from "../../methods/addresses.ts";
import { constructTransaction } from "../../methods/construct.ts";
import { EXAMPLE_ADDRESS } from "../../methods/examples.ts";
import type { RpcWallet } from "../host.ts";
import { walletMethod } from "../method.ts";
import { InputSizes, ownOutput, spendableCoins } from "./coins.ts";
import {
  CONF_TARGET,
  CoinControl,
  ESTIMATE_MODE,
  FEE_RATE,
  FUNDING_FIELDS,
  invalid,
  setFeeWishes,
} from "./control.ts";
import { feeSettingsOf } from "./fees.ts";
import { FINISHED, finishTransaction } from "./finish.ts";
import { type Options, readLockTime } from "./fund.ts";
import { spendMempoolOf } from "./mempool.ts";
import { lockCoins } from "./payment.ts";
import { preventOldNames, withFeeArguments } from "./send.ts";
import { SENDING_ERRORS } from "./sendMoney.ts";

const REPLACEABLE_SEQUENCE = 0xffff_fffd;
const FINAL_SEQUENCE = 0xffff_ffff;
const MAX_WEIGHT = 400_000;

const RECIPIENTS: Argument<"recipients", readonly (Json | undefined)[]> = list(
  "recipients",
  any("recipient", { text: "An address, or an object of one address and an amount" }),
  {
    text: "The sendall destinations. Each address may only appear once.\nOptionally some recipients can be specified with an amount to perform payments, but at least one address must appear without a specified amount.",
  },
);

const OPTIONS = optionsOf(
  "options",
  [
    boolean("add_to_wallet", {
      text: "When false, returns the serialized transaction without broadcasting or adding it to the wallet",
      fallback: true,
    }),
    boolean("include_watching", { text: "(DEPRECATED) No longer used", fallback: false }),
    list("inputs", any("input", { text: "txid, vout, and perhaps sequence" }), {
      text: "Use exactly the specified inputs to build the transaction. Specifying inputs is incompatible with the send_max, minconf, and maxconf options.",
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
    boolean("send_max", {
      text: "When true, only use UTXOs that can pay for their own fees to maximize the output amount. When 'false' (default), no UTXO is left behind.",
      fallback: false,
    }),
    integer("minconf", {
      text: "Require inputs with at least this many confirmations.",
      fallback: 0,
    }),
    integer("maxconf", {
      text: "Require inputs with at most this many confirmations.",
      optional: true,
    }),
    integer("version", { text: "Transaction version", fallback: 2 }),
    ...FUNDING_FIELDS,
  ],
  { text: "How it is made", optional: true, oneLine: "options" },
  false,
);

export const sendall: Method = walletMethod({
  name: "sendall",
  description:
    "EXPERIMENTAL warning: this call may be changed in future releases.\n\nSpend the value of all (or specific) confirmed UTXOs and unconfirmed change in the wallet to one or more recipients.\nUnconfirmed inbound UTXOs and locked UTXOs will not be spent. Sendall will respect the avoid_reuse wallet flag.\nIf your wallet contains many small inputs, either because it received tiny payments or as a result of accumulating change, consider using `send_max` to exclude inputs that are worth less than the fees needed to spend them.",
  arguments: [RECIPIENTS, CONF_TARGET, ESTIMATE_MODE, FEE_RATE, OPTIONS],
  results: [{ schema: FINISHED }],
  errors: SENDING_ERRORS,
  examples: [
    [[EXAMPLE_ADDRESS], null, "unset", 1.1],
    [[EXAMPLE_ADDRESS], null, "unset", null, { fee_rate: 10, send_max: true }],
  ],
  run: async (given, wallet, { host, given: positions }) => {
    const options = withFeeArguments(given.options ?? {}, positions.slice(1, 4));
    preventOldNames(options);
    const { pairs, remainders } = readRecipients(given.recipients);
    const control = readControl(options, wallet);
    const feeRate = readFeeRate(control, wallet, host);
    const rbf = isGiven(options["replaceable"])
      ? readBoolean(options["replaceable"])
      : wallet.settings.rbf;
    const constructed = constructTransaction(
      {
        inputs: readList(options["inputs"] ?? []).map(readObject),
        ...{ outputs: pairs, replaceable: rbf, version: control.version },
        locktime: readLockTime(options["locktime"] ?? 0),
      },
      host,
    );
    const sizes = new InputSizes(wallet.ledger, host);
    const spent =
      options["inputs"] === undefined
        ? allInputs(wallet, control, sizes, {
            ...{ feeRate, sequence: rbf ? REPLACEABLE_SEQUENCE : FINAL_SEQUENCE },
            sendsMax: options["send_max"] === true,
          })
        : namedInputs(constructed.inputs, options, wallet, sizes);
    const sendsMax = options["send_max"] === true;
    const effective = effectiveValue(spent, constructed.outputs, feeRate, sendsMax, wallet, host);
    const names = remainders.map((address) => scriptKey(requireScript(address, host)));
    const outputs = shareOut(constructed.outputs, spent, effective, names, host);
    const inputs = spent.map(({ input }) => input);
    if (options["lock_unspents"] === true) lockCoins(wallet, { inputs });
    return finishTransaction(wallet, host, { ...constructed, inputs, outputs }, options);
  },
});

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;

/** @returns outputs by address, and the addresses that share what is left */
function readRecipients(recipients: readonly (Json | undefined)[]) {
  const pairs: Json[] = [];
  const remainders: string[] = [];
  for (const recipient of recipients) {
    if (typeof recipient === "string") {
      pairs.push({ [recipient]: 0 });
      remainders.push(recipient);
    } else {
      pairs.push(recipient ?? null);
    }
  }
  if (remainders.length > 0) return { pairs, remainders };
  throw invalid("Must provide at least one address without a specified amount");
}

function readControl(options: Options, wallet: RpcWallet): CoinControl {
  const control = new CoinControl();
  control.minValue = 0n;
  const fees = { confTarget: options["conf_target"], estimateMode: options["estimate_mode"] };
  setFeeWishes(control, { ...fees, feeRate: options["fee_rate"] }, false);
  const { minconf, maxconf, version } = options;
  if (isGiven(minconf)) {
    control.minDepth = readInt32(minconf);
    if (control.minDepth < 0) {
      throw invalid(`Invalid minconf (minconf cannot be negative): ${control.minDepth}`);
    }
  }
  if (isGiven(maxconf)) {
    control.maxDepth = readInt32(maxconf);
    if (control.maxDepth < control.minDepth) {
      throw invalid(
        `maxconf can't be lower than minconf: ${control.maxDepth} < ${control.minDepth}`,
      );
    }
  }
  if (isGiven(version)) control.version = readInt32(version);
  control.signalsReplacement ??= wallet.settings.rbf;
  return control;
}

/** @throws RpcError -4, -8 */
function readFeeRate(control: CoinControl, wallet: RpcWallet, host: RpcHost): bigint {
  const settings = feeSettingsOf(wallet, host);
  const { feeRate, reason } = chooseFeeRate(
    {
      feeRate: control.feeRate,
      confirmTarget: control.confirmTarget,
      estimateMode: control.estimateMode,
      signalsReplacement: control.signalsReplacement,
    },
    settings,
  );
  if (control.feeRate !== undefined && feeRate > control.feeRate) {
    const [own, least] = [control.feeRate, feeRate].map(
      (rate) => `${rate / 1000n}.${String(rate % 1000n).padStart(3, "0")} sat/vB`,
    );
    throw invalid(`Fee rate (${own}) is lower than the minimum fee rate setting (${least})`);
  }
  if (reason === "Fallback fee" && settings.fallback === 0n) {
    const message =
      "Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.";
    throw new RpcError(RPC_WALLET_ERROR, message);
  }
  return feeRate;
}

/** An input with what it spends. */
interface Spent {
  readonly input: TxInput;
  readonly output: TxOutput;
  readonly sized: SizedInput;
}

function allInputs(
  wallet: RpcWallet,
  control: CoinControl,
  sizes: InputSizes,
  wishes: { readonly feeRate: bigint; readonly sequence: number; readonly sendsMax: boolean },
): readonly Spent[] {
  const { feeRate, sequence, sendsMax } = wishes;
  return spendableCoins(wallet, sizes, control).flatMap(({ outpoint, output, satisfaction }) => {
    const size = Math.ceil(maxInputWeight(satisfaction) / 4);
    if (sendsMax && feeForSize(feeRate, size) > output.value) return [];
    const input = { prevout: outpoint, scriptSig: new Uint8Array(0), sequence, witness: [] };
    return { input, output, sized: { satisfaction, scriptPubKey: output.scriptPubKey } };
  });
}

/** @throws RpcError -8 */
function namedInputs(
  inputs: readonly TxInput[],
  options: Options,
  wallet: RpcWallet,
  sizes: InputSizes,
): readonly Spent[] {
  if (options["send_max"] !== undefined) {
    throw invalid("Cannot combine send_max with specific inputs.");
  }
  if (options["minconf"] !== undefined || options["maxconf"] !== undefined) {
    throw invalid("Cannot combine minconf or maxconf with specific inputs.");
  }
  const { ledger } = wallet;
  return inputs.map((input) => {
    const name = ({ txid, vout }: Outpoint) => `${txid}:${vout}`;
    if (ledger.isSpent(input.prevout)) {
      throw invalid(`Input not available. UTXO (${name(input.prevout)}) was already spent.`);
    }
    const output = ownOutput(wallet, input.prevout);
    if (output === undefined) {
      throw invalid(`Input not found. UTXO (${name(input.prevout)}) is not part of wallet.`);
    }
    const satisfaction = sizes.of(output.scriptPubKey, ledger.ownerOf(output.scriptPubKey));
    return { input, output, sized: { satisfaction, scriptPubKey: output.scriptPubKey } };
  });
}

/** All inputs together, less the fee. @throws RpcError -4, -6 */
function effectiveValue(
  spent: readonly Spent[],
  outputs: readonly TxOutput[],
  feeRate: bigint,
  sendsMax: boolean,
  { settings }: RpcWallet,
  { chain }: RpcHost,
): bigint {
  const size = maxTransactionSize(
    spent.map(({ sized }) => sized),
    outputs,
  );
  if (size === undefined) {
    const message =
      "Unable to determine the size of the transaction, the wallet contains unsolvable descriptors";
    throw new RpcError(RPC_WALLET_ERROR, message);
  }
  const fee = feeForSize(feeRate, size.virtualSize);
  const outpoints = spent.map(({ input }) => input.prevout);
  const bumps = spendMempoolOf(chain.mempool).bumpFees(outpoints, feeRate)?.combined ?? 0n;
  const effective = total(spent.map(({ output }) => output)) - fee - bumps;
  if (fee > settings.maxFee) {
    const message = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";
    throw new RpcError(RPC_WALLET_ERROR, message);
  }
  if (effective <= 0n) {
    throw insufficient(
      sendsMax
        ? "Total value of UTXO pool too low to pay for transaction, try using lower feerate."
        : "Total value of UTXO pool too low to pay for transaction. Try using lower feerate or excluding uneconomic UTXOs with 'send_max' option.",
    );
  }
  if (size.weight > MAX_WEIGHT) throw new RpcError(RPC_WALLET_ERROR, "Transaction too large.");
  return effective;
}

/** Shares the rest between outputs without an amount; the first takes what can't be divided. */
function shareOut(
  outputs: readonly TxOutput[],
  spent: readonly Spent[],
  effective: bigint,
  remainders: readonly string[],
  { chain }: RpcHost,
): readonly TxOutput[] {
  const claimed = total(outputs);
  if (claimed > total(spent.map(({ output }) => output))) {
    throw insufficient("Assigned more value to outputs than available funds.");
  }
  const remainder = effective - claimed;
  if (remainder < 0n) {
    throw insufficient("Insufficient funds for fees after creating specified outputs.");
  }
  const { dustRelayFeeRate } = chain.mempool.policy;
  const share = remainder / BigInt(remainders.length);
  let rest = remainder % BigInt(remainders.length);
  return outputs.map((output) => {
    const isShare = remainders.includes(scriptKey(output.scriptPubKey));
    const value = isShare ? share + rest : output.value;
    if (isShare) rest = 0n;
    const made = { ...output, value };
    if (!isDust(made, dustRelayFeeRate)) return made;
    if (isShare) throw insufficient("Dynamically assigned remainder results in dust output.");
    const address = addressOfScript(made.scriptPubKey, chain.params) ?? "";
    throw invalid(`Specified output amount to ${address} is below dust threshold.`);
  });
}

function insufficient(message: string): RpcError {
  return new RpcError(RPC_WALLET_INSUFFICIENT_FUNDS, message);
}

function total(outputs: readonly TxOutput[]): bigint {
  return outputs.reduce((sum, { value }) => sum + value, 0n);
}
