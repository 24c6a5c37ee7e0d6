/** Transactions signed as they are, without a PSBT around them. Core: SignTransaction, DataFromTransaction (script/sign.cpp). */

import {
  equalBytes,
  isPushOnly,
  nobleVerifier,
  Opcode,
  outputTemplate,
  type ScriptErrorName,
  ScriptReader,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_DEFAULT,
  SIGHASH_SINGLE,
  type SignatureChecker,
  type SignatureVerifier,
  STANDARD_SCRIPT_FLAGS,
  scriptErrorSentence,
  Transaction,
  TransactionSpend,
  type TxInput,
  type TxOutput,
  transactionChecker,
  verifyScript,
} from "@chain/core";
import {
  optional,
  present,
  requireArray,
  requireFields,
  requireOutput,
  requireTransaction,
  requireVerifier,
} from "@chain/core/arguments";
import type { EcdsaSigner } from "../keys.ts";
import { requireBackend } from "../sign.ts";
import { requireProvider, SigningProvider } from "../signingProvider.ts";
import { type ScriptVersion, signatureCreator } from "./creator.ts";
import { Solution } from "./solution.ts";
import { solve } from "./solve.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** An input that is not signed completely, and why, in Core's words. */
export interface InputError {
  readonly index: number;
  readonly reason: string;
}

/** A transaction that was signed as far as keys went. */
export interface SignedRawTransaction {
  readonly transaction: Transaction;
  readonly complete: boolean;
  readonly errors: readonly InputError[];
}

/** How raw transactions are signed. */
export interface SignRawOptions {
  /** `SIGHASH_DEFAULT` by default: all, and for Taproot its own. */
  readonly hashType?: number;
  readonly signer?: EcdsaSigner;
  readonly verifier?: SignatureVerifier;
}

/**
 * Signs each input of which the provider has keys, and keeps signatures that are there. Source: Core, SignTransaction,
 * which `signrawtransactionwithkey` calls.
 * @param coins the outputs that the inputs spend, in their order; `undefined` where it is not known
 * @example
 * const provider = fromAlice.provider;
 * signRawTransaction(transaction, [{ value: 100_000n, scriptPubKey: key.script }], provider).complete // true
 */
export function signRawTransaction(
  transaction: Transaction,
  coins: readonly (TxOutput | undefined)[],
  provider: SigningProvider,
  options: SignRawOptions = {},
): SignedRawTransaction {
  requireTransaction(transaction, "transaction");
  requireArray(coins, "coins", (coin, name) => optional(coin, name, requireOutput));
  requireProvider(provider, "provider");
  requireFields(options, "options", {
    hashType: "number?",
    signer: "object?",
    verifier: "object?",
  });
  requireBackend({ signer: options.signer, verifier: options.verifier }, "options");
  const { hashType = SIGHASH_DEFAULT, signer, verifier = nobleVerifier } = options;
  const single = (hashType & ~SIGHASH_ANYONECANPAY) === SIGHASH_SINGLE;
  const context = spendOf(transaction, coins);
  const errors: InputError[] = [];
  const inputs = transaction.inputs.map((input, index) => {
    const coin = coins[index];
    if (coin === undefined) {
      errors.push({ index, reason: "Input not found or already spent" });
      return input;
    }
    const solution = solutionOf(context, index, coin, verifier);
    if (!single || index < transaction.outputs.length) {
      const creator = signatureCreator({ ...context, index, hashType, signer, verifier });
      solve(coin.scriptPubKey, provider, creator, solution);
    }
    if (!solution.complete) {
      const error = verify(context, index, coin, solution, verifier);
      if (error !== undefined) errors.push({ index, reason: sentenceOf(error) });
    }
    return { ...input, scriptSig: solution.scriptSig, witness: solution.stack };
  });
  return {
    transaction: withInputs(transaction, inputs),
    complete: errors.length === 0,
    errors,
  };
}

/**
 * All signatures that several versions of one transaction have. Source: Core, combinerawtransaction.
 * @param transactions at least one; they differ in signatures alone
 * @param coins the outputs that the inputs spend, in their order
 * @example combineRawTransactions([transaction, transaction], [utxo]).txid === transaction.txid // true
 */
export function combineRawTransactions(
  transactions: readonly [Transaction, ...Transaction[]],
  coins: readonly TxOutput[],
  options: { readonly verifier?: SignatureVerifier } = {},
): Transaction {
  requireArray(transactions, "transactions", requireTransaction);
  requireArray(coins, "coins", requireOutput);
  requireFields(options, "options", { verifier: "object?" });
  optional(options.verifier, "options.verifier", requireVerifier);
  const [first] = transactions;
  const { verifier = nobleVerifier } = options;
  const provider = new SigningProvider();
  const contexts = transactions.map((version) => spendOf(version, coins));
  const context = present(contexts[0], "the first transaction");
  const inputs = first.inputs.map((input, index) => {
    const coin = coins[index];
    if (coin === undefined) return input;
    let merged = new Solution();
    for (const version of contexts) {
      if (merged.complete || version.spend.transaction.inputs[index] === undefined) continue;
      const found = solutionOf(version, index, coin, verifier);
      if (found.complete) merged = found;
      else mergeInto(merged, found);
    }
    const creator = signatureCreator({ ...context, index, hashType: SIGHASH_ALL, verifier });
    solve(coin.scriptPubKey, provider, creator, merged);
    return { ...input, scriptSig: merged.scriptSig, witness: merged.stack };
  });
  return withInputs(first, inputs);
}

/** Core: SignatureData::MergeSignatureData. */
function mergeInto(solution: Solution, other: Solution): void {
  solution.redeemScript ??= other.redeemScript;
  solution.witnessScript ??= other.witnessScript;
  for (const [name, signature] of other.signatures) {
    if (!solution.signatures.has(name)) solution.signatures.set(name, signature);
  }
}

