/** A request that has found its route, and what its parts mean. */
import {
  type BlockHash,
  type HeaderNode,
  hexToBytes,
  idFromBytes,
  parseId,
  type ScriptHash,
  type Txid,
} from "@chain/core";
import { type ChainLookup, type LocatedTransaction, scriptHashOf } from "@chain/indexes";
import { decodeAddress } from "@chain/wallet";
import { type Answer, badRequest, EsploraError, notFound } from "./answers.ts";
import type { EsploraHost, RpcParams } from "./host.ts";

export interface Call {
  readonly host: EsploraHost;
  readonly lookup: ChainLookup;
  /** The parts of the path that the route leaves open, in order. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Answers one kind of address. @throws EsploraError */
export type Route = (call: Call) => Promise<Answer>;

const HASH_SIZE = 32;
const MAX_U32 = 0xffff_ffff;

/** @throws EsploraError 400 */
export function readHash<Id extends Txid | BlockHash>(text: string | undefined): Id {
  if (!/^[0-9a-fA-F]{64}$/.test(text ?? "")) throw badRequest("Invalid hex string");
  return parseId<Id>(text ?? "");
}

/** A whole number of 32 bits. @throws EsploraError 400 */
export function readNumber(text: string | undefined): number {
  const value = readNumberOr(text, undefined);
  if (value === undefined) throw badRequest("Invalid number");
  return value;
}

export function readNumberOr<Other>(text: string | undefined, other: Other): number | Other {
  const value = /^\+?\d{1,10}$/.test(text ?? "") ? Number(text) : undefined;
  return value === undefined || value > MAX_U32 ? other : value;
}

/**
 * The hash of the script of an address. Esplora writes a script hash in the order of its bytes, and not as ids are.
 * @throws EsploraError 400
 */
export function readScript(
  kind: "address" | "scripthash",
  text: string,
  { host: { chain } }: Pick<Call, "host">,
): ScriptHash {
  if (kind === "scripthash") {
    if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw badRequest("Invalid hex string");
    if (text.length !== 2 * HASH_SIZE) throw badRequest("Invalid scripthash");
    return idFromBytes<ScriptHash>(hexToBytes(text));
  }
  const decoded = decodeAddress(text, chain.params);
  if (decoded.ok) return scriptHashOf(decoded.script);
  const isForeign = decoded.code === "other-network";
  throw badRequest(isForeign ? "Address on invalid network" : "Invalid Bitcoin address");
}

/** A list of texts. @throws EsploraError 400 */
export function readTexts(body: string, most: number): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error), error);
  }
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) {
    throw badRequest("expected a list of texts");
  }
  if (value.length > most) throw badRequest(`Exceeded maximum of ${most} entries`);
  return value;
}

/** @throws EsploraError 404 */
export async function foundTransaction(
  { lookup }: Pick<Call, "lookup">,
  txid: Txid,
): Promise<LocatedTransaction> {
  const found = await lookup.transaction(txid);
  if (found === undefined) throw notFound("Transaction not found");
  return found;
}

/** The header of a block whose body is here, in whichever branch. @throws EsploraError 404 */
export function foundHeader({ host: { chain } }: Pick<Call, "host">, hash: BlockHash): HeaderNode {
  const node = chain.headers.get(hash);
  if (node === undefined) throw notFound("Block not found");
  return node;
}

/** Calls a method of the RPC. @throws EsploraError 400, in the words of electrs, which callers look into */
export async function ask(host: EsploraHost, method: string, params: RpcParams): Promise<unknown> {
  try {
    return await host.rpc(method, params);
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: string };
    if (typeof code !== "number") throw error;
    const text = `${method} RPC error: ${JSON.stringify({ code, message })}`;
    throw new EsploraError(400, text, { cause: error });
  }
}
