/** Proofs that transactions are in a block: partial Merkle trees. Core: CMerkleBlock, CPartialMerkleTree (BIP-0037). */

import {
  type Block,
  BlockHeader,
  CoreError,
  HEADER_SIZE,
  idToBytes,
  type MerkleMatch,
  partialMerkleMatches,
  partialMerkleTree,
  Reader,
  type Txid,
  Writer,
} from "@chain/core";
import { RPC_MISC_ERROR, RpcError } from "../errors.ts";

/** The header of a block and the branches to the transactions that `matches` names. */
export function encodeMerkleProof(block: Block, matches: ReadonlySet<Txid>): Uint8Array {
  const txids = block.transactions.map(({ txid }) => txid);
  const isMatch = txids.map((txid) => matches.has(txid));
  const { total, hashes, flags } = partialMerkleTree(txids, isMatch);
  const writer = new Writer(HEADER_SIZE + 32 * hashes.length + 100);
  writer.bytes(block.header.toBytes());
  writer.u32(total);
  writer.compactSize(hashes.length);
  for (const hash of hashes) writer.bytes(idToBytes(hash));
  return writer.varBytes(flags).finish();
}

export interface MerkleProof {
  readonly header: BlockHeader;
  /** Transactions that the block has, as the proof says. */
  readonly count: number;
  /** The transactions that it is about; `undefined` where the tree is none, or does not fit the header. */
  readonly matches: readonly MerkleMatch[] | undefined;
}

/** @throws RpcError -1 where the bytes are no proof */
export function requireMerkleProof(bytes: Uint8Array): MerkleProof {
  try {
    return decodeMerkleProof(bytes);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new RpcError(RPC_MISC_ERROR, streamError(error), { cause: error });
  }
}

function decodeMerkleProof(bytes: Uint8Array): MerkleProof {
  const reader = new Reader(bytes);
  const header = BlockHeader.fromBytes(reader.take(HEADER_SIZE));
  const count = reader.u32();
  const hashes = Array.from({ length: vectorLength(reader, 32) }, () => reader.hash<Txid>());
  const flags = reader.take(vectorLength(reader, 1));
  const tree = partialMerkleMatches({ total: count, hashes, flags });
  const matches = tree?.root === header.merkleRoot ? tree.matches : undefined;
  return { header, count, matches };
}

/** A length, before that much is allocated. */
function vectorLength(reader: Reader, size: number): number {
  const length = reader.compactSize();
  if (length * size <= reader.remaining) return length;
  throw new CoreError("truncated", "the proof ends too early");
}

/** The sentence of Core's stream. */
function streamError({ code, message }: CoreError): string {
  switch (code) {
    case "truncated":
      return "SpanReader::read(): end of data: iostream error";
    case "oversized":
      return "ReadCompactSize(): size too large: iostream error";
    case "non-canonical-compact-size":
      return "non-canonical ReadCompactSize(): iostream error";
    default:
      return message;
  }
}
