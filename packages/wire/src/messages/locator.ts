import type { BlockHash } from "@chain/core";
import { MAX_LOCATOR_HASHES } from "../protocol.ts";
import { LIST_PAYLOAD, type MessageCodec, readBlockHash, readList, writeList } from "./codec.ts";

/** The fields of `getblocks` and `getheaders`. */
interface LocatorFields {
  /** The sender's version, of no use to anybody. */
  readonly protocolVersion: number;
  /** Hashes of the sender's chain from its tip back, ever farther apart. */
  readonly locator: readonly BlockHash[];
  /** Where to stop; all zeros: as far as one answer goes. */
  readonly stopHash: BlockHash;
}
/** Asks for an `inv` of the blocks after the last one both have. */
export interface GetBlocksMessage extends LocatorFields {
  readonly command: "getblocks";
}
/** Asks for the headers after the last block both have. */
export interface GetHeadersMessage extends LocatorFields {
  readonly command: "getheaders";
}

function locatorCodec<Command extends string>(
  command: Command,
): MessageCodec<LocatorFields & { readonly command: Command }> {
  return {
    maxPayload: LIST_PAYLOAD,
    decode(reader) {
      return {
        command,
        protocolVersion: reader.i32(),
        locator: readList(
          reader,
          MAX_LOCATOR_HASHES,
          32,
          (count) => `${command} locator size ${count} > ${MAX_LOCATOR_HASHES}`,
          readBlockHash,
        ),
        stopHash: readBlockHash(reader),
      };
    },
    encode(writer, { protocolVersion, locator, stopHash }): void {
      writer.i32(protocolVersion);
      writeList(writer, locator, MAX_LOCATOR_HASHES, (hash) => {
        writer.hash(hash);
      });
      writer.hash(stopHash);
    },
  };
}

export const getBlocksCodec: MessageCodec<GetBlocksMessage> =
  /* @__PURE__ */ locatorCodec("getblocks");
export const getHeadersCodec: MessageCodec<GetHeadersMessage> =
  /* @__PURE__ */ locatorCodec("getheaders");
