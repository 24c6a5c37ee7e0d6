import { bytesToHex, hexToBytes } from "./bytes.ts";
import { Reader, type Sha256 } from "./encoding/reader.ts";
import { compactSizeLength, Writer } from "./encoding/writer.ts";
import { CoreError } from "./errors.ts";
import { sha256d } from "./hash.ts";
import { idFromBytes, type Txid, type Wtxid } from "./ids.ts";
import { Shown } from "./inspect.ts";
import { type OutputJson, outputToJson } from "./json.ts";
import { isNullOutpoint, type Outpoint, readOutpoint, writeOutpoint } from "./outpoint.ts";
import {
  requireOptions,
  requireOutput,
  requireReader,
  requireTransactionFields,
  requireWriter,
} from "./shapes.ts";

/** Sequence of an input that neither locks nor signals anything. */
export const SEQUENCE_FINAL = 0xffff_ffff;

export interface TxInput {
  /** The output that is spent. */
  readonly prevout: Outpoint;
  readonly scriptSig: Uint8Array;
  readonly sequence: number;
  /** Stack items, empty for an input without witness (BIP-0141). */
  readonly witness: readonly Uint8Array[];
}

export interface TxOutput {
  /** Base units, 10^8 to a coin. Decoded as Core does, so it can be negative until a rule has seen it. */
  readonly value: bigint;
  readonly scriptPubKey: Uint8Array;
}

export interface TransactionFields {
  /** Signed 32 bits. */
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  /** Unsigned 32 bits: a height below 500,000,000, else seconds since 1970. */
  readonly lockTime: number;
}

/** A transaction in JSON. Bytes are hex, amounts coins as exact decimal text: a number could not hold them. */
export interface TransactionJson {
  readonly txid: Txid;
  readonly wtxid: Wtxid;
  readonly version: number;
  readonly lockTime: number;
  /** Bytes, witness included. */
  readonly size: number;
  readonly virtualSize: number;
  readonly weight: number;
  readonly inputs: readonly {
    readonly prevout: Outpoint;
    readonly scriptSig: string;
    readonly sequence: number;
    readonly witness: readonly string[];
  }[];
  readonly outputs: readonly OutputJson[];
}

/**
 * A transaction. Immutable: change one by building another from its fields. Its ids are computed once, when first
 * asked for. Byte arrays of a decoded transaction are views onto the input.
 *
 * @example
 * const transaction = Transaction.fromHex(hex);
 * transaction.txid // "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
 * transaction.virtualSize // 275
 */
export class Transaction extends Shown implements TransactionFields {
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  readonly lockTime: number;
  #sha256: Sha256 | undefined;
  #txid: Txid | undefined;
  #wtxid: Wtxid | undefined;
  #baseSize = 0;
  #witnessSize = -1;

  constructor(fields: TransactionFields) {
    super();
    requireTransactionFields(fields, "fields");

    this.version = fields.version;
    this.inputs = fields.inputs;
    this.outputs = fields.outputs;
    this.lockTime = fields.lockTime;
  }

  /**
   * Exactly one transaction.
   * @param options `witness: false` reads the form before SegWit, in which a transaction may have no inputs
   * @throws CoreError where Core would not decode it.
   */
  static fromBytes(bytes: Uint8Array, options: TransactionForm = {}): Transaction {
    const reader = new Reader(bytes);
    const transaction = Transaction.read(reader, options);
    reader.finish();
    return transaction;
  }

  static fromHex(hex: string): Transaction {
    return Transaction.fromBytes(hexToBytes(hex));
  }

  /** The next transaction, with or without witness (BIP-0144). Core: UnserializeTransaction. */
  static read(reader: Reader, options: TransactionForm = {}): Transaction {
    requireReader(reader, "reader");
    requireOptions(options, "options", { witness: "boolean?" });
    const { witness = true } = options;

    const start = reader.position;
    const version = reader.i32();
    let inputs = readInputs(reader);
    let outputs: TxOutput[] = [];
    let flags = 0;
    // No inputs means: either the marker of the extended form, or really an empty transaction.
    if (inputs.length === 0 && witness) {
      flags = reader.u8();
      if (flags !== 0) {
        inputs = readInputs(reader);
        outputs = readOutputs(reader);
      }
    } else {
      outputs = readOutputs(reader);
    }
    if ((flags & 1) !== 0) {
      inputs = inputs.map((input) => ({ ...input, witness: readWitness(reader) }));
      if (inputs.every((input) => input.witness.length === 0)) {
        throw new CoreError("superfluous-witness", "Superfluous witness record");
      }
    }
    if ((flags & ~1) !== 0) {
      throw new CoreError("unknown-transaction-flag", "Unknown transaction optional data");
    }
    const transaction = new Transaction({ version, inputs, outputs, lockTime: reader.u32() });
    transaction.#sha256 = reader.sha256;
    if (inputs.length > 0 && flags === 0) {
      // The bytes read are those the id covers: cheaper now than writing them again later.
      transaction.#txid = transaction.#hash(reader.bytes.subarray(start, reader.position));
    }
    return transaction;
  }

  /** Hash without witness. */
  get txid(): Txid {
    this.#txid ??= this.#hash(this.toBytes({ witness: false }));
    return this.#txid;
  }

  /** Hash with witness; the same as the txid where there is none (BIP-0141). */
  get wtxid(): Wtxid {
    this.#wtxid ??= this.hasWitness ? this.#hash(this.toBytes()) : (this.txid as string as Wtxid);
    return this.#wtxid;
  }

