/** Transactions as Core's RPC shows them. Core: TxToUniv (core_io.cpp). */
import {
  bytesToHex,
  type ChainParams,
  type Coin,
  scriptToAsm,
  type Transaction,
  type TxInput,
} from "@chain/core";
import {
  coins,
  flag,
  hex,
  list,
  maybe,
  num,
  obj,
  type SchemaOf,
  type ShapeOf,
  text,
} from "../define/result.ts";
import { coinsNumber } from "../json/number.ts";
import { describeScript, type ScriptDescription, scriptResult } from "./script.ts";

interface PrevoutDescription {
  readonly generated: boolean;
  readonly height: number;
  readonly value: number;
  readonly scriptPubKey: ScriptDescription;
}

interface InputDescription {
  readonly coinbase?: string | undefined;
  readonly txid?: string | undefined;
  readonly vout?: number | undefined;
  readonly scriptSig?: { readonly asm: string; readonly hex: string } | undefined;
  readonly txinwitness?: readonly string[] | undefined;
  readonly prevout?: PrevoutDescription | undefined;
  readonly sequence: number;
}

interface OutputDescription {
  readonly value: number;
  readonly n: number;
  readonly scriptPubKey: ScriptDescription;
}

export interface TransactionDescription {
  readonly txid: string;
  readonly hash: string;
  readonly version: number;
  readonly size: number;
  readonly vsize: number;
  readonly weight: number;
  readonly locktime: number;
  readonly vin: readonly InputDescription[];
  readonly vout: readonly OutputDescription[];
  readonly fee?: number | undefined;
  readonly hex?: string | undefined;
}

const prevoutShape = {
  prevout: maybe(
    obj(
      {
        generated: flag("Whether it was made by a coinbase"),
        height: num("The height of the block that made it"),
        value: coins("The value in coins"),
        scriptPubKey: scriptResult,
      },
      "The output that is spent, where the block's undo data is there",
    ),
  ),
};

/** Fields of a transaction. @param withPrevouts whether inputs show what they spend */
export function transactionShape(
  withPrevouts: boolean,
): ShapeOf<Omit<TransactionDescription, "fee" | "hex">> {
  const input = obj({
    coinbase: maybe(hex("The coinbase's script (only for a coinbase)")),
    txid: maybe(hex("The id of the transaction that is spent (not for a coinbase)")),
    vout: maybe(num("The number of the output that is spent (not for a coinbase)")),
    scriptSig: maybe(
      obj(
        { asm: text("Disassembly of the signature script"), hex: hex("The script's bytes") },
        "The script (not for a coinbase)",
      ),
    ),
    txinwitness: maybe(list(hex("An item of the witness"), "The witness, if there is one")),
    ...(withPrevouts ? prevoutShape : {}),
    sequence: num("The script sequence number"),
  });
  return {
    txid: hex("The transaction id"),
    hash: hex("The transaction hash (differs from txid for transactions with witness)"),
    version: num("The version"),
    size: num("The serialized transaction size"),
    vsize: num("The virtual transaction size (differs from size for transactions with witness)"),
    weight: num("The transaction's weight (between vsize*4-3 and vsize*4)"),
    locktime: num("The lock time"),
    vin: list(input as unknown as SchemaOf<InputDescription>, "The inputs"),
    vout: list(
      obj({
        value: coins("The value in coins"),
        n: num("The number of the output"),
        scriptPubKey: scriptResult,
      }),
      "The outputs",
    ),
  };
}

export interface DescribeOptions {
  /** The coins of its inputs, where they are known; undefined for a coinbase, which has no fee. */
  readonly spent?: readonly Coin[] | undefined;
  readonly showsPrevouts?: boolean;
  readonly showsHex?: boolean;
}

export function describeTransaction(
  transaction: Transaction,
  params: ChainParams,
  { spent, showsPrevouts = false, showsHex = true }: DescribeOptions = {},
): TransactionDescription {
  const { isCoinbase, inputs, outputs } = transaction;
  return {
    txid: transaction.txid,
    hash: transaction.wtxid,
    version: transaction.version,
    size: transaction.totalSize,
    vsize: transaction.virtualSize,
    weight: transaction.weight,
    locktime: transaction.lockTime,
    vin: inputs.map((input, i) => {
      const prevout = showsPrevouts ? spent?.[i] : undefined;
      return describeInput(input, isCoinbase, prevout && describePrevout(prevout, params));
    }),
    vout: outputs.map(({ value, scriptPubKey }, n) => ({
      value: coinsNumber(value),
      n,
      scriptPubKey: describeScript(scriptPubKey, params),
    })),
    ...(spent !== undefined && { fee: coinsNumber(sum(spent) - sum(outputs)) }),
    ...(showsHex && { hex: bytesToHex(transaction.toBytes()) }),
  };
}

function sum(outputs: readonly { readonly value: bigint }[]): bigint {
  return outputs.reduce((total, { value }) => total + value, 0n);
}

function describePrevout(coin: Coin, params: ChainParams): PrevoutDescription {
  return {
    generated: coin.coinbase,
    height: coin.height,
    value: coinsNumber(coin.value),
    scriptPubKey: describeScript(coin.scriptPubKey, params),
  };
}

function describeInput(
  { prevout: outpoint, scriptSig, witness, sequence }: TxInput,
  isCoinbase: boolean,
  prevout: PrevoutDescription | undefined,
): InputDescription {
  const hex = bytesToHex(scriptSig);
  const source = isCoinbase
    ? { coinbase: hex }
    : {
        txid: outpoint.txid,
        vout: outpoint.vout,
        scriptSig: { asm: scriptToAsm(scriptSig, { forDisplay: true, hashTypes: true }), hex },
      };
  return {
    ...source,
    ...(witness.length > 0 && { txinwitness: witness.map(bytesToHex) }),
    ...(prevout !== undefined && { prevout }),
    sequence,
  };
}
