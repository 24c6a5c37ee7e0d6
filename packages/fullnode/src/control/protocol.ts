/** JSON-RPC 2.0, as far as the control connection speaks it, and Core's error codes (rpc/protocol.h). */
import { ChainError } from "@chain/core";
import { z } from "zod";

export const RPC_PARSE_ERROR = -32_700;
export const RPC_INVALID_REQUEST = -32_600;
export const RPC_METHOD_NOT_FOUND = -32_601;
export const RPC_INVALID_PARAMS = -32_602;
export const RPC_INTERNAL_ERROR = -32_603;
export const RPC_MISC_ERROR = -1;
export const RPC_TYPE_ERROR = -3;
export const RPC_INVALID_ADDRESS_OR_KEY = -5;
export const RPC_INVALID_PARAMETER = -8;
export const RPC_DESERIALIZATION_ERROR = -22;
export const RPC_CLIENT_NODE_ALREADY_ADDED = -23;
export const RPC_CLIENT_NODE_NOT_ADDED = -24;
export const RPC_VERIFY_ERROR = -25;
export const RPC_VERIFY_REJECTED = -26;
export const RPC_VERIFY_ALREADY_IN_UTXO_SET = -27;
export const RPC_CLIENT_NODE_NOT_CONNECTED = -29;
export const RPC_CLIENT_INVALID_IP_OR_SUBNET = -30;
export const RPC_CLIENT_NODE_CAPACITY_REACHED = -34;

/**
 * The Basic credentials that a cookie stands for. The user name is Core's.
 * @example credentials("secret") // "Basic X19jb29raWVfXzpzZWNyZXQ="
 */
export function credentials(cookie: string): string {
  return `Basic ${Buffer.from(`__cookie__:${cookie}`).toString("base64")}`;
}

/** Largest request. Core: MAX_SIZE (serialize.h), the limit of its HTTP server. Bytes. */
export const MAX_REQUEST: number = 32 * 1024 * 1024;

const id = z.union([z.string().max(256), z.number(), z.null()]);

export interface RpcRequest {
  readonly jsonrpc: "2.0";
  /** Without it the caller wants no answer. */
  readonly id?: string | number | null | undefined;
  readonly method: string;
  readonly params?: readonly unknown[] | Readonly<Record<string, unknown>> | undefined;
}

const request: z.ZodType<RpcRequest> = z.object({
  jsonrpc: z.literal("2.0"),
  id: id.optional(),
  method: z.string().max(64),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
});

export function parseRequest(json: unknown): RpcRequest | undefined {
  return request.safeParse(json).data;
}

export interface RpcResponse {
  readonly jsonrpc: "2.0";
  readonly id: RpcRequest["id"];
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const response = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

/** What a call brought: a result, or an error. */
export function parseResponse(
  text: string,
): { readonly result: unknown } | { readonly error: NonNullable<RpcResponse["error"]> } {
  return response.parse(JSON.parse(text));
}

/** A call that was understood and can't be done: the caller gets code and message. */
export class RpcError extends ChainError<number> {
  override readonly name = "RpcError";
}
