/** Parts of addresses. */
import type { BlockHash, HashId, HeaderNode } from "@chain/core";
import type { RpcHost } from "../host.ts";
import { badRequest, type RestCall } from "./answer.ts";

/** Core: MAX_REST_HEADERS_RESULTS. */
const MAX_HEADERS = 2000;
const HASH = /^[0-9a-fA-F]{64}$/;

/** @returns `undefined` where the text is no id. Core: uint256::FromHex */
export function hashOf<Id extends HashId>(text: string): Id | undefined {
  return HASH.test(text) ? (text.toLowerCase() as Id) : undefined;
}

/** @throws RestError 400 */
export function readHash<Id extends HashId>(text: string): Id {
  const hash = hashOf<Id>(text);
  if (hash === undefined) throw badRequest(`Invalid hash: ${text}`);
  return hash;
}

/** A whole number of digits alone; `undefined` where it is none or above `max`. Core: ToIntegral. */
export function readUnsigned(text: string, max: number): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** How many headers are asked for. @throws RestError 400 */
function readCount(text: string): number {
  const count = readUnsigned(text, MAX_HEADERS);
  if (count !== undefined && count > 0) return count;
  const range = `Header count is invalid or out of acceptable range (1-${MAX_HEADERS})`;
  throw badRequest(`${range}: ${text}`);
}

/** `COUNT/HASH`, the old form, or `HASH?count=COUNT`. @throws RestError 400 */
export function readCountAndHash(
  path: readonly string[],
  query: RestCall["query"],
  expected: string,
): { readonly count: number; readonly hash: string } {
  const [first = "", second] = path;
  if (path.length === 2 && second !== undefined) return { count: readCount(first), hash: second };
  if (path.length !== 1) throw badRequest(`Invalid URI format. Expected ${expected}`);
  return { count: readCount(query("count") ?? "5"), hash: first };
}

/** So many headers of the best chain from a block of it on; none where it is no block of it. */
export function headersFrom(
  { chain: { headers } }: RpcHost,
  hash: BlockHash,
  count: number,
): readonly HeaderNode[] {
  const first = headers.get(hash);
  if (first === undefined || !headers.isActive(first)) return [];
  const found: HeaderNode[] = [];
  for (let height = first.height; found.length < count; height++) {
    const node = headers.activeAt(height);
    if (node === undefined) break;
    found.push(node);
  }
  return found;
}
