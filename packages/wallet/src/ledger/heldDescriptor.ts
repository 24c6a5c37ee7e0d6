/** One descriptor of a wallet with the scripts that were derived of it. */
import { bytesToHex, hexToBytes, type Reader, type Seconds, sha256, Writer } from "@chain/core";
import { present } from "@chain/core/arguments";
import { bytesToUtf8 } from "@noble/ciphers/utils.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ACCOUNT_KINDS, type AccountKind } from "../accounts/account.ts";
import { type Descriptor, parseDescriptor } from "../descriptor/descriptor.ts";
import type { DescriptorParams } from "../descriptor/params.ts";
import { damaged, type Journal, recordKey } from "./records.ts";
import type { WalletDescriptor } from "./types.ts";

/** Indices whose scripts are kept in one record. */
const CHUNK = 100;
const ACTIVE = 1;
const INTERNAL = 2;

export interface HeldFields {
  /** Without private keys. */
  readonly descriptor: Descriptor;
  /** The normalized form. */
  readonly source: Descriptor;
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly timestamp: Seconds;
}

/** Core: DescriptorScriptPubKeyMan. */
export class HeldDescriptor implements WalletDescriptor {
  readonly id: string;
  readonly descriptor: Descriptor;
  /** The normalized form, from which scripts can be derived: not so where its range is hardened. */
  readonly source: Descriptor;
  readonly isDerivable: boolean;
  readonly isSolvable: boolean;
  active: { readonly kind: AccountKind; readonly internal: boolean } | undefined;
  hasPrivateKeys = false;
  /** Its keys were made here and now, so that nobody knows an address which it has not given. */
  isFresh = false;
  start: number;
  end: number;
  next: number;
  timestamp: Seconds;
  /** By index, from `start` on. */
  scripts: (readonly Uint8Array[])[] = [];
  readonly #journal: Journal;

  constructor(fields: HeldFields, journal: Journal) {
    this.descriptor = fields.descriptor;
    this.source = fields.source;
    this.isSolvable = fields.descriptor.isSolvable;
    this.isDerivable = fields.source.expand(fields.start) !== undefined;
    this.id = bytesToHex(sha256(utf8ToBytes(fields.descriptor.toString())));
    this.start = fields.start;
    this.end = fields.end;
    this.next = fields.next;
    this.timestamp = fields.timestamp;
    this.#journal = journal;
  }

  /** A reader can tell others more addresses than were given. */
  get text(): string {
    this.isFresh = false;
    return this.source.toString();
  }

  get range(): { readonly start: number; readonly end: number } {
    return { start: this.start, end: this.end };
  }

  /** The first index whose scripts are not known yet. */
  get derivedEnd(): number {
    return this.start + this.scripts.length;
  }

  /** Scripts that are still to be derived, of those that the range has. */
  get missing(): number {
    return Math.max(0, this.end - this.derivedEnd);
  }

  /**
   * Derives the scripts of the next index.
   * @param source the normalized form, or the private one
   * @returns `undefined` where only a private key that is missing could
   */
  deriveNext(source: Descriptor): readonly Uint8Array[] | undefined {
    const index = this.derivedEnd;
    const scripts = source.expand(index)?.scripts;
    if (scripts === undefined) return undefined;
    this.scripts.push(scripts);
    const chunk = Math.floor((index - this.start) / CHUNK);
    this.#journal.put(this.#chunkKey(chunk), () => this.#encodeChunk(chunk));
    return scripts;
  }

  /** Forgets its scripts, because another range begins elsewhere. */
  resetScripts(start: number): void {
    for (let chunk = 0; chunk * CHUNK < this.scripts.length; chunk++) {
      this.#journal.delete(this.#chunkKey(chunk));
    }
    this.scripts = [];
    this.start = start;
  }

  /** Has it written. */
  changed(): void {
    this.#journal.put(recordKey("descriptor", hexToBytes(this.id)), () => this.#encode());
  }

  #encode(): Uint8Array {
    const { active } = this;
    const writer = new Writer();
    writer.u8((active === undefined ? 0 : ACTIVE) | (active?.internal ? INTERNAL : 0));
    writer.u8(active === undefined ? 0 : ACCOUNT_KINDS.indexOf(active.kind));
    writer.u32(this.start).u32(this.end).u32(this.next).u64(BigInt(this.timestamp));
    writer
      .varBytes(utf8ToBytes(this.descriptor.toString()))
      .varBytes(utf8ToBytes(this.source.toString()));
    return writer.finish();
  }

  static decode(
    key: Uint8Array,
    reader: Reader,
    host: { params: DescriptorParams; journal: Journal },
  ): HeldDescriptor {
    const [flags, place] = [reader.u8(), reader.u8()];
    const [start, end, next] = [reader.u32(), reader.u32(), reader.u32()];
    const timestamp = Number(reader.u64());
    const [own, text] = [reader.varBytes(), reader.varBytes()].map(bytesToUtf8) as [string, string];
    reader.finish();
    const [descriptor, source] = [own, text].map((each) => {
      const parsed = parseDescriptor(each, host.params);
      if (!parsed.ok) throw damaged(key, `${parsed.reason}; it may be of another network`);
      return parsed.descriptor;
    }) as [Descriptor, Descriptor];
    const fields = { descriptor, source, start, end, next, timestamp };
    const held = new HeldDescriptor(fields, host.journal);
    if (held.id !== bytesToHex(key.subarray(2))) throw damaged(key, "it is another descriptor");
    const kind = ACCOUNT_KINDS[place];
    if ((flags & ACTIVE) !== 0) {
      if (kind === undefined) throw damaged(key, `it has addresses of kind ${place}`);
      held.active = { kind, internal: (flags & INTERNAL) !== 0 };
    }
    return held;
  }

  #chunkKey(chunk: number): Uint8Array {
    return recordKey("scripts", new Writer().bytes(hexToBytes(this.id)).u32(chunk).finish());
  }

  #encodeChunk(chunk: number): Uint8Array {
    const writer = new Writer();
    for (const scripts of this.scripts.slice(chunk * CHUNK, (chunk + 1) * CHUNK)) {
      writer.compactSize(scripts.length);
      for (const script of scripts) writer.varBytes(script);
    }
    return writer.finish();
  }

  /** Takes the scripts of a record; records must come in the order of their chunks. */
  loadChunk(key: Uint8Array, chunk: number, reader: Reader): void {
    if (chunk * CHUNK !== this.scripts.length) throw damaged(key, "scripts before it are missing");
    while (reader.remaining > 0) {
      const scripts = Array.from({ length: reader.compactSize(4) }, () =>
        reader.varBytes().slice(),
      );
      this.scripts.push(scripts);
    }
    if (this.scripts.length > (chunk + 1) * CHUNK) throw damaged(key, "it has too many scripts");
  }

  /** The first script of an index that is derived. */
  scriptAt(index: number): Uint8Array {
    return present(this.scripts[index - this.start]?.[0], "a derived script");
  }
}
