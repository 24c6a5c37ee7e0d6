import { ChainError } from "@chain/core";

/** Codes of JSON-RPC 2.0, and those of ElectrumX. */
export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const UNKNOWN_METHOD = -32_601;
export const INVALID_PARAMS = -32_602;
export const INTERNAL_ERROR = -32_603;
export const BAD_REQUEST = 1;
export const DAEMON_ERROR = 2;
export const HISTORY_TOO_LONG = 10_001;

/** Ends a call by a code and a sentence. */
export class ElectrumError extends ChainError<number> {
  override readonly name = "ElectrumError";
}

export function badRequest(message: string, cause?: unknown): ElectrumError {
  return new ElectrumError(BAD_REQUEST, message, { cause });
}
