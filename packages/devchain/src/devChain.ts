import {
  type Block,
  type BlockHash,
  hexToBytes,
  MAX_MONEY,
  regtest,
  type Seconds,
  Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import {
  isBytes,
  present,
  requireInteger,
  requireNumber,
  requireOptions,
} from "@chain/core/arguments";
import { InProcessSearch } from "@chain/engine";
import {
  findNetwork,
  type InProcessNode,
  parseAddress,
  systemClock,
  systemTimers,
} from "@chain/fullnode";
import { Account } from "./accounts.ts";
import { type Automine, Automining, checkAutomine } from "./automine.ts";
import type { DevClock } from "./clock.ts";
import { DevChainError } from "./errors.ts";
import { FAUCET_SCRIPT, Faucet } from "./faucet.ts";
import { BlockMaker, type BlockOrder } from "./miner.ts";
import { accountPayment, coinsOf, type DevCoin } from "./payments.ts";
import { Stream } from "./streams.ts";

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
  /** Satoshis for a virtual byte. Default: twice the least that the mempool takes, at least 2. */
  readonly feeRate?: number;
}

/** The parts of a chain; `createDevChain` makes them. */
export interface DevChainParts {
  readonly node: InProcessNode;
  readonly clock: DevClock;
  readonly accounts: readonly Account[];
  readonly mnemonic: string;
}

const MAX_BLOCKS = 100_000;
/** A year. */
const MAX_INTERVAL: Seconds = 31_536_000;
const MAX_FEE_RATE = 100_000;

/**
 * Bitcoin's regtest in this process, for tests and development; `createDevChain` makes one. Calls are carried out one
 * after the other, in the order in which they came.
 * @example
 * const waiting = await chain.send(0, chain.accounts[1], 25_000n);
 * await chain.mine();
 * chain.node.mempool.get(waiting) // undefined
 */
