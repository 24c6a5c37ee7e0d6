/** Labels of addresses, the wallet's and others', and which addresses the wallet has spent from. */
import { bytesToHex, hexToBytes, type Reader, Writer } from "@chain/core";
import { bytesToUtf8 } from "@noble/ciphers/utils.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type Journal, recordKey } from "./records.ts";
import type { AddressEntry, AddressPurpose } from "./types.ts";

const HAS_LABEL = 1;
const IS_SPENT = 2;
const IS_SEND = 4;

interface Entry {
  readonly script: Uint8Array;
  label: string | undefined;
  purpose: AddressPurpose;
  isSpent: boolean;
}

/** Core: m_address_book. */
export class AddressBook {
  readonly #journal: Journal;
  readonly #entries = new Map<string, Entry>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The entry of a script; change has none. Core: FindAddressBookEntry. */
  get(script: Uint8Array): AddressEntry | undefined {
    return told(this.#entries.get(bytesToHex(script)));
  }

  all(): readonly AddressEntry[] {
    return [...this.#entries.values()].flatMap((entry) => told(entry) ?? []);
  }

  /** @param purpose default: as it is, or `receive` for a new one */
  set(script: Uint8Array, label: string, purpose?: AddressPurpose): void {
    const entry = this.#entry(script);
    entry.label = label;
    entry.purpose = purpose ?? entry.purpose;
    this.#changed(entry);
  }

  /** Whether there was one. */
  delete(script: Uint8Array): boolean {
    const entry = this.#entries.get(bytesToHex(script));
    if (entry?.label === undefined) return false;
    entry.label = undefined;
    this.#changed(entry);
    return true;
  }

  isSpent(script: Uint8Array): boolean {
    return this.#entries.get(bytesToHex(script))?.isSpent ?? false;
  }

  /** @returns whether it was not marked before */
  markSpent(script: Uint8Array): boolean {
    const entry = this.#entry(script);
    if (entry.isSpent) return false;
    entry.isSpent = true;
    this.#changed(entry);
    return true;
  }

  load(key: Uint8Array, reader: Reader): void {
    const script = key.slice(2);
    const flags = reader.u8();
    const label = bytesToUtf8(reader.take(reader.remaining));
    this.#entries.set(bytesToHex(script), {
      script,
      label: (flags & HAS_LABEL) === 0 ? undefined : label,
      purpose: (flags & IS_SEND) === 0 ? "receive" : "send",
      isSpent: (flags & IS_SPENT) !== 0,
    });
  }

  #entry(script: Uint8Array): Entry {
    const name = bytesToHex(script);
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { script: hexToBytes(name), label: undefined, purpose: "receive", isSpent: false };
      this.#entries.set(name, entry);
    }
    return entry;
  }

  #changed(entry: Entry): void {
    this.#journal.put(recordKey("address", entry.script), () => {
      const { label, purpose, isSpent } = entry;
      const flags =
        (label === undefined ? 0 : HAS_LABEL) |
        (isSpent ? IS_SPENT : 0) |
        (purpose === "send" ? IS_SEND : 0);
      return new Writer()
        .u8(flags)
        .bytes(utf8ToBytes(label ?? ""))
        .finish();
    });
  }
}

function told(entry: Entry | undefined): AddressEntry | undefined {
  if (entry?.label === undefined) return undefined;
  return { script: entry.script, label: entry.label, purpose: entry.purpose };
}
