import {
  type ChainParams,
  type CoinChanges,
  checkBlock,
  connectBlock,
  encodeUndo,
  equalBytes,
  pushNumber,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { EngineError } from "../errors.ts";

/**
 * Connects block 0, which was not checked before, because every devnet brings its own.
 * @returns the coins that it makes, and its encoded undo data
 * @throws EngineError `bad-genesis` with what is wrong with it.
 */
export function connectGenesis(params: ChainParams): {
  readonly coins: CoinChanges;
  readonly undo: Uint8Array;
} {
  const { genesis, deployments } = params;
  const { header, transactions } = genesis;
  if (header.previousHash !== ZERO_BLOCK_HASH) throw bad("it has a parent");
  if (header.bits !== params.powLimitBits) throw bad("its target is not that of the network");
  if (transactions.length !== 1) throw bad("it has to hold one transaction");
  const verdict = checkBlock(genesis, params);
  if (!verdict.ok) throw bad(verdict.reason);
  const scriptSig = transactions[0]?.inputs[0]?.scriptSig;
  const height = pushNumber(0);
  if (
    deployments.bip34 === 0 &&
    (scriptSig === undefined || !equalBytes(scriptSig.subarray(0, height.length), height))
  ) {
    throw bad("bad-cb-height");
  }
  const connected = connectBlock(genesis, { parent: undefined, params }, { get: () => undefined });
  if (!connected.ok) throw bad(connected.reason);
  return { coins: connected.changes, undo: encodeUndo(connected.undo) };
}

function bad(why: string): EngineError {
  return new EngineError("bad-genesis", `the genesis block is not valid: ${why}`);
}
