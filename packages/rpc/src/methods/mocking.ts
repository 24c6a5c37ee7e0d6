import { RPC_MISC_ERROR, RpcError } from "../errors.ts";
import type { Mocking, RpcHost } from "../host.ts";

/** @throws RpcError -1 where the network is not for tests */
export function requireMocking({ mocking }: RpcHost, method: string): Mocking {
  if (mocking !== undefined) return mocking;
  const message = `${method} is for regression testing (-regtest mode) only`;
  throw new RpcError(RPC_MISC_ERROR, message);
}
