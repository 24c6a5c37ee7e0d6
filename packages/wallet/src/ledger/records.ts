/** A wallet's records: their keys, their checksums, and which of them wait to be written. */
import { bytesToHex, concatBytes, hexToBytes, Reader, Writer } from "@chain/core";
import { WalletError } from "../errors.ts";
import type { WalletRecordChange } from "./types.ts";

/** The kinds of records. */
export type TagName =
  | "meta"
  | "tip"
  | "masterKey"
  | "descriptor"
  | "secret"
  | "scripts"
  | "address"
  | "transaction"
  | "lockedCoin";

/** The first byte of a key, by the kind of its record. */
const TAG: Readonly<Record<TagName, number>> = /* @__PURE__ */ Object.freeze({
  meta: 0x6d,
  tip: 0x74,
  masterKey: 0x65,
  descriptor: 0x64,
  secret: 0x6b,
  scripts: 0x73,
  address: 0x61,
  transaction: 0x78,
  lockedCoin: 0x6c,
});

const CHECKSUM_SIZE = 4;
const NAMES: readonly TagName[] = /* @__PURE__ */ (() => Object.keys(TAG) as TagName[])();

function tagOf(key: Uint8Array): TagName | undefined {
  return NAMES.find((name) => TAG[name] === key[0]);
}

/** The key of a record; no key has fewer than two bytes, because stores keep shorter ones for themselves. */
export function recordKey(tag: TagName, name: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(TAG[tag], name.length === 0 ? 0 : 1), name);
}

/** The tag and the name of a record. @throws WalletError `corrupt` for a key that no record has */
export function readKey(key: Uint8Array): { readonly tag: TagName; readonly name: Uint8Array } {
  const tag = tagOf(key);
  if (tag === undefined || key.length < 2) {
    throw new WalletError(
      "corrupt",
      `the wallet has a record of an unknown kind: ${bytesToHex(key.subarray(0, 64))}`,
    );
  }
  return { tag, name: key.subarray(2) };
}

/** The value of a record with a checksum over it and its key, so that one in another's place is noticed as well. */
function sealRecord(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const writer = new Writer(payload.length + CHECKSUM_SIZE);
  return writer
    .bytes(payload)
    .u32(crc32(payload, crc32(key)))
    .finish();
}

/** The payload of a record. @throws WalletError `corrupt` where the checksum is another */
export function openRecord(key: Uint8Array, value: Uint8Array): Reader {
  const length = value.length - CHECKSUM_SIZE;
  const payload = value.subarray(0, Math.max(0, length));
  if (length < 0 || u32At(value, length) !== crc32(payload, crc32(key))) {
    throw damaged(key, "its checksum is wrong");
  }
  return new Reader(payload);
}

function u32At(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

export function damaged(key: Uint8Array, why: string, cause?: unknown): WalletError {
  const tag = tagOf(key) ?? "unknown";
  const message = `a record of the wallet is damaged (${tag} ${bytesToHex(key.subarray(2, 66))}): ${why}`;
  return new WalletError("corrupt", message, { cause });
}

/** Records that have changed since they were written last. */
export class Journal {
  readonly #encoders = new Map<string, (() => Uint8Array) | undefined>();

  /** @param encode gives the payload, when it is to be written */
  put(key: Uint8Array, encode: () => Uint8Array): void {
    this.#encoders.set(bytesToHex(key), encode);
  }

  delete(key: Uint8Array): void {
    this.#encoders.set(bytesToHex(key), undefined);
  }

  get isEmpty(): boolean {
    return this.#encoders.size === 0;
  }

  take(): WalletRecordChange[] {
    const changes = [...this.#encoders].map(([hex, encode]) => {
      const key = hexToBytes(hex);
      return { key, value: encode === undefined ? undefined : sealRecord(key, encode()) };
    });
    this.#encoders.clear();
    return changes;
  }
}

/** CRC-32 (IEEE 802.3), bits reversed, four bytes a step. */
const CRC_TABLES: readonly Uint32Array[] = /* @__PURE__ */ (() => {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const next = (before: Uint32Array): Uint32Array =>
    before.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
})();

/**
 * Finds what disks do to records. Nothing here defends against a forger.
 * @param before the checksum of the bytes in front of these
 */
function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3] = CRC_TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = ~before;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = t0[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
