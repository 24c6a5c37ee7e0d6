/** Signatures, each checked before the transaction leaves. */

import {
  bytesToHex,
  type Coin,
  checkTransaction,
  checkTxInputs,
  concatBytes,
  encodeDerSignature,
  isP2pkh,
  type LocatedCoin,
  legacySighash,
  nobleVerifier,
  outpointKey,
  pushData,
  runScriptCheck,
  SIGHASH_ALL,
  type SignatureVerifier,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  Transaction,
  TransactionSpend,
} from "@chain/core";
import {
  optional,
  present,
  requireArray,
  requireFields,
  requireFunction,
  requireLocatedCoin,
  requireTransaction,
  requireVerifier,
} from "@chain/core/arguments";
import { type Refused, refused, WalletError } from "./errors.ts";
import { type EcdsaSigner, nobleSigner, type PrivateKey } from "./keys.ts";

export type SignProblem = "no-key" | "invalid";
export type SignResult =
  | { readonly ok: true; readonly transaction: Transaction; readonly fee: bigint }
  | Refused<SignProblem>;

/** A signer and a verifier. `@chain/signatures` has faster ones than the default. */
export interface SignatureBackend {
  readonly signer?: EcdsaSigner | undefined;
  readonly verifier?: SignatureVerifier | undefined;
}

/**
 * Signs every input, P2PKH, all outputs (SIGHASH_ALL), and checks the whole as a node would: form, amounts, and each
 * signature. A signature that an error of memory or arithmetic spoils can give the key away, so it must not leave.
 * @param coins the coins of the inputs, in any order
 * @param keyFor the key that an output script pays, if it is ours; asked once for each script
 * @param backend signs and checks; by default both in JavaScript, about 10 ms an input
 * @throws WalletError `bad-signature` where one does not verify.
 * @example
 * signTransaction(payment.transaction, payment.coins, (script) => equalBytes(script, key.script) ? key : undefined).ok
 */
export function signTransaction(
  transaction: Transaction,
  coins: readonly LocatedCoin[],
  keyFor: (script: Uint8Array) => PrivateKey | undefined,
  backend: SignatureBackend = {},
): SignResult {
  requireTransaction(transaction, "transaction");
  requireArray(coins, "coins", requireLocatedCoin);
  requireFunction(keyFor, "keyFor");
  requireBackend(backend, "backend");
  const { signer = nobleSigner, verifier = nobleVerifier } = backend;

  const verdict = checkTransaction(transaction);
  if (!verdict.ok) return refused("invalid", `not signed: ${verdict.reason}`);
  const spent = checkAmounts(transaction, coins);
  if (!spent.ok) return refused("invalid", `not signed: ${spent.reason}`);

  const spend = new TransactionSpend(transaction, spent.coins);
  const scriptSigs: Uint8Array[] = [];
  // To fetch a key, and to compute its public key, takes as long as a signature: a payment has few scripts.
  const keys = new Map<string, PrivateKey | undefined>();
  for (const [i, { scriptPubKey }] of spent.coins.entries()) {
    const name = bytesToHex(scriptPubKey);
    if (!keys.has(name)) keys.set(name, isP2pkh(scriptPubKey) ? keyFor(scriptPubKey) : undefined);
    const key = keys.get(name);
    if (key === undefined) return refused("no-key", `the wallet has no key for input ${i}`);
    const hash = legacySighash(spend, i, scriptPubKey, SIGHASH_ALL);
    const der = encodeDerSignature(key.sign(hash, signer));
    const signature = concatBytes(der, Uint8Array.of(SIGHASH_ALL));
    scriptSigs.push(concatBytes(pushData(signature), pushData(key.publicKey)));
  }
  const signed = new Transaction({
    version: transaction.version,
    inputs: transaction.inputs.map((input, i) => ({
      ...input,
      scriptSig: present(scriptSigs[i], "scriptSigs[i]"),
    })),
    outputs: transaction.outputs,
    lockTime: transaction.lockTime,
  });
  checkSignatures(signed, spent.coins, verifier);
  return { ok: true, transaction: signed, fee: spent.fee };
}

function checkAmounts(
  transaction: Transaction,
  coins: readonly LocatedCoin[],
): ReturnType<typeof checkTxInputs> {
  const byKey = new Map(coins.map(({ outpoint, coin }) => [outpointKey(outpoint), coin]));
  const view = { get: (outpoint: LocatedCoin["outpoint"]) => byKey.get(outpointKey(outpoint)) };
  // When coins mature was asked when they were chosen, and is no matter of the signature.
  return checkTxInputs(transaction, view, Number.MAX_SAFE_INTEGER, { coinbaseMaturity: 0 });
}

function checkSignatures(
  transaction: Transaction,
  coins: readonly Coin[],
  verifier: SignatureVerifier,
): void {
  for (const check of scriptChecks(transaction, coins, STANDARD_SCRIPT_FLAGS)) {
    const verdict = runScriptCheck(check, verifier);
    if (verdict.ok) continue;
    const message = `the signature of input ${check.inputIndex} does not verify: ${verdict.reason}`;
    throw new WalletError("bad-signature", message);
  }
}

export function requireBackend(value: unknown, name: string): void {
  requireFields(value, name, { signer: "object?", verifier: "object?" });
  const { signer, verifier } = value as SignatureBackend;
  if (signer !== undefined) {
    requireFields(signer, `${name}.signer`, { name: "string", sign: "function" });
  }
  optional(verifier, `${name}.verifier`, requireVerifier);
}
