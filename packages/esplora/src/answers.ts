/** Answers, as electrs gives them. */
import { ChainError } from "@chain/core";

/** Ends a request by a status, its code, and a line of text. */
export class EsploraError extends ChainError<number> {
  override readonly name = "EsploraError";
}

export function badRequest(message: string, cause?: unknown): EsploraError {
  return new EsploraError(400, message, { cause });
}

export function notFound(message: string): EsploraError {
  return new EsploraError(404, message);
}

/** An answer before it is a Response. */
export interface Answer {
  readonly status?: number;
  readonly type: "text/plain" | "application/json" | "application/octet-stream";
  readonly body: string | Uint8Array;
  /**
   * Whether it is of something that its id is the hash of, so that caches may keep it. Electrs lets them keep all else for
   * ten seconds, and then they would show what the node has left.
   */
  readonly isForever: boolean;
}

export function text(body: string | number, isForever = false): Answer {
  return { type: "text/plain", body: String(body), isForever };
}

export function json(value: unknown, isForever = false): Answer {
  return { type: "application/json", body: JSON.stringify(value), isForever };
}

export function bytes(body: Uint8Array): Answer {
  return { type: "application/octet-stream", body, isForever: true };
}
