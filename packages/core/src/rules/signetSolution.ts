/** Blocks that are signed: BIP-0325. Core: signet.cpp. */

import { requireBytes, requireFields } from "../arguments.ts";
import type { Block } from "../block.ts";
import { concatBytes, equalBytes } from "../bytes.ts";
import { Reader } from "../encoding/reader.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { merkleRoot } from "../merkle.ts";
import { NULL_OUTPOINT } from "../outpoint.ts";
import type { ChainParams } from "../params.ts";
import { ScriptFlag, type ScriptFlags } from "../script/flags.ts";
import { Opcode } from "../script/opcodes.ts";
import { pushData, ScriptReader } from "../script/script.ts";
import type { SignatureVerifier } from "../script/signatureVerifier.ts";
import { transactionChecker } from "../script/transactionChecker.ts";
import { TransactionSpend } from "../script/transactionSpend.ts";
import { verifyScript } from "../script/verifyScript.ts";
import { requireBlock, requireByteArrays, requireVerifier } from "../shapes.ts";
import { Transaction, type TxInput } from "../transaction.ts";
import { type Refusal, refuse, VALID, type Verdict } from "../verdict.ts";
import { witnessCommitmentIndex } from "./witnessCommitment.ts";

/** Marks the push, in the output that commits to the witnesses, that holds the solution. */
const HEADER = /* @__PURE__ */ Uint8Array.of(0xec, 0xc7, 0xda, 0xa2);

/** The rules of solutions, which stay when those of transactions change. */
const FLAGS: ScriptFlags = /* @__PURE__ */ (() =>
  ScriptFlag.P2SH | ScriptFlag.WITNESS | ScriptFlag.DERSIG | ScriptFlag.NULLDUMMY)();

/** Two transactions that are never in a block: signing a block is spending an output that commits to it. */
export interface SignetTransactions {
  /** Locked by the challenge. Commits to all of the block but its solution and what the work changes. */
  readonly toSpend: Transaction;
  /** Spends it with the solution of the block, if it has one. */
  readonly toSign: Transaction;
}

/**
 * Whether a block has a solution of the network's challenge; always so where there is none, and of the genesis block.
 * Core: CheckSignetBlockSolution.
 * @example
 * const verdict = checkSignetSolution(block, signet, nobleVerifier);
 * verdict.ok || verdict.reason // "bad-signet-blksig": a block of mainnet has no solution
 */
export function checkSignetSolution(
  block: Block,
  params: Pick<ChainParams, "signetChallenge" | "genesis">,
  verifier: SignatureVerifier,
): Verdict {
  requireBlock(block, "block");
  requireFields(params, "params", { signetChallenge: "bytes?", genesis: "object" });
  requireBlock(params.genesis, "params.genesis");
  requireVerifier(verifier, "verifier");
  const { signetChallenge, genesis } = params;

  if (signetChallenge === undefined || block.hash === genesis.hash) return VALID;
  const transactions = signetTransactions(block, signetChallenge);
  if (transactions === undefined) return refuseSolution("block solution parse failure");
  const { toSpend, toSign } = transactions;
  const [{ scriptSig, witness }] = toSign.inputs as readonly [TxInput];
  const checker = transactionChecker(new TransactionSpend(toSign, toSpend.outputs), 0, verifier);
  const result = verifyScript(scriptSig, signetChallenge, witness, FLAGS, checker);
  return result.ok ? VALID : refuseSolution(`block solution invalid: ${result.error}`);
}

function refuseSolution(debug: string): Refusal {
  return refuse("consensus", "bad-signet-blksig", debug);
}

/**
 * The pair of transactions that a block's signers sign; `undefined` where it has no witness commitment, or a solution
 * that can't be read.
 * To sign a block, give the output that commits to its witnesses a push of `ecc7daa2`, sign input 0 of `toSign`, and
 * put `signetSolution` in the place of that push. Core: SignetTxs::Create.
 * @example signetTransactions(block, signet.signetChallenge) // undefined: it commits to no witnesses
 */
