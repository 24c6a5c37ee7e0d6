/** @module @chain/core */
export { COIN, formatAmount } from "./amount.ts";
export type { BlockJson } from "./block.ts";
export { Block } from "./block.ts";
export {
  blockFilter,
  filterHash,
  filterHeader,
  filterMatches,
  filterMatchesAll,
} from "./blockFilter.ts";
export type { BloomFilterFields } from "./bloomFilter.ts";
export { BloomFilter } from "./bloomFilter.ts";
export {
  bytesToHex,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  reversedHex,
} from "./bytes.ts";
export type { AncestorView } from "./chain/ancestorView.ts";
export { scriptsAssumedValid } from "./chain/assumeValid.ts";
export type { HeaderNode } from "./chain/headerNode.ts";
export type { HeaderRestorer, KnownHeader } from "./chain/headerRestorer.ts";
export { HeaderTree } from "./chain/headerTree.ts";
export type { Coin, CoinChanges, CoinsView, LocatedCoin } from "./coin.ts";
export { CoinsOverlay } from "./coin.ts";
export { bogoSize, coinElement } from "./coinHash.ts";
export { readCompressedCoin, writeCompressedCoin } from "./compressedCoin.ts";
export { MAX_COMPACT_SIZE, Reader, type Sha256 } from "./encoding/reader.ts";
export { compactSizeLength, Writer } from "./encoding/writer.ts";
export type { ChainErrorOptions, CoreErrorCode } from "./errors.ts";
export { ArgumentError, ChainError, CoreError, FaultError, isChainError } from "./errors.ts";
export { hash160, ripemd160, sha1, sha256, sha256d, taggedHash } from "./hash.ts";
export type { BlockHeaderFields, BlockHeaderJson } from "./header.ts";
export { BlockHeader, HEADER_SIZE } from "./header.ts";
export type {
  BlockHash,
  FilterHash,
  FilterHeader,
  HashId,
  MerkleRoot,
  ScriptHash,
  Txid,
  Wtxid,
} from "./ids.ts";
export {
  idFromBytes,
  idToBytes,
  parseId,
  ZERO_BLOCK_HASH,
  ZERO_FILTER_HEADER,
  ZERO_TXID,
} from "./ids.ts";
export type { CoinJson, OutputJson } from "./json.ts";
export { coinToJson, outputToJson } from "./json.ts";
export {
  isMoney,
  LOCKTIME_THRESHOLD,
  MAX_BLOCK_SIGOPS_COST,
  MAX_BLOCK_WEIGHT,
  MAX_FUTURE_BLOCK_TIME,
  MAX_MONEY,
  MAX_TIMEWARP,
  WITNESS_SCALE_FACTOR,
} from "./limits.ts";
export { merkleBranch, merkleRoot, witnessMerkleRoot } from "./merkle.ts";
export { MuHash } from "./muHash.ts";
export { mainnet, regtest, signet, signetParams, testnet4 } from "./networks/bitcoin.ts";
export { coreNetworkName } from "./networks/coreName.ts";
export { DEVNET, devnet } from "./networks/devnet.ts";
export type { Outpoint, OutpointKey } from "./outpoint.ts";
export {
  isNullOutpoint,
  NULL_OUTPOINT,
  outpointKey,
  readOutpoint,
  writeOutpoint,
} from "./outpoint.ts";
export type {
  AssumedUtxo,
  ChainParams,
  DeploymentHeights,
  SeedAddress,
  VersionBitsDeployment,
} from "./params.ts";
export type { MerkleMatch, PartialMerkleTree } from "./partialMerkleTree.ts";
export { partialMerkleMatches, partialMerkleTree } from "./partialMerkleTree.ts";
export { areInputsStandard } from "./policy/areInputsStandard.ts";
export { dustThreshold, isDust } from "./policy/dust.ts";
export { feeForSize, feeRate, virtualSizeWithSigops } from "./policy/feeRate.ts";
export { isStandardTransaction } from "./policy/isStandardTransaction.ts";
export { isWitnessStandard } from "./policy/isWitnessStandard.ts";
export type { NetworkPolicy, Policy } from "./policy/policy.ts";
export { policyOf } from "./policy/policy.ts";
export type { FeePayer, Replaceable } from "./policy/replacement.ts";
export {
  checkReplacement,
  checkSpendsNoConflict,
  isReplaceable,
  signalsReplaceability,
} from "./policy/replacement.ts";
export { spendsWitnessProgram } from "./policy/spendsWitnessProgram.ts";
export type { Target } from "./pow.ts";
export {
  checkProofOfWork,
  compactToTarget,
  isPermittedTransition,
  nextBits,
  targetToCompact,
  workOfBits,
} from "./pow.ts";
export type { BlockContext } from "./rules/blockContext.ts";
export { blockSubsidy } from "./rules/blockSubsidy.ts";
export { checkBlock } from "./rules/checkBlock.ts";
export { checkBlockContext } from "./rules/checkBlockContext.ts";
export { checkHeader } from "./rules/checkHeader.ts";
export { checkHeaderContext, minimumBlockTime } from "./rules/checkHeaderContext.ts";
export { checkTransaction } from "./rules/checkTransaction.ts";
export type { SpentInputs } from "./rules/checkTxInputs.ts";
export { checkTxInputs } from "./rules/checkTxInputs.ts";
export type { ConnectedBlock } from "./rules/connectBlock.ts";
export { connectBlock } from "./rules/connectBlock.ts";
export { disconnectBlock } from "./rules/disconnectBlock.ts";
export { isFinalTransaction } from "./rules/isFinalTransaction.ts";
export type { SequenceLocks } from "./rules/isSequenceFinal.ts";
export { isSequenceFinal, sequenceLocks } from "./rules/isSequenceFinal.ts";
export { outputsOf, prevoutsOf } from "./rules/prevouts.ts";
export type { SignetTransactions } from "./rules/signetSolution.ts";
export { checkSignetSolution, signetSolution, signetTransactions } from "./rules/signetSolution.ts";
export type { VerifyBlockContext } from "./rules/verifyBlock.ts";
export { verifyBlock } from "./rules/verifyBlock.ts";
export type { VerifyTransactionOptions } from "./rules/verifyTransaction.ts";
export { verifyTransaction } from "./rules/verifyTransaction.ts";
export {
  checkWitnessCommitment,
  withCoinbaseWitness,
  witnessCommitmentScript,
} from "./rules/witnessCommitment.ts";
export type { AsmOptions } from "./script/asm.ts";
export { opcodeName, scriptFromAsm, scriptToAsm } from "./script/asm.ts";
export type { ScriptFlags } from "./script/flags.ts";
export {
  MANDATORY_SCRIPT_FLAGS,
  ScriptFlag,
  STANDARD_SCRIPT_FLAGS,
  scriptFlags,
} from "./script/flags.ts";
export { Opcode } from "./script/opcodes.ts";
export type { Operation, WitnessProgram } from "./script/script.ts";
export {
  hasValidOpcodes,
  isMinimalPush,
  isP2sh,
  isPushOnly,
  isUnspendable,
  MAX_SCRIPT_SIZE,
  pushData,
  pushNumber,
  ScriptReader,
  witnessProgram,
} from "./script/script.ts";
export type { ScriptCheck } from "./script/scriptCheck.ts";
export { runScriptCheck, scriptChecks } from "./script/scriptCheck.ts";
export type { ScriptErrorName } from "./script/scriptError.ts";
export { scriptErrorSentence } from "./script/scriptError.ts";
export { decodeScriptNumber, encodeScriptNumber } from "./script/scriptNumber.ts";
export {
  legacySighash,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_DEFAULT,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
} from "./script/sighash.ts";
export {
  encodeDerSignature,
  isLowS,
  isStrictDer,
  normalizeS,
  parseDerSignature,
  parseDerSignatureLax,
} from "./script/signature.ts";
export type { SignatureChecker, TaprootExecution } from "./script/signatureChecker.ts";
export type { SignatureVerifier } from "./script/signatureVerifier.ts";
export { nobleVerifier } from "./script/signatureVerifier.ts";
export { countSigops, legacySigops, sigopCost } from "./script/sigops.ts";
export {
  annexHash,
  TAPSCRIPT_LEAF_VERSION,
  tapbranchHash,
  tapleafHash,
  taptweakHash,
} from "./script/taproot.ts";
export type { TaprootSighashOptions } from "./script/taprootSighash.ts";
export { taprootSighash } from "./script/taprootSighash.ts";
export type { OutputTemplate } from "./script/templates.ts";
export {
  isP2pkh,
  multisigScript,
  nullDataScript,
  outputTemplate,
  p2pkhScript,
  p2pkScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  p2wshScript,
  witnessProgramScript,
} from "./script/templates.ts";
export { transactionChecker } from "./script/transactionChecker.ts";
export { TransactionSpend } from "./script/transactionSpend.ts";
export type { ScriptResult } from "./script/verifyScript.ts";
export { verifyScript } from "./script/verifyScript.ts";
export { witnessSighash } from "./script/witnessSighash.ts";
export type { SipHashKey, SipHashResult } from "./sipHash.ts";
export { sipHash } from "./sipHash.ts";
export { skipTransactions } from "./skipTransactions.ts";
export type {
  TransactionFields,
  TransactionForm,
  TransactionJson,
  TxInput,
  TxOutput,
} from "./transaction.ts";
export { readOutput, SEQUENCE_FINAL, Transaction, writeOutput } from "./transaction.ts";
export type { BlockUndo } from "./undo.ts";
export { decodeUndo, encodeUndo, readCoin, writeCoin } from "./undo.ts";
export type { Milliseconds, Seconds } from "./units.ts";
export type { Refusal, RefusalKind, Verdict } from "./verdict.ts";
export { refuse, VALID } from "./verdict.ts";
export type {
  VersionBitsCache,
  VersionBitsState,
} from "./versionBits.ts";
export {
  ALWAYS_ACTIVE,
  computeBlockVersion,
  NEVER_ACTIVE,
  NO_TIMEOUT,
  versionBitsState,
} from "./versionBits.ts";
