import type { NodeMetrics } from "./nodeMetrics.ts";

/** Begins to count, where the RPC is told to serve metrics; a node without them does not load the code. */
export async function loadMetrics(
  rpc: { readonly metrics?: boolean } | undefined,
): Promise<NodeMetrics | undefined> {
  if (rpc?.metrics !== true) return undefined;
  const { NodeMetrics } = await import("./nodeMetrics.ts");
  return new NodeMetrics();
}
