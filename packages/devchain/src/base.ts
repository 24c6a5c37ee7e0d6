import { regtest, type Seconds, type Transaction } from "@chain/core";
import { isBytes, requireInteger, requireNumber } from "@chain/core/arguments";
import { findNetwork, type InProcessNode, parseAddress } from "@chain/fullnode";
import { Account } from "./accounts.ts";
import type { DevClock } from "./clock.ts";
import { DevChainError } from "./errors.ts";
import { Stream } from "./streams.ts";
import type { DevChainParts, FeeOptions, FixedRate, MinedBlock, Receiver, Tip } from "./types.ts";

const MAX_FEE_RATE = 100_000;

interface OpenDoor {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The part of a chain that changes no block: what it is, its clock, its events, and whose turn it is. */
export abstract class ChainBase {
  /** The node behind it: rules, mempool, peers. */
  readonly node: InProcessNode;
  /** Accounts with funds, of which everybody knows the keys. */
  readonly accounts: readonly Account[];
  /** The words that the accounts come from. */
  readonly mnemonic: string;
  protected readonly clock: DevClock;
  protected readonly fees: FixedRate;
  /** The last call that was made: the next one waits for it. */
  protected last: Promise<unknown> = Promise.resolve();
  readonly #streams = new Set<{ end(): void }>();
  readonly #doors = new Map<string, OpenDoor>();
  #closing: Promise<void> | undefined;
  #tellClosed: () => void = () => {};
  readonly #closed = new Promise<void>((resolve) => {
    this.#tellClosed = resolve;
  });

  constructor({ node, clock, accounts, mnemonic, fees }: DevChainParts) {
    this.node = node;
    this.accounts = accounts;
    this.mnemonic = mnemonic;
    this.clock = clock;
    this.fees = fees;
  }

  /** The last block. */
  get tip(): Tip {
    const { height, hash, time } = this.node.chain.tip;
    return { height, hash, time };
  }

  get height(): number {
    return this.tip.height;
  }

  /** The time of the chain, in seconds since 1970. */
  get now(): Seconds {
    return Math.floor(this.clock.now() / 1000);
  }

  /** Where programs can call: `rpc`, `p2p`, and those of the option `doors`, by name. */
  get doors(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#doors].map(([name, { url }]) => [name, url]));
  }

  /** The output script of somebody: of an account that of `account.address`. @throws DevChainError `usage` */
  scriptOf(receiver: Receiver): Uint8Array {
    if (receiver instanceof Account) return receiver.scriptPubKey;
    if (isBytes(receiver)) return receiver;
    if (typeof receiver !== "string") {
      throw new DevChainError("usage", "a receiver is an address, an output script or an account");
    }
    return parseAddress(receiver, findNetwork({ network: regtest.name }), "address");
  }

  /**
   * Sets the clock, which goes on as before: with the system's, or not at all.
   * @param time seconds since 1970
   */
  setTime(time: Seconds): void {
    requireInteger(time, "time", 0, 0xffff_ffff);
    this.needOpen();
    this.clock.moveTo(time * 1000);
    this.node.node.clockSet();
  }

  /**
   * Moves the clock. Lock times that go by the median of blocks' times need blocks as well: `mine(11)` makes them.
   * @returns the new time
   * @example
   * const before = chain.now;
   * chain.increaseTime(86_400) - before >= 86_400 // true
   */
  increaseTime(seconds: Seconds): Seconds {
    requireInteger(seconds, "seconds", 0, 0xffff_ffff);
    this.setTime(this.now + seconds);
    return this.now;
  }

  /**
   * Sets the fee rate that `estimatesmartfee` answers and that payments of this chain pay.
   * @param feeRate satoshis for a virtual byte; `undefined`: what the mempool asks
   */
  setFeeRate(feeRate: number | undefined): void {
    this.fees.rate = feeRate === undefined ? undefined : rateOf(feeRate);
  }

  /** Base units for 1,000 virtual bytes. */
  protected feeRateOf({ feeRate }: FeeOptions = {}): bigint {
    const { mempool, now } = this.node.chain;
    const least = mempool.minFeeRate(now);
    if (feeRate !== undefined) return rateOf(feeRate);
    if (this.fees.rate !== undefined) return this.fees.rate;
    return 2n * least > 2000n ? 2n * least : 2000n;
  }

  /**
   * The blocks that are connected from now on, until the chain is closed.
   * @example
   * const blocks = chain.blocks();
   * await chain.mine(2);
   * for await (const { height } of blocks) if (height === chain.height) break;
   */
  blocks(): AsyncIterableIterator<MinedBlock> {
    return this.#stream<MinedBlock>((push) =>
      this.node.chain.subscribe((event) => {
        if (event.type !== "block-connected") return;
        const { block, height } = event;
        push({ height, hash: block.hash, block });
      }),
    );
  }

  /** The transactions that come into the mempool from now on, until the chain is closed. */
  transactions(): AsyncIterableIterator<Transaction> {
    return this.#stream<Transaction>((push) =>
      this.node.chain.subscribe((event) => {
        if (event.type === "transaction-added") push(event.transaction);
      }),
    );
  }

  #stream<Value>(listen: (push: (value: Value) => void) => () => void): Stream<Value> {
    this.needOpen();
    const stream = new Stream<Value>(() => {
      unsubscribe();
      this.#streams.delete(stream);
    });
    const unsubscribe = listen((value) => stream.push(value));
    this.#streams.add(stream);
    return stream;
  }

  /** Adds to `doors`; it is closed with the chain. */
  addDoor(name: string, door: { readonly url: string; readonly close: () => Promise<void> }): void {
    this.#doors.set(name, door);
  }

  protected inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    this.needOpen();
    const next = this.last.then(act);
    this.last = next.catch(() => {});
    return next;
  }

  protected needOpen(): void {
    if (this.#closing !== undefined) throw new DevChainError("closed", "the chain is closed");
  }

  /** Ends it, with all that waits for it. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends what would ask for more. */
  protected abstract ending(): void;

  /** Does the last thing, when all calls are done. */
  protected abstract finish(): Promise<void>;

  async #close(): Promise<void> {
    this.ending();
    await this.last;
    await this.finish();
    for (const stream of [...this.#streams]) stream.end();
    for (const door of [...this.#doors.values()].reverse()) await door.close();
    await this.node.close();
    this.#tellClosed();
  }

  /** Resolves when the chain has ended: by `close`, or by `stop` of the RPC. */
  whenClosed(): Promise<void> {
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Base units for 1,000 virtual bytes. @throws DevChainError `usage` */
function rateOf(feeRate: number): bigint {
  requireNumber(feeRate, "feeRate");
  if (feeRate >= 0 && feeRate <= MAX_FEE_RATE) return BigInt(Math.round(feeRate * 1000));
  const why = `feeRate is in satoshis for a virtual byte, up to ${MAX_FEE_RATE}`;
  throw new DevChainError("usage", why);
}
