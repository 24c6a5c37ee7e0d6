import { type MessageCodec, SMALL_PAYLOAD } from "./codec.ts";

/** Asks not to hear of transactions that pay less (BIP-0133). */
export interface FeeFilterMessage {
  readonly command: "feefilter";
  /** Base units for 1,000 virtual bytes. Decoded as it comes: Core ignores one outside the range of money. */
  readonly feeRate: bigint;
}

export const feeFilterCodec: MessageCodec<FeeFilterMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode(reader): FeeFilterMessage {
    return { command: "feefilter", feeRate: reader.i64() };
  },
  encode(writer, { feeRate }): void {
    writer.i64(feeRate);
  },
};
