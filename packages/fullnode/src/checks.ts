/** Checks of the objects that most functions here take, for callers in plain JavaScript. */
import { requireFields, requireFunction } from "@chain/core/arguments";

/** Which node is meant: what `parseIdentity` gives. */
export function requireIdentity(value: unknown, name: string): void {
  requireFields(value, name, {
    nodeId: "number",
    network: "object",
    dataDir: "string",
    paths: "object",
  });
}

/** A row of the table of networks: what `findNetwork` gives. */
export function requireNetwork(value: unknown, name: string): void {
  requireFields(value, name, { name: "string", params: "object", chainParams: "function" });
}

export function requireLog(value: unknown, name: string): void {
  if (value !== undefined) requireFunction(value, name);
}
