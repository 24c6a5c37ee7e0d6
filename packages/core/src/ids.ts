/**
 * Identifiers. Each is the hash as Bitcoin shows it: 64 lower-case hex digits, bytes reversed. A string is immutable,
 * compares with `===` and is a `Map` key as it is; the brand keeps a block hash from being used as a transaction id.
 * The reversal happens here and nowhere else.
 */
import { requireBytes, requireString } from "./arguments.ts";
import { hexToBytes, reversedHex } from "./bytes.ts";
import { CoreError } from "./errors.ts";
import { requireId } from "./shapes.ts";

declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** Hash of a transaction without its witness. */
export type Txid = Brand<"Txid">;
/** Hash of a transaction with its witness (BIP-0141). */
export type Wtxid = Brand<"Wtxid">;
/** Hash of a block header. */
export type BlockHash = Brand<"BlockHash">;
/** Hash of a block filter (BIP-0158). */
export type FilterHash = Brand<"FilterHash">;
/** Hash over the block filters of a block and all before it (BIP-0157). */
export type FilterHeader = Brand<"FilterHeader">;
/** SHA-256 of an output script, as the Electrum protocol shows it. */
export type ScriptHash = Brand<"ScriptHash">;
/** Root of a tree of transaction ids. */
export type MerkleRoot = Brand<"MerkleRoot">;

export type HashId = Txid | Wtxid | BlockHash | MerkleRoot | FilterHash | FilterHeader | ScriptHash;

const ZEROS = /* @__PURE__ */ (() => "0".repeat(64))();
/** The parent of a genesis block. */
export const ZERO_BLOCK_HASH: BlockHash = ZEROS as BlockHash;
/** Before the filter of a genesis block. */
export const ZERO_FILTER_HEADER: FilterHeader = ZEROS as FilterHeader;
/** The transaction that a coinbase input names. */
export const ZERO_TXID: Txid = ZEROS as Txid;

/**
 * The identifier of 32 hash bytes in the order the hash function gave them.
 * @example idFromBytes(sha256d(transaction.toBytes())) === transaction.txid // true
 */
export function idFromBytes<Id extends HashId>(bytes: Uint8Array): Id {
  requireBytes(bytes, "bytes");

  if (bytes.length !== 32) throw new CoreError("invalid-length", "a hash has 32 bytes");
  return reversedHex(bytes) as Id;
}

/**
 * The 32 bytes of an identifier in the order they go over the wire.
 * @example idToBytes(block.hash).length // 32
 */
export function idToBytes(id: HashId): Uint8Array {
  requireId(id, "id");

  return hexToBytes(id).reverse();
}

/**
 * An identifier from a user or a peer: 64 hex digits, either case.
 * @throws CoreError `invalid-hex`, `invalid-length`.
 * @example
 * parseId<BlockHash>("000000000019D6689C085AE165831E934FF763AE46A2A6C172B3F1B60A8CE26F") // "000000000019d6689c…"
 */
export function parseId<Id extends HashId>(text: string): Id {
  requireString(text, "text");

  if (text.length !== 64) throw new CoreError("invalid-length", "a hash has 64 hex digits");
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new CoreError("invalid-hex", "not a hex string");
  return text.toLowerCase() as Id;
}
