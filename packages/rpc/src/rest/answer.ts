/** Requests and answers of REST, without HTTP. */
import { bytesToHex, ChainError } from "@chain/core";
import type { RpcHost } from "../host.ts";
import { toJson } from "../json/write.ts";
import type { RpcServer } from "../server.ts";

/** The request of a caller. */
export interface RestRequest {
  /** Path and query as the request line has them: `/rest/headers/00…07.json?count=5`. */
  readonly uri: string;
  readonly body?: Uint8Array;
}

export interface RestAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

/** A request whose prefix has found its resource. */
export interface RestCall {
  readonly host: RpcHost;
  readonly rpc: RpcServer;
  /** The part of the path behind the prefix, without query and ending. */
  readonly rest: string;
  readonly format: Format;
  /** A value of the query; `undefined` where it is not there. @throws RestError 400 where the query is malformed */
  readonly query: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

/** Answers one kind of address. @throws RestError */
export type Resource = (call: RestCall) => Promise<RestAnswer>;

export type Format = "bin" | "hex" | "json" | undefined;

/** Ends a request with a status, its code, and a line of text. Core: RESTERR. */
export class RestError extends ChainError<number> {
  override readonly name = "RestError";

  get answer(): RestAnswer {
    return { status: this.code, contentType: "text/plain", body: `${this.message}\r\n` };
  }
}

export function badRequest(message: string, cause?: unknown): RestError {
  return new RestError(400, message, { cause });
}

export function notFound(message: string, cause?: unknown): RestError {
  return new RestError(404, message, { cause });
}

export function noFormat(): RestError {
  return notFound("output format not found (available: .bin, .hex, .json)");
}

/** One thing in the three forms; only the one that is wanted is made. */
export async function inFormat(
  format: Format,
  forms: { readonly bytes: () => Uint8Array; readonly json: () => unknown },
): Promise<RestAnswer> {
  switch (format) {
    case "bin":
      return { status: 200, contentType: "application/octet-stream", body: forms.bytes() };
    case "hex":
      return { status: 200, contentType: "text/plain", body: `${bytesToHex(forms.bytes())}\n` };
    case "json":
      return jsonAnswer(await forms.json());
    default:
      throw noFormat();
  }
}

/** For what has no other form. */
export function requireJson(format: Format): void {
  if (format !== "json") throw notFound("output format not found (available: json)");
}

export function jsonAnswer(value: unknown): RestAnswer {
  return { status: 200, contentType: "application/json", body: `${toJson(value)}\n` };
}
