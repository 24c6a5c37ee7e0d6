import { ChainError } from "@chain/core";

/** Thrown inside the decoder, and caught by it: bytes that are no PSBT, in Core's words. */
export class PsbtProblem extends ChainError<"invalid-psbt"> {
  override readonly name = "PsbtProblem";
}