  #hash<Id extends Txid | Wtxid>(bytes: Uint8Array): Id {
    const sha256 = this.#sha256;
    return idFromBytes<Id>(sha256 === undefined ? sha256d(bytes) : sha256(sha256(bytes)));
  }

  get hasWitness(): boolean {
    return this.inputs.some((input) => input.witness.length > 0);
  }

  /** One input, which spends nothing. */
  get isCoinbase(): boolean {
    const [first] = this.inputs;
    return this.inputs.length === 1 && first !== undefined && isNullOutpoint(first.prevout);
  }

  /** Bytes without witness. */
  get baseSize(): number {
    this.#measure();
    return this.#baseSize;
  }

  /** Bytes as sent, witness included. */
  get totalSize(): number {
    this.#measure();
    return this.#baseSize + this.#witnessSize;
  }

  /** Weight units: three times the base size plus the total size (BIP-0141). */
  get weight(): number {
    return this.baseSize * 3 + this.totalSize;
  }

  /** A quarter of the weight, rounded up: the size that fee rates count. */
  get virtualSize(): number {
    return Math.ceil(this.weight / 4);
  }

  /**
   * For `JSON.stringify`.
   * @example JSON.stringify(transaction) // '{"txid":"f4184fc596403b9d63…'
   */
  toJSON(): TransactionJson {
    return {
      txid: this.txid,
      wtxid: this.wtxid,
      version: this.version,
      lockTime: this.lockTime,
      size: this.totalSize,
      virtualSize: this.virtualSize,
      weight: this.weight,
      inputs: this.inputs.map(({ prevout, scriptSig, sequence, witness }) => ({
        prevout,
        scriptSig: bytesToHex(scriptSig),
        sequence,
        witness: witness.map(bytesToHex),
      })),
      outputs: this.outputs.map(outputToJson),
    };
  }

  #measure(): void {
    if (this.#witnessSize >= 0) return;
    let base = 8 + compactSizeLength(this.inputs.length) + compactSizeLength(this.outputs.length);
    for (const { scriptSig } of this.inputs) base += 40 + varBytesLength(scriptSig);
    for (const { scriptPubKey } of this.outputs) base += 8 + varBytesLength(scriptPubKey);
    let witness = 0;
    if (this.hasWitness) {
      witness = 2;
      for (const input of this.inputs) {
        witness += compactSizeLength(input.witness.length);
        for (const item of input.witness) witness += varBytesLength(item);
      }
    }
    this.#baseSize = base;
    this.#witnessSize = witness;
  }

  /** As it goes over the wire; without the witness where that is asked for. */
  toBytes(options: { readonly witness?: boolean } = {}): Uint8Array {
    requireOptions(options, "options", { witness: "boolean?" });

    const writer = new Writer(options.witness === false ? this.baseSize : this.totalSize);
    this.write(writer, options);
    return writer.finish();
  }

  write(writer: Writer, options: { readonly witness?: boolean } = {}): void {
    requireWriter(writer, "writer");
    requireOptions(options, "options", { witness: "boolean?" });
    const { witness = true } = options;

    const extended = witness && this.hasWitness;
    writer.i32(this.version);
    if (extended) writer.u8(0).u8(1); // marker and flag, BIP-0144
    writer.compactSize(this.inputs.length);
    for (const { prevout, scriptSig, sequence } of this.inputs) {
      writeOutpoint(writer, prevout);
      writer.varBytes(scriptSig).u32(sequence);
    }
    writer.compactSize(this.outputs.length);
    for (const output of this.outputs) writeOutput(writer, output);
    if (extended) {
      for (const input of this.inputs) {
        writer.compactSize(input.witness.length);
        for (const item of input.witness) writer.varBytes(item);
      }
    }
    writer.u32(this.lockTime);
  }
}

/** How its bytes are read: `witness: false` takes no marker for one (BIP-0144). */
export interface TransactionForm {
  readonly witness?: boolean;
}

const NO_WITNESS: readonly Uint8Array[] = /* @__PURE__ */ Object.freeze([]);

function varBytesLength(bytes: Uint8Array): number {
  return compactSizeLength(bytes.length) + bytes.length;
}

// Lists grow item by item: a count that lies runs into the end of the input before it costs memory.

function readInputs(reader: Reader): TxInput[] {
  const count = reader.compactSize();
  const inputs: TxInput[] = [];
  for (let i = 0; i < count; i++) {
    inputs.push({
      prevout: readOutpoint(reader),
      scriptSig: reader.varBytes(),
      sequence: reader.u32(),
      witness: NO_WITNESS,
    });
  }
  return inputs;
}

function readOutputs(reader: Reader): TxOutput[] {
  const count = reader.compactSize();
  const outputs: TxOutput[] = [];
  for (let i = 0; i < count; i++) outputs.push(readOutput(reader));
  return outputs;
}

function readWitness(reader: Reader): readonly Uint8Array[] {
  const count = reader.compactSize();
  if (count === 0) return NO_WITNESS;
  const items: Uint8Array[] = [];
  for (let i = 0; i < count; i++) items.push(reader.varBytes());
  return items;
}

/**
 * @example
 * const writer = new Writer();
 * writeOutput(writer, coin);
 * readOutput(new Reader(writer.finish())).value // 50_0000_0000n
 */
export function readOutput(reader: Reader): TxOutput {
  requireReader(reader, "reader");

  return { value: reader.i64(), scriptPubKey: reader.varBytes() };
}

/**
 * @example
 * const writer = new Writer();
 * writeOutput(writer, { value: 1n, scriptPubKey: Uint8Array.of(0x51) });
 * writer.finish() // Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0x51)
 */
export function writeOutput(writer: Writer, output: TxOutput): void {
  requireWriter(writer, "writer");
  requireOutput(output, "output");

  writer.i64(output.value).varBytes(output.scriptPubKey);
}
