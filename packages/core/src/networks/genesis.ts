/** Genesis blocks as Core makes them: CreateGenesisBlock in kernel/chainparams.cpp. */

import { COIN } from "../amount.ts";
import { Block } from "../block.ts";
import { concatBytes, hexToBytes } from "../bytes.ts";
import { BlockHeader } from "../header.ts";
import { ZERO_BLOCK_HASH } from "../ids.ts";
import { merkleRoot } from "../merkle.ts";
import { NULL_OUTPOINT } from "../outpoint.ts";
import { Opcode } from "../script/opcodes.ts";
import { pushData } from "../script/script.ts";
import { SEQUENCE_FINAL, Transaction } from "../transaction.ts";
import type { Seconds } from "../units.ts";

export interface GenesisFields {
  /** The message in the coinbase; ASCII. */
  readonly message: string;
  /** The key that it pays to; its output can't be spent. */
  readonly publicKey: Uint8Array;
  readonly time: Seconds;
  readonly bits: number;
  readonly nonce: number;
}

export function genesisBlock({ message, publicKey, time, bits, nonce }: GenesisFields): Block {
  const text = Uint8Array.from(message, (letter) => letter.charCodeAt(0));
  // Before the message: mainnet's first `bits` as a number, and 4.
  const scriptSig = concatBytes(hexToBytes("04ffff001d0104"), pushData(text));
  const input = { prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness: [] };
  const scriptPubKey = concatBytes(pushData(publicKey), Uint8Array.of(Opcode.OP_CHECKSIG));
  const coinbase = new Transaction({
    version: 1,
    inputs: [input],
    outputs: [{ value: 50n * COIN, scriptPubKey }],
    lockTime: 0,
  });
  const header = new BlockHeader({
    version: 1,
    previousHash: ZERO_BLOCK_HASH,
    merkleRoot: merkleRoot([coinbase.txid]).root,
    time,
    bits,
    nonce,
  });
  return new Block(header, [coinbase]);
}

/** The genesis block with the message of the first of all. */
export function bitcoinGenesis(time: Seconds, bits: number, nonce: number): Block {
  return genesisBlock({
    message: "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks",
    publicKey: hexToBytes(
      "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f",
    ),
    time,
    bits,
    nonce,
  });
}
