import { requireNumber } from "../arguments.ts";
import { Writer } from "../encoding/writer.ts";
import { type RunningSha256, runningSha256, sha256 } from "../hash.ts";
import { writeOutpoint } from "../outpoint.ts";
import { requireOutputs, requireTransaction } from "../shapes.ts";
import { type Transaction, type TxOutput, writeOutput } from "../transaction.ts";

/** Bytes of an input with an empty script: outpoint, length of the script, sequence. */
export const BLANK_INPUT_SIZE: number = 36 + 1 + 4;
/** Bytes of an output with the value -1 and an empty script. */
export const BLANK_OUTPUT_SIZE: number = 8 + 1;

/**
 * A transaction with the outputs that it spends, and what the signature hashes of its inputs have in common: each part
 * is computed when it is first needed, and once, so that a transaction of n inputs costs O(n) with SegWit and Taproot.
 * Make one for all inputs. Core: PrecomputedTransactionData.
 * @example
 * const spend = new TransactionSpend(transaction, coins);
 * const hash = witnessSighash(spend, 0, coins[0].scriptPubKey, SIGHASH_ALL);
 */
export class TransactionSpend {
  readonly transaction: Transaction;
  /** The outputs that its inputs spend, in their order. */
  readonly spentOutputs: readonly TxOutput[];
  readonly #parts = new Map<string, Uint8Array>();
  /** See `legacyStart`; of how many inputs. */
  #start: { readonly count: number; readonly hash: RunningSha256 } | undefined;

  /** @param spentOutputs coins will do */
  constructor(transaction: Transaction, spentOutputs: readonly TxOutput[]) {
    requireTransaction(transaction, "transaction");
    requireOutputs(spentOutputs, "spentOutputs");

    this.transaction = transaction;
    this.spentOutputs = spentOutputs;
  }

  /** SHA-256 of all outpoints. */
  get prevoutsHash(): Uint8Array {
    return this.#hash("prevouts", (writer) => {
      for (const { prevout } of this.transaction.inputs) writeOutpoint(writer, prevout);
    });
  }

  /** SHA-256 of all sequences. */
  get sequencesHash(): Uint8Array {
    return this.#hash("sequences", (writer) => {
      for (const { sequence } of this.transaction.inputs) writer.u32(sequence);
    });
  }

  /** SHA-256 of all outputs. */
  get outputsHash(): Uint8Array {
    return this.#part("outputsHash", () => sha256(this.outputs));
  }

  /** SHA-256 of the values of all spent outputs. */
  get amountsHash(): Uint8Array {
    return this.#hash("amounts", (writer) => {
      for (const { value } of this.spentOutputs) writer.i64(value);
    });
  }

  /** SHA-256 of the scripts of all spent outputs, with their lengths. */
  get scriptsHash(): Uint8Array {
    return this.#hash("scripts", (writer) => {
      for (const { scriptPubKey } of this.spentOutputs) writer.varBytes(scriptPubKey);
    });
  }

  /** All outputs as bytes. */
  get outputs(): Uint8Array {
    return this.#part("outputs", () => {
      const writer = new Writer();
      for (const output of this.transaction.outputs) writeOutput(writer, output);
      return writer.finish();
    });
  }

  /** As many outputs with the value -1 and an empty script as bytes. */
  get blankOutputs(): Uint8Array {
    return this.#part("blankOutputs", () => {
      const bytes = new Uint8Array(this.transaction.outputs.length * BLANK_OUTPUT_SIZE).fill(0xff);
      for (let i = BLANK_OUTPUT_SIZE - 1; i < bytes.length; i += BLANK_OUTPUT_SIZE) bytes[i] = 0;
      return bytes;
    });
  }

  /** All inputs as bytes, with empty scripts. */
  get blankInputs(): Uint8Array {
    return this.#part("blankInputs", () => this.#blankInputs(true));
  }

  /** The same with sequences of zero. */
  get blankInputsWithoutSequences(): Uint8Array {
    return this.#part("blankInputsWithoutSequences", () => this.#blankInputs(false));
  }

  /**
   * The SHA-256 of what most signatures from before SegWit sign up to their input: version, number of inputs, and the
   * inputs before it with empty scripts. Asked for in the order of the inputs, it hashes none of them twice.
   */
  legacyStart(inputIndex: number): RunningSha256 {
    requireNumber(inputIndex, "inputIndex");

    const { version, inputs } = this.transaction;
    let { count, hash } = this.#start ?? { count: inputs.length, hash: undefined };
    if (hash === undefined || count > inputIndex) {
      count = 0;
      hash = runningSha256().update(
        new Writer(13).i32(version).compactSize(inputs.length).finish(),
      );
    }
    const between = this.blankInputs.subarray(
      count * BLANK_INPUT_SIZE,
      inputIndex * BLANK_INPUT_SIZE,
    );
    this.#start = { count: inputIndex, hash: hash.update(between) };
    return hash.clone();
  }

  #blankInputs(sequences: boolean): Uint8Array {
    const { inputs } = this.transaction;
    const writer = new Writer(inputs.length * BLANK_INPUT_SIZE);
    for (const { prevout, sequence } of inputs) {
      writeOutpoint(writer, prevout);
      writer.u8(0).u32(sequences ? sequence : 0);
    }
    return writer.finish();
  }

  #hash(name: string, write: (writer: Writer) => void): Uint8Array {
    return this.#part(name, () => {
      const writer = new Writer();
      write(writer);
      return sha256(writer.finish());
    });
  }

  #part(name: string, compute: () => Uint8Array): Uint8Array {
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = compute();
      this.#parts.set(name, part);
    }
    return part;
  }
}