export function signetTransactions(
  block: Block,
  challenge: Uint8Array,
): SignetTransactions | undefined {
  requireBlock(block, "block");
  requireBytes(challenge, "challenge");

  const [coinbase, ...others] = block.transactions;
  const index = coinbase === undefined ? -1 : witnessCommitmentIndex(coinbase);
  const output = coinbase?.outputs[index];
  if (coinbase === undefined || output === undefined) return undefined;
  const { solution, script } = takeSolution(output.scriptPubKey);
  const spending = parseSolution(solution);
  if (spending === undefined) return undefined;

  const outputs = coinbase.outputs.with(index, { ...output, scriptPubKey: script });
  const unsigned = new Transaction({ ...coinbase, outputs });
  const { version, previousHash, time } = block.header;
  const message = new Writer(72)
    .i32(version)
    .hash(previousHash)
    .hash(merkleRoot([unsigned, ...others].map(({ txid }) => txid)).root)
    .u32(time)
    .finish();
  const toSpend = virtualTransaction(
    {
      prevout: NULL_OUTPOINT,
      scriptSig: concatBytes(Uint8Array.of(Opcode.OP_0), pushData(message)),
      witness: [],
    },
    challenge,
  );
  const prevout = { txid: toSpend.txid, vout: 0 };
  const toSign = virtualTransaction({ prevout, ...spending }, Uint8Array.of(Opcode.OP_RETURN));
  return { toSpend, toSign };
}

/**
 * The push that holds a solution, in the output that commits to the witnesses.
 * @example
 * const push = signetSolution({ scriptSig: new Uint8Array(), witness: [signature] });
 * bytesToHex(push) // "4c4eecc7daa2…": a push of the mark and the solution
 */
export function signetSolution(input: Pick<TxInput, "scriptSig" | "witness">): Uint8Array {
  requireFields(input, "input", { scriptSig: "bytes", witness: "array" });
  requireByteArrays(input.witness, "input.witness");
  const { scriptSig, witness } = input;

  const writer = new Writer();
  writer.varBytes(scriptSig).compactSize(witness.length);
  for (const item of witness) writer.varBytes(item);
  return pushData(concatBytes(HEADER, writer.finish()));
}

function virtualTransaction(
  input: Omit<TxInput, "sequence">,
  scriptPubKey: Uint8Array,
): Transaction {
  return new Transaction({
    version: 0,
    inputs: [{ ...input, sequence: 0 }],
    outputs: [{ value: 0n, scriptPubKey }],
    lockTime: 0,
  });
}

/**
 * The solution in a script, and the script without it: of the push only the mark is left. Every push is written again,
 * and what can't be read is left out, as Core does; a script without a solution stays as it is. Core:
 * FetchAndClearCommitmentSection.
 */
function takeSolution(script: Uint8Array): {
  readonly solution: Uint8Array | undefined;
  readonly script: Uint8Array;
} {
  let solution: Uint8Array | undefined;
  const rewritten = new Writer(script.length);
  const reader = new ScriptReader(script);
  for (let step = reader.next(); step !== undefined; step = reader.next()) {
    const { opcode, data } = step;
    if (data === undefined || data.length === 0) {
      rewritten.u8(opcode);
    } else if (
      solution === undefined &&
      data.length > HEADER.length &&
      equalBytes(data.subarray(0, HEADER.length), HEADER)
    ) {
      solution = data.subarray(HEADER.length);
      rewritten.bytes(pushData(HEADER));
    } else {
      rewritten.bytes(pushData(data));
    }
  }
  return { solution, script: solution === undefined ? script : rewritten.finish() };
}

/** Without a solution there is nothing to run before the challenge, which may be content with that. */
function parseSolution(
  solution: Uint8Array | undefined,
): Pick<TxInput, "scriptSig" | "witness"> | undefined {
  if (solution === undefined) return { scriptSig: new Uint8Array(0), witness: [] };
  try {
    const reader = new Reader(solution);
    const scriptSig = reader.varBytes();
    const witness: Uint8Array[] = [];
    for (let count = reader.compactSize(); count > 0; count--) witness.push(reader.varBytes());
    reader.finish();
    return { scriptSig, witness };
  } catch (error) {
    if (error instanceof CoreError) return undefined;
    throw error;
  }
}
