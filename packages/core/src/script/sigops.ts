/** Counting signature operations, of which a block may have only so many. Core: consensus/tx_verify.cpp, script.cpp. */
import { requireBoolean, requireBytes, requireNumber } from "../arguments.ts";
import type { Coin } from "../coin.ts";
import { WITNESS_SCALE_FACTOR } from "../limits.ts";
import { requireScripts, requireTransaction } from "../shapes.ts";
import type { Transaction, TxInput } from "../transaction.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { Opcode } from "./opcodes.ts";
import { isP2sh, isPushOnly, type Operation, ScriptReader, witnessProgram } from "./script.ts";

/** The count of an OP_CHECKMULTISIG where its number of keys is not looked at. */
const MAX_MULTISIG_KEYS = 20;

/**
 * Signature operations of a script, counted without running it, up to a push that runs past the end.
 * @param accurate take the number of keys before an OP_CHECKMULTISIG for what it says (BIP-0016) instead of for 20
 * @example countSigops(multisigScript(1, [alice, bob]), true) // 2
 */
export function countSigops(script: Uint8Array, accurate: boolean): number {
  requireBytes(script, "script");
  requireBoolean(accurate, "accurate");

  const reader = new ScriptReader(script);
  let count = 0;
  let previous: Operation | undefined;
  while (true) {
    const operation = reader.next();
    if (operation === undefined) return count;
    const { opcode } = operation;
    if (opcode === Opcode.OP_CHECKSIG || opcode === Opcode.OP_CHECKSIGVERIFY) count++;
    else if (opcode === Opcode.OP_CHECKMULTISIG || opcode === Opcode.OP_CHECKMULTISIGVERIFY) {
      const keys = previous === undefined ? 0 : previous.opcode - Opcode.OP_1 + 1;
      const stated = accurate && keys >= 1 && keys <= Opcode.OP_16 - Opcode.OP_1 + 1;
      count += stated ? keys : MAX_MULTISIG_KEYS;
    }
    previous = operation;
  }
}

/**
 * Those in the scripts of a transaction itself. Core: GetLegacySigOpCount.
 * @example legacySigops(transaction) // 2: of its outputs
 */
export function legacySigops(transaction: Transaction): number {
  requireTransaction(transaction, "transaction");

  let count = 0;
  for (const { scriptSig } of transaction.inputs) count += countSigops(scriptSig, false);
  for (const { scriptPubKey } of transaction.outputs) count += countSigops(scriptPubKey, false);
  return count;
}

/**
 * The cost of a transaction against the limit of a block. Core: GetTransactionSigOpCost.
 * @param coins the coins that its inputs spend, in their order; empty for a coinbase
 * @example sigopCost(transaction, coins, flags) // 8
 */
export function sigopCost(
  transaction: Transaction,
  coins: readonly Coin[],
  flags: ScriptFlags,
): number {
  requireTransaction(transaction, "transaction");
  requireScripts(coins, "coins");
  requireNumber(flags, "flags");

  let cost = legacySigops(transaction) * WITNESS_SCALE_FACTOR;
  if (transaction.isCoinbase) return cost;
  transaction.inputs.forEach((input, i) => {
    const coin = coins[i];
    if (coin === undefined) return;
    if ((flags & ScriptFlag.P2SH) !== 0 && isP2sh(coin.scriptPubKey)) {
      cost += p2shSigops(input.scriptSig) * WITNESS_SCALE_FACTOR;
    }
    if ((flags & ScriptFlag.WITNESS) !== 0) cost += witnessSigops(input, coin.scriptPubKey);
  });
  return cost;
}

/** Those of the script that a spender of a script hash reveals last. */
export function p2shSigops(scriptSig: Uint8Array): number {
  const redeemScript = isPushOnly(scriptSig) ? lastPush(scriptSig) : undefined;
  return redeemScript === undefined ? 0 : countSigops(redeemScript, true);
}

/** Core: CountWitnessSigOps: one for a version 0 key hash, those of the witness script for a script hash. */
function witnessSigops(input: TxInput, scriptPubKey: Uint8Array): number {
  let program = witnessProgram(scriptPubKey);
  if (program === undefined && isP2sh(scriptPubKey) && isPushOnly(input.scriptSig)) {
    const redeemScript = lastPush(input.scriptSig);
    if (redeemScript !== undefined) program = witnessProgram(redeemScript);
  }
  if (program?.version !== 0) return 0;
  if (program.program.length === 20) return 1;
  const script = input.witness.at(-1);
  return program.program.length === 32 && script !== undefined ? countSigops(script, true) : 0;
}

function lastPush(script: Uint8Array): Uint8Array | undefined {
  const reader = new ScriptReader(script);
  let last: Operation | undefined;
  while (!reader.done) last = reader.next();
  return last?.data;
}
