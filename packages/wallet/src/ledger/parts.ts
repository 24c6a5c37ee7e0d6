/** The parts of a ledger, which share one journal. */
import { bytesToHex, isChainError, Reader, type Seconds } from "@chain/core";
import { randomBytes as secureRandomBytes } from "@noble/hashes/utils.js";
import { ACCOUNT_KINDS, walletDescriptors } from "../accounts/account.ts";
import { ExtendedKey } from "../extendedKey.ts";
import type { RandomBytes } from "../keys.ts";
import { AddressBook } from "./addressBook.ts";
import { KeyRing } from "./keyRing.ts";
import { Meta } from "./meta.ts";
import { damaged, Journal, openRecord, readKey, type TagName } from "./records.ts";
import type { LedgerHost, LedgerParams, WalletRecord } from "./types.ts";
import { Vault } from "./vault.ts";

const SEED_SIZE = 32;

export interface LedgerParts {
  readonly params: LedgerParams;
  readonly now: () => Seconds;
  readonly randomBytes: RandomBytes;
  readonly journal: Journal;
  readonly meta: Meta;
  readonly vault: Vault;
  readonly ring: KeyRing;
  readonly book: AddressBook;
}

export function makeParts(host: LedgerHost): LedgerParts {
  const { params, now, randomBytes = secureRandomBytes, scryptCost } = host;
  const journal = new Journal();
  const meta = new Meta(journal, params);
  const vault = new Vault({ now, randomBytes, scryptCost, journal });
  const ring = new KeyRing({ params, journal, vault, keypoolSize: () => meta.keypoolSize });
  const book = new AddressBook(journal);
  return { params, now, randomBytes, journal, meta, vault, ring, book };
}

/** A descriptor for each kind of address, for receiving and for change. Core: SetupDescriptorScriptPubKeyMans. */
export function setUpDescriptors(parts: LedgerParts, master?: ExtendedKey): void {
  const { params, ring, randomBytes, meta } = parts;
  const root = master ?? ExtendedKey.fromSeed(randomBytes(SEED_SIZE), params);
  for (const kind of ACCOUNT_KINDS) {
    const { receive, change } = walletDescriptors(root, { kind, params });
    for (const descriptor of [receive, change]) {
      const held = ring.add(descriptor, { timestamp: parts.now() });
      ring.activate(held, descriptor === change);
      held.isFresh = master === undefined;
    }
  }
  meta.setFlag("blank", false);
}

/** How each kind of record is read; transactions come last, because they ask for everything else. */
type Loaders = Partial<Record<TagName, (key: Uint8Array, reader: Reader) => void>>;
const ORDER: readonly TagName[] = [
  "meta",
  "tip",
  "masterKey",
  "secret",
  "descriptor",
  "scripts",
  "address",
  "lockedCoin",
  "transaction",
];

/**
 * Reads all records into the parts.
 * @param others for the records that are not theirs
 * @throws WalletError `corrupt`, `newer-version`, `wrong-network`
 */
export function loadParts(
  parts: LedgerParts,
  records: Iterable<WalletRecord>,
  others: Loaders,
): void {
  const byTag = new Map<TagName, WalletRecord[]>(ORDER.map((tag) => [tag, []]));
  for (const record of records) byTag.get(readKey(record.key).tag)?.push(record);
  if (byTag.get("meta")?.length !== 1) {
    throw damaged(Uint8Array.of(0x6d, 0), "it is missing, so this is no wallet");
  }
  byTag.get("scripts")?.sort((a, b) => compareChunks(a.key, b.key));
  const loaders: Loaders = {
    meta: (_, reader) => parts.meta.load(reader),
    tip: (_, reader) => parts.meta.loadTip(reader),
    masterKey: (_, reader) => parts.vault.loadKey(reader),
    secret: (key, reader) => parts.vault.loadSecret(bytesToHex(key.subarray(2)), reader),
    descriptor: (key, reader) => parts.ring.loadDescriptor(key, reader),
    scripts: (key, reader) => parts.ring.loadScripts(key, reader),
    address: (key, reader) => parts.book.load(key, reader),
    ...others,
  };
  for (const tag of ORDER) {
    for (const { key, value } of byTag.get(tag) ?? []) {
      const reader = openRecord(key, value);
      try {
        loaders[tag]?.(key, reader);
      } catch (cause) {
        // A record with the right checksum that can't be read was written by a faulty program.
        if (isChainError(cause) && cause.name === "WalletError") throw cause;
        throw damaged(key, cause instanceof Error ? cause.message : "it can't be read", cause);
      }
    }
  }
}

/** By descriptor, then by the number of the chunk, which stands last in the key. */
function compareChunks(a: Uint8Array, b: Uint8Array): number {
  const [one, other] = [a, b].map((key) => bytesToHex(key.subarray(2, 34))) as [string, string];
  if (one !== other) return one < other ? -1 : 1;
  return chunkOf(a) - chunkOf(b);
}

function chunkOf(key: Uint8Array): number {
  return key.length === 38 ? new Reader(key, 34).u32() : -1;
}
