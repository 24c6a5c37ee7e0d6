/** Proofs that transactions are in a block: partial Merkle trees. Core: CMerkleBlock, CPartialMerkleTree (BIP-0037). */

import {
  type Block,
  BlockHeader,
  CoreError,
  concatBytes,
  HEADER_SIZE,
  idFromBytes,
  idToBytes,
  MAX_BLOCK_WEIGHT,
  type MerkleRoot,
  partialMerkleTree,
  Reader,
  sha256d,
  type Txid,
  Writer,
} from "@chain/core";

/** The least weight of a transaction: more of them fit into no block. */
const MIN_TRANSACTION_WEIGHT = 60 * 4;

interface Tree {
  readonly count: number;
  readonly bits: boolean[];
  readonly hashes: Uint8Array[];
}

/** Nodes of a level; level 0 has the transactions. */
function width(count: number, level: number): number {
  return Math.ceil(count / 2 ** level);
}

function rootLevel(count: number): number {
  let level = 0;
  while (width(count, level) > 1) level++;
  return level;
}

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
  readonly matches: readonly Txid[] | undefined;
}

/** @throws CoreError where the bytes are no proof */
export function decodeMerkleProof(bytes: Uint8Array): MerkleProof {
  const reader = new Reader(bytes);
  const header = BlockHeader.fromBytes(reader.take(HEADER_SIZE));
  const count = reader.u32();
  const hashes = Array.from({ length: vectorLength(reader, 32) }, () => reader.take(32));
  const flags = reader.take(vectorLength(reader, 1));
  const bits = [...flags].flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte & (1 << bit)) !== 0),
  );
  return { header, count, matches: extract({ count, bits, hashes }, header.merkleRoot) };
}

/** A length, before that much is allocated. */
function vectorLength(reader: Reader, size: number): number {
  const length = reader.compactSize();
  if (length * size <= reader.remaining) return length;
  throw new CoreError("truncated", "the proof ends too early");
}

/** Core: CPartialMerkleTree::ExtractMatches. */
function extract({ count, bits, hashes }: Tree, root: MerkleRoot): readonly Txid[] | undefined {
  if (count === 0 || count > MAX_BLOCK_WEIGHT / MIN_TRANSACTION_WEIGHT) return undefined;
  if (hashes.length > count || bits.length < hashes.length) return undefined;
  const matches: Txid[] = [];
  let bitsUsed = 0;
  let hashesUsed = 0;
  let isBad = false;
  const walk = (level: number, at: number): Uint8Array => {
    const bit = bits[bitsUsed++];
    isBad ||= bit === undefined;
    if (level === 0 || bit !== true) {
      const hash = hashes[hashesUsed++];
      isBad ||= hash === undefined;
      if (hash === undefined) return new Uint8Array(32);
      if (level === 0 && bit === true) matches.push(idFromBytes<Txid>(hash));
      return hash;
    }
    const left = walk(level - 1, at * 2);
    if (at * 2 + 1 >= width(count, level - 1)) return parentOf(left, left);
    const right = walk(level - 1, at * 2 + 1);
    // Two that are equal would let one transaction stand for two (CVE-2012-2459).
    isBad ||= left.every((byte, i) => byte === right[i]);
    return parentOf(left, right);
  };
  const found = idFromBytes<MerkleRoot>(walk(rootLevel(count), 0));
  const isUsed =
    Math.ceil(bitsUsed / 8) === Math.ceil(bits.length / 8) && hashesUsed === hashes.length;
  return isBad || !isUsed || found !== root ? undefined : matches;
}

function parentOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256d(concatBytes(left, right));
}
