import {
  Reader,
  readOutput,
  runScriptCheck,
  type Sha256,
  type SignatureVerifier,
  scriptChecks,
  Transaction,
  type TxOutput,
  Writer,
  writeOutput,
} from "@chain/core";
import {
  optional,
  requireArray,
  requireBytes,
  requireFields,
  requireFunction,
  requireOutputs,
  requireTransaction,
  requireVerifier,
} from "@chain/core/arguments";
import type { ScriptJob } from "../ports.ts";

/**
 * Jobs as bytes, for `runScriptJobs` on another thread. They hold all that the checks need, so that nothing of the
 * sender has to live as long as they do.
 * @example
 * const flags = scriptFlags(1, params);
 * const bytes = encodeScriptJobs([{ transaction, spentOutputs: [], flags }]);
 * runScriptJobs(bytes, nobleVerifier) // [false]: it has an input
 */
export function encodeScriptJobs(jobs: readonly ScriptJob[]): Uint8Array {
  requireArray(jobs, "jobs", (job, name) => {
    requireFields(job, name, { transaction: "object", spentOutputs: "array", flags: "number" });
    const { transaction, spentOutputs } = job as ScriptJob;
    requireTransaction(transaction, `${name}.transaction`);
    requireOutputs(spentOutputs, `${name}.spentOutputs`);
  });

  const writer = new Writer(1024);
  writer.compactSize(jobs.length);
  for (const { transaction, spentOutputs, flags } of jobs) {
    writer.u32(flags).bytes(transaction.toBytes()).compactSize(spentOutputs.length);
    for (const output of spentOutputs) writeOutput(writer, output);
  }
  return writer.finish();
}

/**
 * Runs jobs of `encodeScriptJobs`.
 * @param sha256 of the platform, for the ids of transactions; default: one in JavaScript
 * @returns of each job whether all scripts of its transaction pass
 * @throws CoreError where the bytes are none of `encodeScriptJobs`
 * @example runScriptJobs(encodeScriptJobs([]), nobleVerifier) // []
 */
export function runScriptJobs(
  bytes: Uint8Array,
  verifier: SignatureVerifier,
  sha256?: Sha256,
): boolean[] {
  requireBytes(bytes, "bytes");
  requireVerifier(verifier, "verifier");
  optional(sha256, "sha256", requireFunction);

  const reader = new Reader(bytes, 0, sha256);
  const passed: boolean[] = [];
  for (let left = reader.compactSize(); left > 0; left--) {
    const flags = reader.u32();
    const transaction = Transaction.read(reader);
    const spentOutputs: TxOutput[] = [];
    for (let more = reader.compactSize(); more > 0; more--) spentOutputs.push(readOutput(reader));
    const checks = scriptChecks(transaction, spentOutputs, flags);
    passed.push(checks.every((check) => runScriptCheck(check, verifier).ok));
  }
  reader.finish();
  return passed;
}
