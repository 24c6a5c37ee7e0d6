import {
  bytesToHex,
  type ChainParams,
  type HeaderNode,
  isP2sh,
  ScriptReader,
  type Seconds,
  type Transaction,
  type TxInput,
  type TxOutput,
  witnessProgram,
} from "@chain/core";
import type { ChainLookup, LocatedTransaction, Spender } from "@chain/indexes";
import { scriptAsm } from "./asm.ts";
import { describeOutput, type OutputDescription } from "./script.ts";

/** Whether a transaction is in a block of the best chain, and in which. */
export type StatusDescription =
  | { readonly confirmed: false }
  | {
      readonly confirmed: true;
      readonly block_height: number;
      readonly block_hash: string;
      readonly block_time: Seconds;
    };

export interface InputDescription {
  readonly txid: string;
  readonly vout: number;
  readonly prevout: OutputDescription | null;
  readonly scriptsig: string;
  readonly scriptsig_asm: string;
  readonly witness?: readonly string[];
  readonly is_coinbase: boolean;
  readonly sequence: number;
  readonly inner_redeemscript_asm?: string;
  readonly inner_witnessscript_asm?: string;
}

/** A transaction, as Esplora shows it. */
export interface TransactionDescription {
  readonly txid: string;
  readonly version: number;
  readonly locktime: number;
  readonly vin: readonly InputDescription[];
  readonly vout: readonly OutputDescription[];
  readonly size: number;
  readonly weight: number;
  /** Base units. */
  readonly fee: number;
  readonly status: StatusDescription;
}

export type OutspendDescription =
  | { readonly spent: false }
  | {
      readonly spent: true;
      readonly txid: string;
      readonly vin: number;
      readonly status: StatusDescription;
    };

/** Transactions with the outputs that they spend. */
export async function describeTransactions(
  located: readonly LocatedTransaction[],
  lookup: ChainLookup,
  params: ChainParams,
): Promise<readonly TransactionDescription[]> {
  const spent = await lookup.spentOutputs(located);
  return located.map(({ transaction, node }, i) =>
    describeTransaction(transaction, spent[i], statusOf(node), params),
  );
}

/** @param node of a block that is in the best chain; `undefined`: it is in none */
export function statusOf(node: HeaderNode | undefined): StatusDescription {
  if (node === undefined) return { confirmed: false };
  const { height, hash, time } = node;
  return { confirmed: true, block_height: height, block_hash: hash, block_time: time };
}

export function describeOutspend(spender: Spender | undefined): OutspendDescription {
  if (spender === undefined) return { spent: false };
  const { transaction, vin, node } = spender;
  return { spent: true, txid: transaction.txid, vin, status: statusOf(node) };
}

function describeTransaction(
  transaction: Transaction,
  spent: readonly TxOutput[] | undefined,
  status: StatusDescription,
  params: ChainParams,
): TransactionDescription {
  const { txid, version, lockTime, inputs, outputs, isCoinbase, totalSize, weight } = transaction;
  const isKnown = spent !== undefined && spent.length === inputs.length;
  return {
    txid,
    version: version >>> 0,
    locktime: lockTime,
    vin: inputs.map((input, i) => describeInput(input, isCoinbase, spent?.[i], params)),
    vout: outputs.map((output) => describeOutput(output, params)),
    size: totalSize,
    weight,
    fee: isKnown && !isCoinbase ? Number(sum(spent) - sum(outputs)) : 0,
    status,
  };
}

function sum(outputs: readonly TxOutput[]): bigint {
  return outputs.reduce((total, { value }) => total + value, 0n);
}

function describeInput(
  { prevout: { txid, vout }, scriptSig, witness, sequence }: TxInput,
  isCoinbase: boolean,
  spent: TxOutput | undefined,
  params: ChainParams,
): InputDescription {
  const { redeem, inner } = spent === undefined ? {} : innerScripts(scriptSig, witness, spent);
  return {
    txid,
    vout,
    prevout: spent === undefined ? null : describeOutput(spent, params),
    scriptsig: bytesToHex(scriptSig),
    scriptsig_asm: scriptAsm(scriptSig),
    ...(witness.length > 0 && { witness: witness.map(bytesToHex) }),
    is_coinbase: isCoinbase,
    sequence,
    ...(redeem !== undefined && { inner_redeemscript_asm: scriptAsm(redeem) }),
    ...(inner !== undefined && { inner_witnessscript_asm: scriptAsm(inner) }),
  };
}

/** The scripts that an input shows of those that were hashed. Electrs: get_innerscripts. */
function innerScripts(
  scriptSig: Uint8Array,
  witness: readonly Uint8Array[],
  { scriptPubKey }: TxOutput,
): { readonly redeem?: Uint8Array; readonly inner?: Uint8Array } {
  const redeem = isP2sh(scriptPubKey) ? lastPush(scriptSig) : undefined;
  const last = isP2wsh(redeem ?? scriptPubKey) ? witness.at(-1) : undefined;
  return {
    ...(redeem !== undefined && { redeem }),
    ...(last !== undefined && { inner: last }),
  };
}

function isP2wsh(script: Uint8Array): boolean {
  const { version, program } = witnessProgram(script) ?? {};
  return version === 0 && program?.length === 32;
}

function lastPush(script: Uint8Array): Uint8Array | undefined {
  const reader = new ScriptReader(script);
  let last: Uint8Array | undefined;
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined) return undefined;
    last = operation.data ?? (operation.opcode === 0 ? new Uint8Array(0) : undefined);
  }
  return last;
}
