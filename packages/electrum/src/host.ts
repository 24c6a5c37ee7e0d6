import type { ChainManager } from "@chain/engine";
import type { LookupIndexes } from "@chain/indexes";

/** The node that is asked. */
export interface ElectrumHost {
  readonly chain: ChainManager;
  /** All three must be kept. While one is being built, calls are answered by an error that says so. */
  readonly indexes: LookupIndexes;
  /**
   * Calls a method of Bitcoin Core's RPC: to hand in transactions, and for fees. `RpcServer.call` of `@chain/rpc` is such a
   * function.
   * @throws an error with Core's `code` and `message`
   */
  readonly rpc: (method: string, params: RpcParams) => Promise<unknown>;
}

/** Arguments of a method. */
export type RpcParams = readonly (string | number | boolean | readonly string[])[];
