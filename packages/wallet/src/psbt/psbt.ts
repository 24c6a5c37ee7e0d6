/** A partially signed transaction. */
import { ArgumentError, Transaction, type TransactionFields } from "@chain/core";
import {
  requireArray,
  requireFields,
  requireInteger,
  requireTransaction,
  requireTransactionFields,
} from "@chain/core/arguments";
import { type Refused, refused, WalletError } from "../errors.ts";
import { PsbtMap, requirePsbtMap } from "./psbtMap.ts";

/** 0: BIP-0174; 2: BIP-0370. There is no 1. */
export type PsbtVersion = 0 | 2;

/** The maps of a PSBT. */
export interface PsbtFields {
  readonly version: PsbtVersion;
  /** Without scriptSigs and witnesses, in both versions. */
  readonly transaction: Transaction;
  /** Extended keys, proprietary and unknown records; of version 2 also what says how the transaction may change. */
  readonly global: PsbtMap;
  /** One for each input of the transaction. */
  readonly inputs: readonly PsbtMap[];
  /** One for each output of the transaction. */
  readonly outputs: readonly PsbtMap[];
}

/**
 * A partially signed transaction (BIP-0174, 0370, 0371). Immutable: every role gives another one. All records are kept,
 * whether their types are known or not; `psbtInput` and `psbtOutput` say what the known ones mean.
 *
 * @example
 * const created = createPsbt(transaction);
 * if (!created.ok) return created.reason;
 * const updated = updatePsbt(created.psbt, { provider: output.provider, coins: () => utxo });
 * const signed = [fromAlice, fromBob].reduce((psbt, { provider }) => signPsbt(psbt, provider).psbt, updated);
 * extractTransaction(signed)?.txid === transaction.txid // true
 */
export class Psbt implements PsbtFields {
  readonly version: PsbtVersion;
  readonly transaction: Transaction;
  readonly global: PsbtMap;
  readonly inputs: readonly PsbtMap[];
  readonly outputs: readonly PsbtMap[];

  /** @throws WalletError `invalid-length` where the maps are not as many as inputs and outputs. */
  constructor(fields: PsbtFields) {
    requirePsbtFields(fields, "fields");
    const { transaction } = fields;
    if (
      fields.inputs.length !== transaction.inputs.length ||
      fields.outputs.length !== transaction.outputs.length
    ) {
      throw new WalletError("invalid-length", "a PSBT has one map for each input and output");
    }
    this.version = fields.version;
    this.transaction = transaction;
    this.global = fields.global;
    this.inputs = fields.inputs;
    this.outputs = fields.outputs;
  }

  /** The same with the map of one input exchanged. */
  withInput(index: number, map: PsbtMap): Psbt {
    requireInteger(index, "index", 0, this.inputs.length - 1);
    requirePsbtMap(map, "map");
    return new Psbt({ ...this.#fields(), inputs: this.inputs.with(index, map) });
  }

  /** The same with the map of one output exchanged. */
  withOutput(index: number, map: PsbtMap): Psbt {
    requireInteger(index, "index", 0, this.outputs.length - 1);
    requirePsbtMap(map, "map");
    return new Psbt({ ...this.#fields(), outputs: this.outputs.with(index, map) });
  }

  /** The same with another global map. */
  withGlobal(global: PsbtMap): Psbt {
    requirePsbtMap(global, "global");
    return new Psbt({ ...this.#fields(), global });
  }

  #fields(): PsbtFields {
    const { version, transaction, global, inputs, outputs } = this;
    return { version, transaction, global, inputs, outputs };
  }
}

function requirePsbtFields(value: unknown, name: string): void {
  requireFields(value, name, { inputs: "array", outputs: "array" });
  const { version, transaction, global, inputs, outputs } = value as PsbtFields;
  requirePsbtVersion(version, `${name}.version`);
  requireTransaction(transaction, `${name}.transaction`);
  requirePsbtMap(global, `${name}.global`);
  requireArray(inputs, `${name}.inputs`, requirePsbtMap);
  requireArray(outputs, `${name}.outputs`, requirePsbtMap);
}

export function requirePsbtVersion(value: unknown, name: string): void {
  if (value !== 0 && value !== 2) throw new ArgumentError(name, "0 or 2", value);
}

export function requirePsbt(value: unknown, name: string): void {
  if (typeof Object(value).withGlobal !== "function") {
    throw new ArgumentError(name, "a Psbt (createPsbt makes one)", value);
  }
}

export type CreatedPsbt = { readonly ok: true; readonly psbt: Psbt } | Refused<"signed">;

/**
 * The role of the creator: a PSBT of a transaction, with nothing known yet. Core: createpsbt, converttopsbt.
 * @param options `dropSignatures`: a transaction that is signed is taken without its signatures
 * @returns a refusal for a transaction that has scriptSigs or witnesses, in Core's words
 * @example createPsbt(transaction, { version: 2 }).ok // true
 */
export function createPsbt(
  transaction: TransactionFields,
  options: { readonly version?: PsbtVersion; readonly dropSignatures?: boolean } = {},
): CreatedPsbt {
  requireTransactionFields(transaction, "transaction");
  requireFields(options, "options", { version: "number?", dropSignatures: "boolean?" });
  const { version = 0, dropSignatures = false } = options;
  requirePsbtVersion(version, "options.version");
  const { inputs, outputs } = transaction;
  const signed = inputs.some(({ scriptSig, witness }) => scriptSig.length + witness.length > 0);
  if (signed && !dropSignatures) {
    return refused("signed", "Inputs must not have scriptSigs and scriptWitnesses");
  }
  return {
    ok: true,
    psbt: new Psbt({
      version,
      transaction: withoutSignatures(transaction),
      global: new PsbtMap(),
      inputs: inputs.map(() => new PsbtMap()),
      outputs: outputs.map(() => new PsbtMap()),
    }),
  };
}

function withoutSignatures(fields: TransactionFields): Transaction {
  return new Transaction({
    version: fields.version,
    inputs: fields.inputs.map(({ prevout, sequence }) => ({
      prevout,
      sequence,
      scriptSig: new Uint8Array(0),
      witness: [],
    })),
    outputs: fields.outputs,
    lockTime: fields.lockTime,
  });
}
