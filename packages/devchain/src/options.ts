import { MAX_MONEY, type Policy, type Seconds } from "@chain/core";
import { requireInteger, requireOptions } from "@chain/core/arguments";
import type { Log } from "@chain/engine";
import type { CreateNodeOptions } from "@chain/fullnode";
import type { Automine } from "./automine.ts";
import type { DevChain } from "./devChain.ts";
import { DevChainError } from "./errors.ts";

/** A way into the chain for programs, such as an interface over HTTP. */
export interface DevDoor {
  /** `esplora`, for example: its name in `chain.doors`. */
  readonly name: string;
  /** Opens it, and says where it is: `http://127.0.0.1:PORT`, for example. */
  readonly open: (chain: DevChain) => Promise<{
    readonly url: string;
    readonly close: () => Promise<void>;
  }>;
}

/** How a chain is made; all of it has a default. */
export interface DevChainOptions {
  /** How many accounts have funds. Default 10. */
  readonly accounts?: number;
  /** The funds of each, in satoshis. Default 100 coins: 10,000,000,000. */
  readonly balance?: bigint;
  /** The words that the accounts come from. Default: those of Anvil, `test test … junk`. */
  readonly mnemonic?: string;
  /**
   * The time of the newest block, in seconds since 1970. The clock then stands still until it is moved, so that equal
   * calls make equal chains. Default: the system's time, which goes on.
   */
  readonly time?: Seconds;
  /** A chain to go on with, as `dump` writes it, in place of a new one: it brings its accounts and its clock. */
  readonly state?: string;
  /** When blocks are mined by themselves. Default: `false`, on request alone. */
  readonly automine?: Automine;
  /** Seconds between blocks, as their headers tell it, to which the clock moves. Default: the clock says. */
  readonly blockInterval?: Seconds;
  /** Opens Bitcoin Core's RPC, as `createNode` takes it. Default: no port. */
  readonly rpc?: CreateNodeOptions["rpc"];
  /** The port for peers; 0: the system chooses one. Default: none. */
  readonly port?: number;
  /** The address of that port. Default 127.0.0.1. */
  readonly host?: string;
  /** Limits of the mempool that differ from regtest's: `{ requireStandard: true }`. */
  readonly policy?: Partial<Policy>;
  /** Indexes of its blocks, as `createNode` takes them. Default: none but that of unspent outputs by script. */
  readonly indexes?: CreateNodeOptions["indexes"];
  /** More ways into the chain, which are opened in this order. */
  readonly doors?: readonly DevDoor[];
  /** Hears the whole chain as text when it ends, as `dump` writes it: by `close`, or by `stop` of the RPC. */
  readonly onClose?: (state: string) => Promise<void>;
  /** Hears a sentence about everything that happens. */
  readonly log?: Log;
}

const MAX_ACCOUNTS = 1_000;
const COINS = 100_000_000n;
/** An output below is dust. Core: that of P2WPKH. */
const LEAST_BALANCE = 294n;

/** @throws DevChainError `usage`; ArgumentError */
export function checkOptions(options: DevChainOptions): {
  readonly accounts: number;
  readonly balance: bigint;
} {
  requireOptions(options, "options", {
    accounts: "number?",
    balance: "bigint?",
    mnemonic: "string?",
    state: "string?",
    time: "number?",
    blockInterval: "number?",
    port: "number?",
    host: "string?",
    policy: "object?",
    indexes: "object?",
    doors: "array?",
    onClose: "function?",
    log: "function?",
  });
  const { accounts = 10, balance = 100n * COINS, time = 0 } = options;
  requireInteger(accounts, "options.accounts", 0, MAX_ACCOUNTS);
  requireInteger(time, "options.time", 0, 0xffff_ffff);
  if (balance !== 0n && (balance < LEAST_BALANCE || balance > MAX_MONEY)) {
    const why = `balance is a number of satoshis, 0 or at least ${LEAST_BALANCE}, not ${balance}`;
    throw new DevChainError("usage", why);
  }
  const { state, mnemonic } = options;
  if (state !== undefined) {
    const others = {
      accounts: options.accounts,
      balance: options.balance,
      mnemonic,
      time: options.time,
    };
    const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined) {
      throw new DevChainError("usage", `a state brings its own ${other}: leave that out`);
    }
  }
  return { accounts, balance };
}
