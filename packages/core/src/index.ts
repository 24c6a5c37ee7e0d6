export { Block } from "./block.ts";
export {
  bytesToHex,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  reversedHex,
} from "./bytes.ts";
export type { Coin, CoinChanges, CoinsView, LocatedCoin } from "./coin.ts";
export { CoinsOverlay } from "./coin.ts";
export { MAX_COMPACT_SIZE, Reader } from "./encoding/reader.ts";
export { compactSizeLength, Writer } from "./encoding/writer.ts";
export type { CoreErrorCode } from "./errors.ts";
export { CoreError } from "./errors.ts";
export { hash160, sha256, sha256d } from "./hash.ts";
export type { BlockHeaderFields } from "./header.ts";
export { BlockHeader, HEADER_SIZE } from "./header.ts";
export type { BlockHash, HashId, MerkleRoot, Txid, Wtxid } from "./ids.ts";
export { idFromBytes, idToBytes, parseId, ZERO_BLOCK_HASH, ZERO_TXID } from "./ids.ts";
export { mainnet, regtest } from "./networks/bitcoin.ts";
export { DEVNET, devnet } from "./networks/devnet.ts";
export type { Outpoint, OutpointKey } from "./outpoint.ts";
export {
  isNullOutpoint,
  NULL_OUTPOINT,
  outpointKey,
  readOutpoint,
  writeOutpoint,
} from "./outpoint.ts";
export type { ChainParams, DeploymentHeights } from "./params.ts";
export { COIN } from "./params.ts";
export type { TransactionFields, TxInput, TxOutput } from "./transaction.ts";
export { readOutput, SEQUENCE_FINAL, Transaction, writeOutput } from "./transaction.ts";
export type { BlockUndo } from "./undo.ts";
export { decodeUndo, encodeUndo, readCoin, writeCoin } from "./undo.ts";
export type { Refusal, RefusalKind, Verdict } from "./verdict.ts";
export { refuse, VALID } from "./verdict.ts";