interface SpendContext {
  readonly spend: TransactionSpend;
  readonly allSpentKnown: boolean;
}

function spendOf(transaction: Transaction, coins: readonly (TxOutput | undefined)[]): SpendContext {
  const outputs = transaction.inputs.map(
    (_, index) => coins[index] ?? { value: -1n, scriptPubKey: NOTHING },
  );
  const allSpentKnown = transaction.inputs.every((_, index) => coins[index] !== undefined);
  return { spend: new TransactionSpend(transaction, outputs), allSpentKnown };
}

function withInputs(transaction: Transaction, inputs: readonly TxInput[]): Transaction {
  const { version, outputs, lockTime } = transaction;
  return new Transaction({ version, inputs, outputs, lockTime });
}

function verify(
  { spend, allSpentKnown }: SpendContext,
  index: number,
  { scriptPubKey }: TxOutput,
  { scriptSig, stack }: Pick<Solution, "scriptSig" | "stack">,
  verifier: SignatureVerifier,
): ScriptErrorName | undefined {
  if (!allSpentKnown && outputTemplate(scriptPubKey).type === "witness_v1_taproot") {
    return "SCHNORR_SIG";
  }
  const checker = transactionChecker(spend, index, verifier);
  const result = verifyScript(scriptSig, scriptPubKey, stack, STANDARD_SCRIPT_FLAGS, checker);
  return result.ok ? undefined : result.error;
}

function sentenceOf(error: ScriptErrorName): string {
  if (error === "INVALID_STACK_OPERATION") {
    return "Unable to sign input, invalid stack size (possibly missing key)";
  }
  if (error === "NULLFAIL") {
    return "CHECK(MULTI)SIG failing with non-zero signature (possibly need more signatures)";
  }
  return scriptErrorSentence(error);
}

/** The solution that the scriptSig and witness of an input already hold. Core: DataFromTransaction. */
function solutionOf(
  context: SpendContext,
  index: number,
  coin: TxOutput,
  verifier: SignatureVerifier,
): Solution {
  const { scriptSig, witness } = present(
    context.spend.transaction.inputs[index],
    "context.spend.transaction.inputs[index]",
  );
  const solution = new Solution();
  solution.scriptSig = scriptSig;
  solution.stack = witness;
  const checker = transactionChecker(context.spend, index, verifier);
  const collecting = collector(checker, solution);
  const isTaproot = outputTemplate(coin.scriptPubKey).type === "witness_v1_taproot";
  if (context.allSpentKnown || !isTaproot) {
    const { scriptPubKey } = coin;
    const flags = STANDARD_SCRIPT_FLAGS;
    solution.complete = verifyScript(scriptSig, scriptPubKey, witness, flags, collecting).ok;
  }
  if (!solution.complete) readScripts(coin.scriptPubKey, solution, collecting);
  return solution;
}

/** Notes each signature that holds. */
function collector(checker: SignatureChecker, solution: Solution): SignatureChecker {
  return {
    checkEcdsaSignature(signature, publicKey, scriptCode, segwit) {
      const good = checker.checkEcdsaSignature(signature, publicKey, scriptCode, segwit);
      if (good) solution.addSignature(publicKey, signature);
      return good;
    },
    checkSchnorrSignature: (...parts) => checker.checkSchnorrSignature(...parts),
    checkTaprootTweak: (...parts) => checker.checkTaprootTweak(...parts),
    checkLockTime: (lockTime) => checker.checkLockTime(lockTime),
    checkSequence: (sequence) => checker.checkSequence(sequence),
  };
}

/** Scripts that hashes stand for, and the signatures of a multisig that has too few. */
function readScripts(
  scriptPubKey: Uint8Array,
  solution: Solution,
  checker: SignatureChecker,
): void {
  let stack = pushesOf(solution.scriptSig);
  const witness = [...solution.stack];
  let script = scriptPubKey;
  let version: ScriptVersion = "base";
  const hidden = stack.at(-1);
  if (outputTemplate(script).type === "scripthash" && hidden !== undefined && hidden.length > 0) {
    solution.redeemScript = script = hidden;
    stack.pop();
  }
  const inWitness = witness.at(-1);
  if (
    outputTemplate(script).type === "witness_v0_scripthash" &&
    inWitness !== undefined &&
    inWitness.length > 0
  ) {
    solution.witnessScript = script = inWitness;
    witness.pop();
    stack = witness;
    version = "witness_v0";
  }
  const template = outputTemplate(script);
  if (template.type !== "multisig") return;
  let next = 0;
  for (const signature of stack) {
    for (let i = next; i < template.publicKeys.length; i++) {
      const key = present(template.publicKeys[i], "template.publicKeys[i]");
      const known = [...solution.signatures.values()].some(({ publicKey }) =>
        equalBytes(publicKey, key),
      );
      if (known || checker.checkEcdsaSignature(signature, key, script, version !== "base")) {
        next = i + 1;
        break;
      }
    }
  }
}

/** The items that a scriptSig of pushes leaves on the stack. */
function pushesOf(scriptSig: Uint8Array): Uint8Array[] {
  if (!isPushOnly(scriptSig)) return [];
  const items: Uint8Array[] = [];
  const reader = new ScriptReader(scriptSig);
  for (let step = reader.next(); step !== undefined; step = reader.next()) {
    const { opcode, data } = step;
    if (data !== undefined) items.push(data);
    else if (opcode === Opcode.OP_1NEGATE) items.push(Uint8Array.of(0x81));
    else if (opcode >= Opcode.OP_1) items.push(Uint8Array.of(opcode - Opcode.OP_1 + 1));
  }
  return items;
}
