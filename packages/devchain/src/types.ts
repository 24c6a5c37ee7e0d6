import type { Block, BlockHash, Seconds, Txid } from "@chain/core";
import type { InProcessNode } from "@chain/fullnode";
import type { Account } from "./accounts.ts";
import type { DevClock } from "./clock.ts";
import type { Waivers } from "./waivers.ts";

/** A receiver of a payment: an address, an output script, or an account. */
export type Receiver = string | Uint8Array | Account;

/** A coin that was made for somebody. */
export interface FundedCoin {
  readonly txid: Txid;
  readonly vout: number;
  readonly value: bigint;
  readonly scriptPubKey: Uint8Array;
  /** Of the block that has it. */
  readonly height: number;
  readonly hash: BlockHash;
}

/** The last block. */
export interface Tip {
  readonly height: number;
  readonly hash: BlockHash;
  readonly time: Seconds;
}

/** A block that was connected. */
export interface MinedBlock {
  readonly height: number;
  readonly hash: BlockHash;
  readonly block: Block;
}

/** How blocks are mined. */
export interface MineOptions {
  /** Receiver of the rewards. Default: the faucet. */
  readonly to?: Receiver;
  /** Seconds between the blocks, to which the clock moves. Default: `setBlockInterval`, or what the clock says. */
  readonly interval?: Seconds;
}

/** A fee rate. */
export interface FeeOptions {
  /** Satoshis for a virtual byte. Default: `setFeeRate`, or twice the least that the mempool takes, at least 2. */
  readonly feeRate?: number;
}

/** The fee rate that estimates answer, in base units for 1,000 virtual bytes. */
export interface FixedRate {
  rate: bigint | undefined;
}

/** The parts of a chain; `createDevChain` makes them. */
export interface DevChainParts {
  readonly node: InProcessNode;
  readonly clock: DevClock;
  readonly accounts: readonly Account[];
  readonly mnemonic: string;
  readonly waivers: Waivers;
  readonly fees: FixedRate;
  /** Hears the state of the chain when it ends. */
  readonly onClose?: ((state: string) => Promise<void>) | undefined;
}
