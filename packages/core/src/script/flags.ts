import { optional, requireFields, requireNumber } from "../arguments.ts";
import type { BlockHash } from "../ids.ts";
import type { ChainParams } from "../params.ts";
import { requireDeployments, requireId } from "../shapes.ts";

/** Script rules that can be switched on, as bits. The numbers are Core's (script/interpreter.h). */
export const ScriptFlag = {
  P2SH: 0x1,
  STRICTENC: 0x2,
  DERSIG: 0x4,
  LOW_S: 0x8,
  NULLDUMMY: 0x10,
  SIGPUSHONLY: 0x20,
  MINIMALDATA: 0x40,
  DISCOURAGE_UPGRADABLE_NOPS: 0x80,
  CLEANSTACK: 0x100,
  CHECKLOCKTIMEVERIFY: 0x200,
  CHECKSEQUENCEVERIFY: 0x400,
  WITNESS: 0x800,
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: 0x1000,
  MINIMALIF: 0x2000,
  NULLFAIL: 0x4000,
  WITNESS_PUBKEYTYPE: 0x8000,
  CONST_SCRIPTCODE: 0x10000,
  TAPROOT: 0x20000,
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION: 0x40000,
  DISCOURAGE_OP_SUCCESS: 0x80000,
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE: 0x100000,
} as const;

/** A set of {@link ScriptFlag} bits. */
export type ScriptFlags = number;

/**
 * The rules of a mempool for scripts: the consensus rules and all that keeps transactions from being altered on the way.
 */
export const STANDARD_SCRIPT_FLAGS: ScriptFlags = /* @__PURE__ */ (() =>
  Object.values(ScriptFlag).reduce(
    (flags, flag) => flags | (flag === ScriptFlag.SIGPUSHONLY ? 0 : flag),
    0,
  ))();

/**
 * The rules of today's blocks. A peer that breaks another of the standard rules may still be honest. Core:
 * MANDATORY_SCRIPT_VERIFY_FLAGS.
 */
export const MANDATORY_SCRIPT_FLAGS: ScriptFlags = /* @__PURE__ */ (() =>
  ScriptFlag.P2SH |
  ScriptFlag.DERSIG |
  ScriptFlag.NULLDUMMY |
  ScriptFlag.CHECKLOCKTIMEVERIFY |
  ScriptFlag.CHECKSEQUENCEVERIFY |
  ScriptFlag.WITNESS |
  ScriptFlag.TAPROOT)();

/**
 * The script rules that a block is held to. P2SH, SegWit and Taproot hold from the genesis block on: of all blocks that
 * were made before them just two break them, and those are named in the parameters. Core: GetBlockScriptFlags.
 *
 * @param hash of the block, which may be one of the two; without it, none of them is meant
 * @example scriptFlags(709_632, mainnet)
 */
export function scriptFlags(
  height: number,
  params: Pick<ChainParams, "deployments" | "scriptFlagExceptions">,
  hash?: BlockHash,
): ScriptFlags {
  requireNumber(height, "height");
  requireFields(params, "params", { deployments: "object", scriptFlagExceptions: "map" });
  requireDeployments(params.deployments, "params.deployments");
  optional(hash, "hash", requireId);

  const { bip66, bip65, csv, segwit } = params.deployments;
  const exception = hash === undefined ? undefined : params.scriptFlagExceptions.get(hash);
  let flags = exception ?? ScriptFlag.P2SH | ScriptFlag.WITNESS | ScriptFlag.TAPROOT;
  if (height >= bip66) flags |= ScriptFlag.DERSIG;
  if (height >= bip65) flags |= ScriptFlag.CHECKLOCKTIMEVERIFY;
  if (height >= csv) flags |= ScriptFlag.CHECKSEQUENCEVERIFY;
  if (height >= segwit) flags |= ScriptFlag.NULLDUMMY; // BIP-0147
  return flags;
}
