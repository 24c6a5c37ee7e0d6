import {
  Block,
  BlockHeader,
  CoreError,
  concatBytes,
  DEVNET,
  MAX_BLOCK_WEIGHT,
  merkleRoot,
  NULL_OUTPOINT,
  pushData,
  pushNumber,
  SEQUENCE_FINAL,
  type Seconds,
  Transaction,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { requireBytes, requireOptions, requirePath } from "@chain/core/arguments";
import { InProcessSearch, type ProofOfWorkSearch, type Random } from "@chain/engine";
import { UserError } from "../errors.ts";
import { readTextFile } from "../files.ts";
import { systemClock, systemRandom, systemTimers } from "../ports/system.ts";
import { cannotRead } from "../systemWords.ts";

/** No bits of BIP-0009 set, as in every block of ours. */
const BLOCK_VERSION = 0x2000_0000;
/** Bytes in the coinbase that make each chain another, even if two begin in the same second and pay the same key. */
const UNIQUE_BYTES = 16;

/** The parts of the machine that mining uses; tests and simulations hand in others. */
export interface GenesisPorts {
  readonly search: ProofOfWorkSearch;
  readonly random: Random;
  /** Seconds since 1970. */
  readonly time: Seconds;
}

/**
 * Mines the first block of a new devnet: its coinbase pays `payTo`, and can be spent in the next block.
 * @param payTo output script
 * @example (await mineGenesis(payTo)).transactions[0].outputs[0].scriptPubKey // payTo
 */
export async function mineGenesis(
  payTo: Uint8Array,
  ports: GenesisPorts = systemPorts(),
): Promise<Block> {
  requireBytes(payTo, "payTo");
  requireOptions(ports, "ports", { search: "object", random: "object", time: "number" });

  for (let time = ports.time; ; time++) {
    const coinbase = new Transaction({
      version: 2,
      inputs: [
        {
          prevout: NULL_OUTPOINT,
          // The height first, as in every coinbase (BIP-0034).
          scriptSig: concatBytes(pushNumber(0), pushData(ports.random.bytes(UNIQUE_BYTES))),
          sequence: SEQUENCE_FINAL,
          witness: [],
        },
      ],
      outputs: [{ value: DEVNET.initialSubsidy, scriptPubKey: payTo }],
      lockTime: 0,
    });
    const header = new BlockHeader({
      version: BLOCK_VERSION,
      previousHash: ZERO_BLOCK_HASH,
      merkleRoot: merkleRoot([coinbase.txid]).root,
      time,
      bits: DEVNET.powLimitBits,
      nonce: 0,
    });
    const solved = await ports.search.search(header, { aborted: false });
    // One in 65,536 hashes is good, so four billion nonces without one never happen; another second is another try.
    if (solved !== undefined) return new Block(solved, [coinbase]);
  }
}

function systemPorts(): GenesisPorts {
  return {
    search: new InProcessSearch(systemClock, systemTimers),
    random: systemRandom,
    time: Math.floor(systemClock.now() / 1000),
  };
}

/**
 * Reads a block that `chain-node genesis` has written: hex digits.
 * @throws UserError `io`, `damaged`.
 * @example
 * import { writeFile } from "node:fs/promises";
 * await writeFile(`${directory}/genesis`, bytesToHex(genesis.toBytes()));
 * (await readGenesisFile(`${directory}/genesis`)).hash === genesis.hash // true
 */
export async function readGenesisFile(path: string): Promise<Block> {
  requirePath(path, "path");

  let text: string;
  try {
    // Two digits a byte; a longer text was never a block.
    text = await readTextFile(path, 2 * MAX_BLOCK_WEIGHT + 2);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw cannotRead("the genesis file", path, error);
  }
  try {
    return Block.fromHex(text.trim());
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const hint = "it should be what `chain-node genesis` wrote";
    throw new UserError("damaged", `${path} holds no block (${error.message}): ${hint}`, {
      cause: error,
    });
  }
}
