import type { ChainParams } from "../params.ts";

/** Script rules that can be switched on, as bits. The numbers are Core's (script/interpreter.h). */
export const ScriptFlag = {
  P2SH: 1 << 0,
  STRICTENC: 1 << 1,
  DERSIG: 1 << 2,
  LOW_S: 1 << 3,
  NULLDUMMY: 1 << 4,
  SIGPUSHONLY: 1 << 5,
  MINIMALDATA: 1 << 6,
  DISCOURAGE_UPGRADABLE_NOPS: 1 << 7,
  CLEANSTACK: 1 << 8,
  CHECKLOCKTIMEVERIFY: 1 << 9,
  CHECKSEQUENCEVERIFY: 1 << 10,
  WITNESS: 1 << 11,
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: 1 << 12,
  MINIMALIF: 1 << 13,
  NULLFAIL: 1 << 14,
  WITNESS_PUBKEYTYPE: 1 << 15,
  CONST_SCRIPTCODE: 1 << 16,
  TAPROOT: 1 << 17,
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION: 1 << 18,
  DISCOURAGE_OP_SUCCESS: 1 << 19,
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE: 1 << 20,
} as const;

/** A set of {@link ScriptFlag} bits. */
export type ScriptFlags = number;

/** What a mempool asks of scripts: the consensus rules and all that keeps transactions from being altered on the way. */
export const STANDARD_SCRIPT_FLAGS: ScriptFlags = Object.values(ScriptFlag).reduce(
  (flags, flag) => flags | (flag === ScriptFlag.SIGPUSHONLY ? 0 : flag),
  0,
);

/** The script rules that the block at this height is held to. Core: GetBlockScriptFlags. */
export function scriptFlags(height: number, params: Pick<ChainParams, "deployments">): ScriptFlags {
  const { bip16, bip66, bip65, csv, segwit, taproot } = params.deployments;
  let flags = 0;
  if (height >= bip16) flags |= ScriptFlag.P2SH;
  if (height >= bip66) flags |= ScriptFlag.DERSIG;
  if (height >= bip65) flags |= ScriptFlag.CHECKLOCKTIMEVERIFY;
  if (height >= csv) flags |= ScriptFlag.CHECKSEQUENCEVERIFY;
  if (height >= segwit) flags |= ScriptFlag.WITNESS | ScriptFlag.NULLDUMMY; // BIP-0147
  if (height >= taproot) flags |= ScriptFlag.TAPROOT;
  return flags;
}
