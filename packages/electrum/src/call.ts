/** A call that has found its method, and what its arguments mean. */
import { parseId, type ScriptHash, type Txid } from "@chain/core";
import type { ChainLookup } from "@chain/indexes";
import { badRequest, DAEMON_ERROR, ElectrumError } from "./errors.ts";
import type { HeaderProofs } from "./headerProofs.ts";
import type { ElectrumHost, RpcParams } from "./host.ts";
import type { Version } from "./version.ts";

export interface Call {
  readonly host: ElectrumHost;
  readonly lookup: ChainLookup;
  readonly proofs: HeaderProofs;
  readonly limits: Limits;
  readonly software: string;
  readonly banner: string;
  /** The arguments, in the order of the names of the method. */
  readonly args: readonly unknown[];
  readonly caller: Caller;
}

/** The session of a call. */
export interface Caller {
  version: Version;
  /** Whether `server.version` has been called. */
  isGreeted: boolean;
  /** Subscribes to a script. @returns its status */
  watch(script: ScriptHash): Promise<string | undefined>;
  unwatch(script: ScriptHash): boolean;
  watchHeaders(): void;
}

/** Limits that no caller exceeds. */
export interface Limits {
  /** Bytes of a line. Default: 5,000,000. */
  readonly line: number;
  /** Scripts that a session subscribes to. Default: 50,000. */
  readonly subscriptions: number;
  /** Scripts that all sessions subscribe to together. Default: 250,000. */
  readonly allSubscriptions: number;
  /** Transactions of a history, or unspent outputs, in an answer. Default: 100,000. */
  readonly history: number;
  /** Calls of a batch. Default: 1,000. */
  readonly batch: number;
  /** Characters of the answer to a line. Default: 32 Mi. */
  readonly answer: number;
  /**
   * Units of work that a session may ask for in a second, and ten times as many at once: a call is one, and 50,000
   * characters of its answer are another. A session that asks for more is ended. Default: no bound.
   */
  readonly cost: number;
}

export interface Method {
  /** The names of its arguments, in their order. */
  readonly params: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  /** Whether it reads of one state of chain and mempool. */
  readonly isRead?: boolean;
  /** The first and the first too late of the versions that have it. Default: all. */
  readonly since?: Version;
  readonly until?: Version;
  readonly run: (call: Call) => unknown;
}

/** @throws ElectrumError 1, in the words of ElectrumX, like those below */
export function readHeight(value: unknown): number {
  const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw badRequest(`${shown(value)} should be a non-negative integer`);
}

export function readScriptHash(value: unknown): ScriptHash {
  if (typeof value === "string" && /^[0-9a-fA-F]{64}$/.test(value)) {
    return parseId<ScriptHash>(value);
  }
  throw badRequest(`${shown(value)} is not a valid script hash`);
}

export function readTxid(value: unknown): Txid {
  if (typeof value === "string" && /^[0-9a-fA-F]{64}$/.test(value)) return parseId<Txid>(value);
  throw badRequest(`${shown(value)} should be a transaction hash`);
}

export function readFlag(value: unknown, name: string): boolean {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  throw badRequest(`"${name}" must be a boolean`);
}

export function readHex(value: unknown): string {
  if (typeof value === "string" && /^([0-9a-fA-F]{2})*$/.test(value)) return value;
  throw badRequest(`${shown(value)} should be a hex string`);
}

/** A value of a stranger, no longer than a sentence. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** The code and the message of an error of the RPC; other errors are thrown on. */
export async function ask(
  { host }: Pick<Call, "host">,
  method: string,
  params: RpcParams,
  refused: (message: string, cause: unknown) => ElectrumError = daemonError,
): Promise<unknown> {
  try {
    return await host.rpc(method, params);
  } catch (error) {
    const { code, message = "" } = error as {
      readonly code?: unknown;
      readonly message?: string;
    };
    if (typeof code !== "number") throw error;
    throw refused(message, error);
  }
}

function daemonError(message: string, cause: unknown): ElectrumError {
  const { code } = cause as { readonly code: number };
  const text = `daemon error: DaemonError({'code': ${code}, 'message': '${message}'})`;
  return new ElectrumError(DAEMON_ERROR, text, { cause });
}
