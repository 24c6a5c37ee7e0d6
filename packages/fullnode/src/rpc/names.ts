import { requireString } from "@chain/core/arguments";

/**
 * Whether the RPC of a node has a method of this name. Loads all methods, which takes a moment.
 * @example await isRpcMethod("getblock") // true
 */
export async function isRpcMethod(name: string): Promise<boolean> {
  requireString(name, "name");

  const { METHODS } = await import("@chain/rpc");
  return METHODS.some((method) => method.name === name);
}