export class DevChain {
  /** The node behind it: rules, mempool, peers. */
  readonly node: InProcessNode;
  /** Accounts with funds, of which everybody knows the keys. */
  readonly accounts: readonly Account[];
  /** The words that the accounts come from. */
  readonly mnemonic: string;
  readonly #clock: DevClock;
  readonly #maker: BlockMaker;
  readonly #faucet: Faucet;
  readonly #automining: Automining;
  readonly #streams = new Set<{ end(): void }>();
  readonly #doors = new Map<
    string,
    { readonly url: string; readonly close: () => Promise<void> }
  >();
  #interval: Seconds | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ node, clock, accounts, mnemonic }: DevChainParts) {
    this.node = node;
    this.accounts = accounts;
    this.mnemonic = mnemonic;
    this.#clock = clock;
    this.#faucet = new Faucet(node.chain);
    this.#maker = new BlockMaker({
      ...{ chain: node.chain, clock, search: new InProcessSearch(systemClock, systemTimers) },
      clockMoved: () => node.node.clockSet(),
    });
    this.#automining = new Automining(node.chain, () => this.mine());
  }

  /** Mines the block that gives the accounts their funds. */
  begin(outputs: readonly TxOutput[]): Promise<Block | undefined> {
    return this.#inTurn(async () => {
      if (outputs.length === 0) return this.#mineOne({ payTo: FAUCET_SCRIPT });
      return this.#confirm(await this.#faucet.pay(outputs, this.#feeRate()));
    });
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
    return Math.floor(this.#clock.now() / 1000);
  }

  /** Where programs can call: `rpc`, `p2p`, and those of the option `doors`, by name. */
  get doors(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#doors].map(([name, { url }]) => [name, url]));
  }

  /**
   * Mines blocks on the tip, with what waits in the mempool.
   * @throws DevChainError `usage`, `closed`
   * @example
   * const [block] = await chain.mine();
   * block.hash === chain.tip.hash // true
   * await chain.mine(3, { to: chain.accounts[0], interval: 600 });
   */
  async mine(count = 1, options: MineOptions = {}): Promise<readonly Block[]> {
    requireInteger(count, "count", 0, MAX_BLOCKS);
    requireOptions(options, "options", { interval: "number?" });
    const { to, interval } = options;
    if (interval !== undefined) requireInteger(interval, "options.interval", 0, MAX_INTERVAL);
    const payTo = to === undefined ? FAUCET_SCRIPT : this.scriptOf(to);
    return this.#inTurn(async () => {
      const blocks: Block[] = [];
      for (let i = 0; i < count; i++) {
        blocks.push(present(await this.#mineOne({ payTo, interval }), "a block"));
      }
      return blocks;
    });
  }

  #mineOne(order: BlockOrder): Promise<Block | undefined> {
    return this.#maker.mine({ ...order, interval: order.interval ?? this.#interval });
  }

  /** For callers of the RPC. @returns `undefined` where it was stopped */
  async mineFor(
    order: Pick<BlockOrder, "payTo" | "signal" | "maxTries">,
  ): Promise<Block | undefined> {
    return this.#inTurn(() => this.#mineOne(order));
  }

  /** When blocks are mined by themselves. */
  get automine(): Automine {
    return this.#automining.mode;
  }

  /**
   * Says when blocks are mined by themselves.
   * @throws DevChainError `usage`
   * @example
   * chain.setAutomine(true); // a block for each transaction
   * chain.setAutomine({ delay: 500 });
   * chain.setAutomine({ interval: 10, onTransaction: true });
   * chain.setAutomine(false);
   */
  setAutomine(mode: Automine): void {
    this.#needOpen();
    checkAutomine(mode);
    this.#automining.mode = mode;
  }

  /**
   * Makes a confirmed coin for somebody, in a block of its own: the mempool stays as it is.
   * @param amount satoshis
   * @throws DevChainError `usage`, `insufficient-funds`, `closed`
   * @example
   * const coin = await chain.fund("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", 50_000n);
   * coin.height === chain.height // true
   */
  async fund(to: Receiver, amount: bigint): Promise<FundedCoin> {
    const scriptPubKey = this.scriptOf(to);
    requireAmount(amount);
    return this.#inTurn(async () => {
      const transaction = await this.#faucet.pay(
        [{ value: amount, scriptPubKey }],
        this.#feeRate(),
      );
      const { hash } = await this.#confirm(transaction);
      const { txid } = transaction;
      return { txid, vout: 0, value: amount, scriptPubKey, height: this.height, hash };
    });
  }

  /** Mines a block that has this transaction alone. */
  async #confirm(transaction: Transaction): Promise<Block> {
    const paid = transaction.outputs.reduce((sum, { value }) => sum + value, 0n);
    const fees = (await this.#valueOf(transaction)) - paid;
    const exactly = { transactions: [transaction], fees };
    return present(await this.#mineOne({ payTo: FAUCET_SCRIPT, exactly }), "a block");
  }

  async #valueOf({ inputs }: Transaction): Promise<bigint> {
    const { chain } = this.node;
    const outpoints = inputs.map(({ prevout }) => prevout);
    const coins = await chain.getCoins(outpoints);
    return outpoints.reduce((sum, outpoint, i) => {
      const coin = coins[i] ?? chain.mempool.coin(outpoint, this.height + 1);
      return sum + present(coin, "a coin of the faucet").value;
    }, 0n);
  }

  /**
   * Pays somebody by a transaction of the faucet, which waits for a block as those of others do.
   * @param amount satoshis
   * @returns its id
   * @throws DevChainError `usage`, `insufficient-funds`, `refused`, `closed`
   * @example (await chain.faucet(chain.accounts[1], 50_000n)).length // 64
   */
  async faucet(to: Receiver, amount: bigint, options: FeeOptions = {}): Promise<Txid> {
    const outputs = [{ value: amount, scriptPubKey: this.scriptOf(to) }];
    requireAmount(amount);
    const feeRate = this.#feeRate(options);
    return this.#inTurn(async () => this.#submit(await this.#faucet.pay(outputs, feeRate)));
  }

  /**
   * Pays from an account, by a transaction that it signs. Confirmed coins come first.
   * @param from an account of this chain, or its number
   * @param amount satoshis
   * @returns its id
   * @throws DevChainError `usage`, `insufficient-funds`, `refused`, `closed`
   * @example
   * const txid = await chain.send(0, chain.accounts[1], 25_000n, { feeRate: 5 });
   * chain.node.mempool.get(txid)?.transaction.outputs[0]?.value // 25_000n
   */
  async send(
    from: Account | number,
    to: Receiver,
    amount: bigint,
    options: FeeOptions = {},
  ): Promise<Txid> {
    const account = typeof from === "number" ? this.accounts[from] : from;
    if (!(account instanceof Account)) {
      const which = `from is an account, or its number below ${this.accounts.length}`;
      throw new DevChainError("usage", which);
    }
    const outputs = [{ value: amount, scriptPubKey: this.scriptOf(to) }];
    requireAmount(amount);
    const feeRate = this.#feeRate(options);
    return this.#inTurn(async () =>
      this.#submit(await accountPayment(account, outputs, feeRate, this.node.chain)),
    );
  }

  /**
   * Hands in a transaction that was made elsewhere.
   * @param transaction or its bytes, in hex or not
   * @returns its id
   * @throws DevChainError `refused` with Bitcoin Core's reason; `closed`
   */
  async submit(transaction: Transaction | Uint8Array | string): Promise<Txid> {
    const decoded = decode(transaction);
    return this.#inTurn(() => this.#submit(decoded));
  }

  async #submit(transaction: Transaction): Promise<Txid> {
    const verdict = await this.node.submit(transaction);
    if (verdict.ok) return transaction.txid;
    const { reason } = verdict;
    const data = { reason, txid: transaction.txid };
    throw new DevChainError("refused", `the transaction is refused: ${reason}`, { data });
  }

  /**
   * Satoshis that somebody has in confirmed coins.
   * @param options.unconfirmed whether what the mempool does counts as done
   * @example
   * await chain.balance(chain.accounts[0]) // 100_0000_0000n
   */
  async balance(
    of: Receiver,
    { unconfirmed = false }: { readonly unconfirmed?: boolean } = {},
  ): Promise<bigint> {
    if (unconfirmed) return (await this.coins(of)).reduce((sum, { coin }) => sum + coin.value, 0n);
    const scriptPubKey = this.scriptOf(of);
    let sum = 0n;
    for await (const { coin } of this.node.chain.unspentByScript(scriptPubKey)) sum += coin.value;
    return sum;
  }

  /** The coins of somebody that the mempool does not spend; those in the mempool come last. */
  async coins(of: Receiver): Promise<readonly DevCoin[]> {
    return coinsOf([this.scriptOf(of)], this.node.chain);
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
    this.#needOpen();
    this.#clock.moveTo(time * 1000);
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

  /** Seconds between the blocks from now on, to which the clock moves; `undefined`: the clock says. */
  setBlockInterval(interval: Seconds | undefined): void {
    if (interval !== undefined) requireInteger(interval, "interval", 0, MAX_INTERVAL);
    this.#needOpen();
    this.#interval = interval;
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
    this.#needOpen();
    const stream = new Stream<Value>(() => {
      unsubscribe();
      this.#streams.delete(stream);
    });
    const unsubscribe = listen((value) => stream.push(value));
    this.#streams.add(stream);
    return stream;
  }

  /** Resolves when all that was asked for is done, blocks included that are mined at once for what has come. */
  async settled(): Promise<void> {
    let last: unknown;
    while (last !== this.#last) {
      last = this.#last;
      await this.#last;
      await this.#automining.settled();
    }
  }

  /** Adds to `doors`; it is closed with the chain. */
  addDoor(name: string, door: { readonly url: string; readonly close: () => Promise<void> }): void {
    this.#doors.set(name, door);
  }

  /** Base units for 1,000 virtual bytes. */
  #feeRate({ feeRate }: FeeOptions = {}): bigint {
    const { mempool, now } = this.node.chain;
    const least = mempool.minFeeRate(now);
    if (feeRate === undefined) return 2n * least > 2000n ? 2n * least : 2000n;
    requireNumber(feeRate, "options.feeRate");
    if (feeRate >= 0 && feeRate <= MAX_FEE_RATE) return BigInt(Math.round(feeRate * 1000));
    throw new DevChainError(
      "usage",
      `feeRate is in satoshis for a virtual byte, up to ${MAX_FEE_RATE}`,
    );
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#needOpen();
    const next = this.#last.then(act);
    this.#last = next.catch(() => {});
    return next;
  }

  #needOpen(): void {
    if (this.#closing !== undefined) throw new DevChainError("closed", "the chain is closed");
  }

  /** Ends it, with all that waits for it. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#automining.close();
    await this.#last;
    for (const stream of [...this.#streams]) stream.end();
    for (const door of [...this.#doors.values()].reverse()) await door.close();
    this.#faucet.close();
    await this.node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function requireAmount(amount: unknown): asserts amount is bigint {
  if (typeof amount === "bigint" && amount > 0n && amount <= MAX_MONEY) return;
  const shown = typeof amount === "bigint" ? `${amount}` : typeof amount;
  throw new DevChainError("usage", `an amount is a bigint of satoshis above 0, not ${shown}`);
}

function decode(transaction: Transaction | Uint8Array | string): Transaction {
  if (transaction instanceof Transaction) return transaction;
  const bytes = typeof transaction === "string" ? hexToBytes(transaction) : transaction;
  if (!isBytes(bytes)) throw new DevChainError("usage", "a transaction, its bytes or its hex");
  return Transaction.fromBytes(bytes);
}
