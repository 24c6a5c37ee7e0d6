/** One map of a PSBT: keys of a type and data, each with a value (BIP-0174). */

import {
  ArgumentError,
  bytesToHex,
  compactSizeLength,
  concatBytes,
  Reader,
  Writer,
} from "@chain/core";
import {
  requireBytes,
  requireFields,
  requireFunction,
  requireIterable,
  requireNumber,
} from "@chain/core/arguments";

/** A key with its value, as they stand in the bytes. */
export interface PsbtRecord {
  readonly type: number;
  /** The bytes that follow the type in the key. */
  readonly keyData: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * The records of a map, each key once, whether its type is known or not. Immutable: a change gives another map.
 *
 * @example
 * const identifier = Uint8Array.of(1);
 * const map = new PsbtMap().set(0xfc, identifier, Uint8Array.of(2));
 * map.get(0xfc, identifier) // Uint8Array.of(2)
 */
export class PsbtMap {
  readonly #records: ReadonlyMap<string, PsbtRecord>;

  constructor(records: Iterable<PsbtRecord> = []) {
    requireIterable(records, "records", "records");
    this.#records = new Map([...records].map((record) => [nameOf(checked(record)), record]));
  }

  /** All records, in no particular order. */
  get records(): readonly PsbtRecord[] {
    return [...this.#records.values()];
  }

  /** The value of a key. @param keyData none for types that occur once */
  get(type: number, keyData: Uint8Array = NOTHING): Uint8Array | undefined {
    requireNumber(type, "type");
    requireBytes(keyData, "keyData");
    return this.#records.get(nameOf({ type, keyData }))?.value;
  }

  /** The records of a type, sorted by their keys. */
  all(type: number): readonly PsbtRecord[] {
    requireNumber(type, "type");
    return this.records.filter((record) => record.type === type).sort(byKeyData);
  }

  /** A map with this record, in place of the one with the same key. */
  set(type: number, keyData: Uint8Array, value: Uint8Array): PsbtMap {
    requireNumber(type, "type");
    requireBytes(keyData, "keyData");
    requireBytes(value, "value");
    return new PsbtMap([...this.#records.values(), { type, keyData, value }]);
  }

  /** A map with this record, unless there is one with the same key. */
  add(type: number, keyData: Uint8Array, value: Uint8Array): PsbtMap {
    requireBytes(value, "value");
    return this.get(type, keyData) === undefined ? this.set(type, keyData, value) : this;
  }

  /** A map without the records that match. */
  without(matches: (record: PsbtRecord) => boolean): PsbtMap {
    requireFunction(matches, "matches");
    return new PsbtMap(this.records.filter((record) => !matches(record)));
  }

  /** The records of both; of two with the same key, that of this one. */
  union(other: PsbtMap): PsbtMap {
    if (!(other instanceof PsbtMap)) throw new ArgumentError("other", "a PsbtMap", other);
    return new PsbtMap([...other.#records.values(), ...this.#records.values()]);
  }
}

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

function checked(record: PsbtRecord): PsbtRecord {
  requireFields(record, "records", { type: "number", keyData: "bytes", value: "bytes" });
  return record;
}

export function requirePsbtMap(value: unknown, name: string): void {
  const { all, get } = Object(value);
  if (typeof all !== "function" || typeof get !== "function") {
    throw new ArgumentError(name, "a PsbtMap", value);
  }
}

function nameOf({ type, keyData }: Pick<PsbtRecord, "type" | "keyData">): string {
  return `${type.toString(16)}:${bytesToHex(keyData)}`;
}

function byKeyData(a: PsbtRecord, b: PsbtRecord): number {
  return compare(a.keyData, b.keyData);
}

/** Bytes in the order of a dictionary: where one begins with the other, the shorter is first. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * The bytes of a key: its type as CompactSize, and its data.
 * @example keyBytes({ type: 0xfc, keyData: Uint8Array.of(1) }) // Uint8Array.of(0xfc, 1)
 */
export function keyBytes(record: Pick<PsbtRecord, "type" | "keyData">): Uint8Array {
  requireFields(record, "record", { type: "number", keyData: "bytes" });
  const { type, keyData } = record;
  return concatBytes(new Writer(compactSizeLength(type)).compactSize(type).finish(), keyData);
}

/** A reader of the type and the data of a key. @throws CoreError `truncated`, `oversized` */
export function splitKey(key: Uint8Array): { readonly type: number; readonly keyData: Uint8Array } {
  const reader = new Reader(key);
  const type = reader.compactSize();
  return { type, keyData: key.subarray(reader.position) };
}
