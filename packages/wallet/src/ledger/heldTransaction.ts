/** A transaction of a wallet, and its record. */
import {
  type BlockHash,
  type Outpoint,
  type Reader,
  type Seconds,
  Transaction,
  type Txid,
  Writer,
} from "@chain/core";
import { bytesToUtf8 } from "@noble/ciphers/utils.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { HeldScript } from "./keyRing.ts";
import { damaged } from "./records.ts";
import type { TransactionNotes, TransactionState, WalletTransaction } from "./types.ts";

/** An output that pays the wallet. */
export interface OwnOutput {
  readonly transaction: HeldTransaction;
  readonly vout: number;
  readonly value: bigint;
  readonly script: Uint8Array;
  /** In which sum of the coins it stands. */
  counted: "spent" | "settled" | "used" | "changing";
  /** The owner of its script, once somebody has asked. */
  owner: HeldScript | undefined;
}

const STATES = ["confirmed", "block-conflicted", "inactive", "abandoned"] as const;
const NOTES = ["comment", "to", "replaces", "replacedBy"] as const;
/** An output of its record takes at least so many bytes, and an input. */
const MIN_OUTPUT = 13;
const INPUT = 36;

export interface HeldTransactionFields {
  readonly txid: Txid;
  readonly transaction: Transaction | Uint8Array;
  readonly state: TransactionState;
  readonly timeReceived: Seconds;
  readonly time: Seconds;
  readonly orderPosition: number;
  readonly isCoinbase: boolean;
  /** The coins that it spends; none for a coinbase. */
  readonly prevouts: readonly Outpoint[];
}

/** Core: CWalletTx. */
export class HeldTransaction implements WalletTransaction {
  readonly txid: Txid;
  state: TransactionState;
  readonly timeReceived: Seconds;
  time: Seconds;
  readonly orderPosition: number;
  notes: TransactionNotes = {};
  readonly isCoinbase: boolean;
  readonly prevouts: readonly Outpoint[];
  /** By rising index. */
  outputs: OwnOutput[] = [];
  /** A transaction of version 3 in the mempool that spends an output of this one. Core: truc_child_in_mempool. */
  trucChild: Txid | undefined;
  /** Decoded when it is first asked for, because most never are. */
  #transaction: Transaction | Uint8Array;
  #conflicts: Set<Txid> | undefined;

  constructor(fields: HeldTransactionFields) {
    this.txid = fields.txid;
    this.#transaction = fields.transaction;
    this.state = fields.state;
    this.timeReceived = fields.timeReceived;
    this.time = fields.time;
    this.orderPosition = fields.orderPosition;
    this.isCoinbase = fields.isCoinbase;
    this.prevouts = fields.prevouts;
  }

  get transaction(): Transaction {
    if (!(this.#transaction instanceof Transaction)) {
      this.#transaction = Transaction.fromBytes(this.#transaction);
    }
    return this.#transaction;
  }

  /** Takes the same transaction with its witness, where this one came without. */
  upgrade(transaction: Transaction): boolean {
    if (!transaction.hasWitness || this.transaction.hasWitness) return false;
    this.#transaction = transaction.toBytes();
    return true;
  }

  get mempoolConflicts(): ReadonlySet<Txid> {
    return this.#conflicts ?? new Set();
  }

  /** @returns whether that is new */
  addConflict(txid: Txid): boolean {
    this.#conflicts ??= new Set();
    if (this.#conflicts.has(txid)) return false;
    this.#conflicts.add(txid);
    return true;
  }

  /** @returns whether there was one */
  removeConflict(txid: Txid): boolean {
    return this.#conflicts?.delete(txid) ?? false;
  }

  get isAbandoned(): boolean {
    return this.state.type === "inactive" && this.state.abandoned;
  }

  /** Whether it counts as spending its inputs. Core: IsSpent. */
  get isSpending(): boolean {
    if (this.state.type === "block-conflicted" || this.isAbandoned) return false;
    return this.#conflicts === undefined || this.#conflicts.size === 0;
  }

  output(vout: number): OwnOutput | undefined {
    let [low, high] = [0, this.outputs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.outputs[middle]?.vout ?? 0) < vout) low = middle + 1;
      else high = middle;
    }
    const found = this.outputs[low];
    return found?.vout === vout ? found : undefined;
  }

