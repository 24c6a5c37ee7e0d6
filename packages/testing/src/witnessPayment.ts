import {
  concatBytes,
  encodeDerSignature,
  hash160,
  type LocatedCoin,
  p2pkhScript,
  SEQUENCE_FINAL,
  SIGHASH_ALL,
  Transaction,
  TransactionSpend,
  type TxOutput,
  witnessSighash,
} from "@chain/core";
import * as secp256k1 from "@noble/secp256k1";
import type { TestKey } from "./blockFactory.ts";

/** Spends pay-to-witness-public-key-hash coins (BIP-0141), signed as BIP-0143 has it. */
export function witnessPayment(
  coins: readonly LocatedCoin[],
  outputs: readonly TxOutput[],
  key: TestKey,
): Transaction {
  const inputs = coins.map(({ outpoint: prevout }) => ({
    prevout,
    scriptSig: new Uint8Array(0),
    sequence: SEQUENCE_FINAL,
    witness: [],
  }));
  const blank = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
  const spend = new TransactionSpend(
    blank,
    coins.map(({ coin }) => coin),
  );
  const scriptCode = p2pkhScript(hash160(key.publicKey));
  const signed = inputs.map((input, i) => {
    const hash = witnessSighash(spend, i, scriptCode, SIGHASH_ALL);
    const compact = secp256k1.sign(hash, key.secretKey, { prehash: false });
    const signature = concatBytes(encodeDerSignature(compact), Uint8Array.of(SIGHASH_ALL));
    return { ...input, witness: [signature, key.publicKey] };
  });
  return new Transaction({ version: 2, inputs: signed, outputs, lockTime: 0 });
}
