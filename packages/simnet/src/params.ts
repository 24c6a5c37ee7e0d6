import {
  Block,
  BlockHeader,
  type BlockHeaderFields,
  type ChainParams,
  checkProofOfWork,
  concatBytes,
  DEVNET,
  devnet,
  merkleRoot,
  NULL_OUTPOINT,
  pushData,
  pushNumber,
  regtest,
  SEQUENCE_FINAL,
  type Seconds,
  Transaction,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { SimulationError } from "./errors.ts";

/** 2023-11-14. Seconds since 1970. */
const GENESIS_TIME: Seconds = 1_700_000_000;
const VERSION = 0x2000_0000;
/** Far more than an easy target needs: with regtest's, every second nonce is good. */
const MAX_NONCES = 100_000;

/** The header with the first nonce that makes it good. @throws SimulationError `unsolvable`. */
export function solve(
  fields: BlockHeaderFields,
  params: Pick<ChainParams, "powLimit">,
): BlockHeader {
  return search(fields, (header) => checkProofOfWork(header.hash, header.bits, params));
}

/** The header with the first nonce that makes it a lie. @throws SimulationError `unsolvable`. */
export function unsolve(
  fields: BlockHeaderFields,
  params: Pick<ChainParams, "powLimit">,
): BlockHeader {
  return search(fields, (header) => !checkProofOfWork(header.hash, header.bits, params));
}

function search(
  fields: BlockHeaderFields,
  isWanted: (header: BlockHeader) => boolean,
): BlockHeader {
  for (let nonce = 0; nonce < MAX_NONCES; nonce++) {
    const header = new BlockHeader({ ...fields, nonce });
    if (isWanted(header)) return header;
  }
  throw new SimulationError("unsolvable", `no nonce below ${MAX_NONCES} will do`);
}

/**
 * A devnet with all its rules and regtest's target, so that the simulation chooses which node finds a block. Its
 * genesis block pays a script.
 * @example simulationParams(p2pkhScript(hash160(publicKey))).genesis.transactions.length // 1
 */
export function simulationParams(payTo: Uint8Array): ChainParams {
  const { powLimit, powLimitBits } = regtest;
  const scriptSig = concatBytes(pushNumber(0), pushData(new Uint8Array(8)));
  const input = { prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness: [] };
  const outputs = [{ value: DEVNET.initialSubsidy, scriptPubKey: payTo }];
  const coinbase = new Transaction({ version: 1, inputs: [input], outputs, lockTime: 0 });
  const fields = {
    version: VERSION,
    previousHash: ZERO_BLOCK_HASH,
    merkleRoot: merkleRoot([coinbase.txid]).root,
    time: GENESIS_TIME,
    bits: powLimitBits,
    nonce: 0,
  };
  const genesis = new Block(solve(fields, { powLimit }), [coinbase]);
  return { ...devnet(genesis), powLimit, powLimitBits };
}
