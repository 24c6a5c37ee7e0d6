/** Hash types of signatures, by the names of callers. */
import { RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";

/** Core: SighashFromStr (core_io.cpp). */
const HASH_TYPES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ["DEFAULT", 0],
  ["ALL", 1],
  ["ALL|ANYONECANPAY", 0x81],
  ["NONE", 2],
  ["NONE|ANYONECANPAY", 0x82],
  ["SINGLE", 3],
  ["SINGLE|ANYONECANPAY", 0x83],
]);

/** The help text of an argument that takes one of them. */
export const HASH_TYPE_NAMES: string = [...HASH_TYPES.keys()].map((name) => `\n"${name}"`).join("");

/** @throws RpcError -8 */
export function requireHashType(name = "DEFAULT"): number {
  const type = HASH_TYPES.get(name);
  if (type !== undefined) return type;
  const message = `'${name}' is not a valid sighash parameter.`;
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}

/** The name of a hash type; empty for one that has none, and for Taproot's own. Core: SighashToStr. */
export function hashTypeName(type: number): string {
  const found = [...HASH_TYPES].find(([, each]) => each === type && type !== 0);
  return found?.[0] ?? "";
}
