import type { HashId } from "@chain/core";
import { COMMAND_SIZE } from "../command.ts";
import { MAX_REJECT_REASON } from "../protocol.ts";
import { readText, writeText } from "../text.ts";
import { type MessageCodec, SMALL_PAYLOAD } from "./codec.ts";

/** Kinds of refusal in `reject` (BIP-0061). */
export const REJECT_MALFORMED = 0x01;
export const REJECT_INVALID = 0x10;
export const REJECT_OBSOLETE = 0x11;
export const REJECT_DUPLICATE = 0x12;
export const REJECT_NONSTANDARD = 0x40;
export const REJECT_DUST = 0x41;
export const REJECT_INSUFFICIENT_FEE = 0x42;
export const REJECT_CHECKPOINT = 0x43;

/** Says why a `version`, `tx` or `block` was refused (BIP-0061). Anybody can send one: believe it only as a hint. */
export interface RejectMessage {
  readonly command: "reject";
  /** Command of the message that was refused. */
  readonly rejected: string;
  /** `REJECT_INVALID`, … */
  readonly code: number;
  /** The reject reason (`bad-txns-inputs-missingorspent`). One character for each byte: not safe to print as it is. */
  readonly reason: string;
  /** Of the transaction (its txid) or block. */
  readonly hash?: HashId;
}

export const rejectCodec: MessageCodec<RejectMessage> = {
  maxPayload: SMALL_PAYLOAD,
  decode(reader): RejectMessage {
    const fields = {
      command: "reject",
      rejected: readText(reader, COMMAND_SIZE),
      code: reader.u8(),
      reason: readText(reader, MAX_REJECT_REASON),
    } as const;
    return reader.remaining >= 32 ? { ...fields, hash: reader.hash<HashId>() } : fields;
  },
  encode(writer, { rejected, code, reason, hash }): void {
    writeText(writer, rejected, COMMAND_SIZE);
    writer.u8(code);
    writeText(writer, reason, MAX_REJECT_REASON);
    if (hash !== undefined) writer.hash(hash);
  },
};