  setOutputs(outputs: readonly Omit<OwnOutput, "transaction" | "counted" | "owner">[]): void {
    this.outputs = outputs.map(({ vout, value, script }) => {
      return { transaction: this, vout, value, script, counted: "spent", owner: undefined };
    });
  }

  encode(): Uint8Array {
    const raw = this.#transaction;
    const bytes = raw instanceof Transaction ? raw.toBytes() : raw;
    const writer = new Writer(
      bytes.length + 64 + INPUT * this.prevouts.length + 48 * this.outputs.length,
    );
    this.#writeState(writer);
    writer.u32(this.timeReceived).u32(this.time).u32(this.orderPosition);
    writer.u8(this.isCoinbase ? 1 : 0);
    const notes = NOTES.flatMap((name, i) => {
      const note = this.notes[name];
      return note === undefined ? [] : [[i, note] as const];
    });
    writer.u8(notes.length);
    for (const [i, note] of notes) writer.u8(i).varBytes(utf8ToBytes(note));
    writer.compactSize(this.prevouts.length);
    for (const { txid, vout } of this.prevouts) writer.hash(txid).u32(vout);
    writer.compactSize(this.outputs.length);
    for (const { vout, value, script } of this.outputs) {
      writer.u32(vout).u64(value).varBytes(script);
    }
    return writer.bytes(bytes).finish();
  }

  /** A transaction in the mempool is written as one that is not: the mempool tells again what it has. */
  #writeState(writer: Writer): void {
    const { state } = this;
    switch (state.type) {
      case "confirmed":
        writer.u8(0).hash(state.hash).u32(state.height).u32(state.index);
        break;
      case "block-conflicted":
        writer.u8(1).hash(state.hash).u32(state.height);
        break;
      case "mempool":
        writer.u8(2);
        break;
      case "inactive":
        writer.u8(state.abandoned ? 3 : 2);
        break;
      default:
        state satisfies never;
    }
  }

  static decode(key: Uint8Array, txid: Txid, reader: Reader): HeldTransaction {
    const state = readState(key, reader);
    const [timeReceived, time, orderPosition] = [reader.u32(), reader.u32(), reader.u32()];
    const isCoinbase = reader.u8() === 1;
    const notes: Partial<Record<(typeof NOTES)[number], string>> = {};
    for (let n = reader.u8(); n > 0; n--) {
      const name = NOTES[reader.u8()];
      const text = bytesToUtf8(reader.varBytes());
      if (name !== undefined) notes[name] = text;
    }
    const prevouts: Outpoint[] = [];
    for (let n = reader.compactSize(Math.floor(reader.remaining / INPUT)); n > 0; n--) {
      prevouts.push({ txid: reader.hash<Txid>(), vout: reader.u32() });
    }
    const outputs: Omit<OwnOutput, "transaction" | "counted" | "owner">[] = [];
    for (let n = reader.compactSize(Math.floor(reader.remaining / MIN_OUTPUT)); n > 0; n--) {
      outputs.push({ vout: reader.u32(), value: reader.u64(), script: reader.varBytes() });
    }
    const transaction = reader.take(reader.remaining);
    const held = new HeldTransaction({
      ...{ txid, transaction, state, timeReceived, time, orderPosition, isCoinbase, prevouts },
    });
    held.notes = notes as TransactionNotes;
    held.setOutputs(outputs);
    return held;
  }
}

function readState(key: Uint8Array, reader: Reader): TransactionState {
  const code = reader.u8();
  const type = STATES[code];
  switch (type) {
    case "confirmed":
      return { type, hash: reader.hash<BlockHash>(), height: reader.u32(), index: reader.u32() };
    case "block-conflicted":
      return { type, hash: reader.hash<BlockHash>(), height: reader.u32() };
    case "inactive":
    case "abandoned":
      return { type: "inactive", abandoned: type === "abandoned" };
    default:
      throw damaged(key, `it has the unknown state ${code}`);
  }
}
