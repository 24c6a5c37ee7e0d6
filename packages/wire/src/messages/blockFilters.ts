/** Filters of blocks, and their headers, for peers that look for payments without downloading all blocks (BIP-0157). */
import type { BlockHash, FilterHash, FilterHeader, Reader, Writer } from "@chain/core";
import { MAX_FILTER_HEADERS, MAX_PAYLOAD } from "../protocol.ts";
import {
  LIST_PAYLOAD,
  type MessageCodec,
  readBlockHash,
  readList,
  SMALL_PAYLOAD,
  writeList,
} from "./codec.ts";

/** The blocks of a chain from a height to a block. */
interface FilterRange {
  /** `BASIC_FILTER`. Any byte decodes: peers may know types that we do not. */
  readonly filterType: number;
  readonly startHeight: number;
  /** The last block; those before it are its ancestors. */
  readonly stopHash: BlockHash;
}

/** Asks for the filters of at most 1,000 blocks. */
export interface GetCFiltersMessage extends FilterRange {
  readonly command: "getcfilters";
}

/** Asks for the headers of the filters of at most 2,000 blocks. */
export interface GetCFHeadersMessage extends FilterRange {
  readonly command: "getcfheaders";
}

/** Asks for the filter header of each 1,000th block of a chain. */
export interface GetCFCheckptMessage {
  readonly command: "getcfcheckpt";
  readonly filterType: number;
  /** The last block of the chain. */
  readonly stopHash: BlockHash;
}

/** The filter of a block: `getcfilters` is answered by one message for each block, by rising height. */
export interface CFilterMessage {
  readonly command: "cfilter";
  readonly filterType: number;
  readonly blockHash: BlockHash;
  /** For `filterMatches` of `@chain/core`. */
  readonly filter: Uint8Array;
}

/** The hashes of the filters of some blocks, from which their headers follow. */
export interface CFHeadersMessage {
  readonly command: "cfheaders";
  readonly filterType: number;
  readonly stopHash: BlockHash;
  /** The filter header of the block before the first. */
  readonly previousHeader: FilterHeader;
  /** By rising height. */
  readonly hashes: readonly FilterHash[];
}

/** The filter headers of the blocks at height 1,000, 2,000, … */
export interface CFCheckptMessage {
  readonly command: "cfcheckpt";
  readonly filterType: number;
  readonly stopHash: BlockHash;
  readonly headers: readonly FilterHeader[];
}

const HASH_SIZE = 32;

function readRange(reader: Reader): FilterRange {
  return { filterType: reader.u8(), startHeight: reader.u32(), stopHash: readBlockHash(reader) };
}

function writeRange(writer: Writer, { filterType, startHeight, stopHash }: FilterRange): void {
  writer.u8(filterType).u32(startHeight).hash(stopHash);
}

export const getCFiltersCodec: MessageCodec<GetCFiltersMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode: (reader): GetCFiltersMessage => ({ command: "getcfilters", ...readRange(reader) }),
  encode: writeRange,
};

export const getCFHeadersCodec: MessageCodec<GetCFHeadersMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode: (reader): GetCFHeadersMessage => ({ command: "getcfheaders", ...readRange(reader) }),
  encode: writeRange,
};

export const getCFCheckptCodec: MessageCodec<GetCFCheckptMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode(reader): GetCFCheckptMessage {
    return { command: "getcfcheckpt", filterType: reader.u8(), stopHash: readBlockHash(reader) };
  },
  encode(writer, { filterType, stopHash }): void {
    writer.u8(filterType).hash(stopHash);
  },
};

export const cFilterCodec: MessageCodec<CFilterMessage> = {
  maxPayload: MAX_PAYLOAD,
  decode(reader): CFilterMessage {
    const filterType = reader.u8();
    const blockHash = readBlockHash(reader);
    return { command: "cfilter", filterType, blockHash, filter: reader.varBytes() };
  },
  encode(writer, { filterType, blockHash, filter }): void {
    writer.u8(filterType).hash(blockHash).varBytes(filter);
  },
};

export const cFHeadersCodec: MessageCodec<CFHeadersMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): CFHeadersMessage {
    const filterType = reader.u8();
    const stopHash = readBlockHash(reader);
    const previousHeader = reader.hash<FilterHeader>();
    const describe = (count: number) => `cfheaders message size = ${count}`;
    const hashes = readList(reader, MAX_FILTER_HEADERS, HASH_SIZE, describe, () =>
      reader.hash<FilterHash>(),
    );
    return { command: "cfheaders", filterType, stopHash, previousHeader, hashes };
  },
  encode(writer, { filterType, stopHash, previousHeader, hashes }): void {
    writer.u8(filterType).hash(stopHash).hash(previousHeader);
    writeList(writer, hashes, MAX_FILTER_HEADERS, (hash) => void writer.hash(hash));
  },
};

export const cFCheckptCodec: MessageCodec<CFCheckptMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): CFCheckptMessage {
    const filterType = reader.u8();
    const stopHash = readBlockHash(reader);
    const describe = (count: number) => `cfcheckpt message size = ${count}`;
    // The chain may be of any length: the payload is the limit.
    const headers = readList(reader, Number.MAX_SAFE_INTEGER, HASH_SIZE, describe, () =>
      reader.hash<FilterHeader>(),
    );
    return { command: "cfcheckpt", filterType, stopHash, headers };
  },
  encode(writer, { filterType, stopHash, headers }): void {
    writer.u8(filterType).hash(stopHash);
    writeList(writer, headers, Number.MAX_SAFE_INTEGER, (header) => void writer.hash(header));
  },
};
