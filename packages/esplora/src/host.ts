import type { ChainManager } from "@chain/engine";
import type { LookupIndexes } from "@chain/indexes";

/** The node that is asked. */
export interface EsploraHost {
  readonly chain: ChainManager;
  /** All three must be kept. While one is being built, calls are answered by status 503. */
  readonly indexes: LookupIndexes;
  /**
   * Calls a method of Bitcoin Core's RPC: to hand in transactions, for fees and for sums. `RpcServer.call` of `@chain/rpc`
   * is such a function.
   * @throws an error with Core's `code` and `message`
   */
  readonly rpc: (method: string, params: RpcParams) => Promise<unknown>;
}

/** Arguments of a method. */
export type RpcParams = readonly (string | number | boolean | readonly string[])[];
