import {
  Block,
  BlockHeader,
  CoreError,
  HEADER_SIZE,
  Reader,
  refuse,
  type Sha256,
  skipTransactions,
  type Verdict,
} from "@chain/core";
import { optional, requireBytes, requireFunction } from "@chain/core/arguments";

/**
 * The encoding of a block, of which the header alone is decoded. A block that waits is kept like this, because its
 * transactions take many times as much memory once they are decoded.
 *
 * @example
 * const block = new RawBlock(raw);
 * block.header?.previousHash === params.genesis.hash // true
 * const { ok } = await chain.acceptBlock(block);
 * ok // true: and the header was not decoded again
 */
export class RawBlock {
  readonly bytes: Uint8Array;
  /** `undefined` if the bytes are too few for a header. */
  readonly header: BlockHeader | undefined;

  /** @param bytes they must not change, because the header keeps a view onto them */
  constructor(bytes: Uint8Array) {
    requireBytes(bytes, "bytes");

    this.bytes = bytes;
    this.header = bytes.length < HEADER_SIZE ? undefined : BlockHeader.read(new Reader(bytes));
  }

  /**
   * Decodes the transactions as well. Bytes after the block are ignored, as Core does.
   * @param sha256 of the platform, for the ids; default: one in JavaScript
   * @returns the block and its bytes; `bad-block-encoding` if they are no block
   */
  decode(sha256?: Sha256): Verdict<{ readonly block: Block; readonly bytes: Uint8Array }> {
    optional(sha256, "sha256", requireFunction);
    const { bytes, header } = this;
    try {
      const start = header === undefined ? 0 : HEADER_SIZE;
      // A block that does not decode would cost us as much as a good one, if it is damaged at its end.
      if (header !== undefined) skipTransactions(new Reader(bytes, start));
      const reader = new Reader(bytes, start, sha256);
      const block = Block.read(reader, header);
      return { ok: true, block, bytes: bytes.subarray(0, reader.position) };
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      return refuse("consensus", "bad-block-encoding", error.message);
    }
  }
}

export function rawBlockOf(input: Uint8Array | RawBlock): RawBlock {
  return input instanceof RawBlock ? input : new RawBlock(input);
}

/** Decodes a block when its turn comes. @throws CoreError at once if it is a Block that can't be encoded */
export function decoderOf(input: Uint8Array | RawBlock | Block): RawBlock["decode"] {
  if (input instanceof Block) {
    const bytes = input.toBytes();
    return () => ({ ok: true, block: input, bytes });
  }
  const raw = rawBlockOf(input);
  return (sha256) => raw.decode(sha256);
}
