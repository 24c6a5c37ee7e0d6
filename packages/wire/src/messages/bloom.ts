/** Bloom filters, by which a peer has us send it only what may concern it (BIP-0037). */
import { BlockHeader, type Txid } from "@chain/core";
import { LIST_PAYLOAD, type MessageCodec, readList, SMALL_PAYLOAD, writeList } from "./codec.ts";

/** Sets the filter of the sender. Core: CBloomFilter. */
export interface FilterLoadMessage {
  readonly command: "filterload";
  /** The bits, the lowest of each byte first. Any size decodes: Core punishes the sender of more than 36,000 bytes. */
  readonly data: Uint8Array;
  /** How many hash functions there are; Core takes no more than 50. */
  readonly hashFunctions: number;
  /** Random, added to the seed of each hash function. */
  readonly tweak: number;
  /** `BLOOM_UPDATE_NONE`, … : which outpoints are added to the filter when an output matches. */
  readonly flags: number;
}

/** Adds something to the filter. */
export interface FilterAddMessage {
  readonly command: "filteradd";
  /** Any size decodes: Core punishes the sender of more than 520 bytes. */
  readonly data: Uint8Array;
}

/** Removes the filter. */
export interface FilterClearMessage {
  readonly command: "filterclear";
}

/** A block's header, and the ids of its transactions that matched with the proof that they are in it. */
export interface MerkleBlockMessage {
  readonly command: "merkleblock";
  readonly header: BlockHeader;
  /** How many transactions the block has. */
  readonly total: number;
  /** Nodes of the Merkle tree, depth first. Core: CPartialMerkleTree. */
  readonly hashes: readonly Txid[];
  /** One bit for each node that is visited, the lowest of each byte first. */
  readonly flags: Uint8Array;
}

/** Updates of a filter when an output matches. Core: bloomflags. */
export const BLOOM_UPDATE_NONE = 0;
export const BLOOM_UPDATE_ALL = 1;
/** Only for outputs to a public key, or to several with a threshold. */
export const BLOOM_UPDATE_P2PUBKEY_ONLY = 2;

const HASH_SIZE = 32;

export const filterLoadCodec: MessageCodec<FilterLoadMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): FilterLoadMessage {
    const data = reader.varBytes();
    const hashFunctions = reader.u32();
    const tweak = reader.u32();
    return { command: "filterload", data, hashFunctions, tweak, flags: reader.u8() };
  },
  encode(writer, { data, hashFunctions, tweak, flags }): void {
    writer.varBytes(data).u32(hashFunctions).u32(tweak).u8(flags);
  },
};

export const filterAddCodec: MessageCodec<FilterAddMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode: (reader): FilterAddMessage => ({ command: "filteradd", data: reader.varBytes() }),
  encode(writer, { data }): void {
    writer.varBytes(data);
  },
};

export const filterClearCodec: MessageCodec<FilterClearMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode: (): FilterClearMessage => ({ command: "filterclear" }),
  encode(): void {},
};

export const merkleBlockCodec: MessageCodec<MerkleBlockMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): MerkleBlockMessage {
    const header = BlockHeader.read(reader);
    const total = reader.u32();
    const describe = (count: number) => `merkleblock message size = ${count}`;
    const hashes = readList(reader, Number.MAX_SAFE_INTEGER, HASH_SIZE, describe, () =>
      reader.hash<Txid>(),
    );
    return { command: "merkleblock", header, total, hashes, flags: reader.varBytes() };
  },
  encode(writer, { header, total, hashes, flags }): void {
    header.write(writer);
    writer.u32(total);
    writeList(writer, hashes, Number.MAX_SAFE_INTEGER, (hash) => void writer.hash(hash));
    writer.varBytes(flags);
  },
};
