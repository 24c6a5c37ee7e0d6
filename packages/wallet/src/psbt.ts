/**
 * Partially signed transactions: the entry `@chain/wallet/psbt`.
 * @module @chain/wallet/psbt
 */
export type { EcdsaSigner } from "./keys.ts";
export type { InputAnalysis, MissingParts, PsbtAnalysis, PsbtRole } from "./psbt/analyze.ts";
export { analyzePsbt } from "./psbt/analyze.ts";
export type { CombinedPsbt, Shuffle } from "./psbt/combine.ts";
export { combinePsbts, joinPsbts, toPsbtVersion } from "./psbt/combine.ts";
export type { DecodedPsbt } from "./psbt/decode.ts";
export { decodePsbt, parsePsbt } from "./psbt/decode.ts";
export { encodePsbt, formatPsbt, isFinal as isFinalInput } from "./psbt/encode.ts";
export { GLOBAL as PSBT_GLOBAL, IN as PSBT_IN, OUT as PSBT_OUT } from "./psbt/fields.ts";
export type { CreatedPsbt, PsbtFields, PsbtVersion } from "./psbt/psbt.ts";
export { createPsbt, Psbt } from "./psbt/psbt.ts";
export type { PsbtRecord } from "./psbt/psbtMap.ts";
export { keyBytes as psbtKeyBytes, PsbtMap } from "./psbt/psbtMap.ts";
export type { InputError, SignedRawTransaction, SignRawOptions } from "./psbt/rawTransaction.ts";
export { combineRawTransactions, signRawTransaction } from "./psbt/rawTransaction.ts";
export type { ProcessedPsbt, PsbtKnowledge, SignPsbtOptions } from "./psbt/roles.ts";
export { extractTransaction, finalizePsbt, signPsbt, updatePsbt } from "./psbt/roles.ts";
export type { InputOutcome } from "./psbt/signInput.ts";
export type {
  KeyDerivation,
  Preimage,
  PsbtInput,
  PsbtOutput,
  TapLeafScript,
  TaprootDerivation,
} from "./psbt/view.ts";
export { psbtInput, psbtOutput, psbtXpubs, spentOutput } from "./psbt/view.ts";
export type { KeyOrigin } from "./signingProvider.ts";
export { SigningProvider } from "./signingProvider.ts";
export type { TaprootLeaf } from "./taproot.ts";
