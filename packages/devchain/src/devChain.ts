import {
  type Block,
  hexToBytes,
  MAX_MONEY,
  type OutpointKey,
  type Seconds,
  Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import {
  isBytes,
  present,
  requireFields,
  requireInteger,
  requireOptions,
} from "@chain/core/arguments";
import { type ChainMoment, InProcessSearch } from "@chain/engine";
import { systemClock, systemTimers } from "@chain/fullnode";
import { Account } from "./accounts.ts";
import { type Automine, Automining, checkAutomine } from "./automine.ts";
import { ChainBase } from "./base.ts";
import type { ClockState } from "./clock.ts";
import { type DumpedState, dumpState, loadState } from "./dump.ts";
import { DevChainError } from "./errors.ts";
import { FAUCET_SCRIPT, Faucet } from "./faucet.ts";
import { BlockMaker, type BlockOrder } from "./miner.ts";
import { accountPayment, coinsOf, type DevCoin, unsignedSpend } from "./payments.ts";
import { type Reorganisation, reorganise } from "./reorg.ts";
import type { DevChainParts, FeeOptions, FundedCoin, MineOptions, Receiver } from "./types.ts";
import type { Waivers } from "./waivers.ts";

const MAX_BLOCKS = 100_000;
/** A year. */
const MAX_INTERVAL: Seconds = 31_536_000;

/** How the last blocks are replaced. */
export interface ReorgOptions {
  /** How many blocks are replaced. */
  readonly depth: number;
  /** Ids of transactions that vanish: they are not in the new blocks, and do not wait again. */
  readonly drop?: readonly string[];
  /** Ids of transactions that are not in the new blocks and wait again; `all`: those of all blocks. */
  readonly unconfirm?: readonly string[] | "all";
  /** Transactions, also as bytes or hex, that take the place of those with these ids. */
  readonly replace?: Readonly<Record<string, Transaction | Uint8Array | string>>;
  /** Receiver of the rewards. Default: the faucet. */
  readonly to?: Receiver;
}

interface Snapshot {
  readonly moment: ChainMoment;
  readonly clock: ClockState;
}

/**
 * Bitcoin's regtest in this process, for tests and development; `createDevChain` makes one. Calls are carried out one
 * after the other, in the order in which they came.
 * @example
 * const waiting = await chain.send(0, chain.accounts[1], 25_000n);
 * await chain.mine();
 * chain.node.mempool.get(waiting) // undefined
 */
export class DevChain extends ChainBase {
  readonly #maker: BlockMaker;
  readonly #faucet: Faucet;
  readonly #automining: Automining;
  readonly #waivers: Waivers;
  readonly #onClose: DevChainParts["onClose"];
  readonly #snapshots = new Map<number, Snapshot>();
  #snapshotCount = 0;
  #interval: Seconds | undefined;

  constructor(parts: DevChainParts) {
    super(parts);
    const { node, clock, waivers } = parts;
    this.#waivers = waivers;
    this.#onClose = parts.onClose;
    this.#faucet = new Faucet(node.chain);
    this.#maker = new BlockMaker({
      ...{ chain: node.chain, clock, search: new InProcessSearch(systemClock, systemTimers) },
      clockMoved: () => node.node.clockSet(),
    });
    this.#automining = new Automining(node.chain, () => this.mine());
  }

  /** Mines the block that gives the accounts their funds. */
  begin(outputs: readonly TxOutput[]): Promise<Block | undefined> {
    return this.inTurn(async () => {
      if (outputs.length === 0) return this.#mineOne({ payTo: FAUCET_SCRIPT });
      return this.#confirm(await this.#faucet.pay(outputs, this.feeRateOf()));
    });
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
    return this.inTurn(async () => {
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
    return this.inTurn(() => this.#mineOne(order));
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
    this.needOpen();
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
    return this.inTurn(async () => {
      const transaction = await this.#faucet.pay(
        [{ value: amount, scriptPubKey }],
        this.feeRateOf(),
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
    const feeRate = this.feeRateOf(options);
    return this.inTurn(async () => this.#submit(await this.#faucet.pay(outputs, feeRate)));
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
    const feeRate = this.feeRateOf(options);
    return this.inTurn(async () =>
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
    return this.inTurn(() => this.#submit(decoded));
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
  async balance(of: Receiver, options: { readonly unconfirmed?: boolean } = {}): Promise<bigint> {
    if (options.unconfirmed === true)
      return (await this.coins(of)).reduce((sum, { coin }) => sum + coin.value, 0n);
    const scriptPubKey = this.scriptOf(of);
    let sum = 0n;
    for await (const { coin } of this.node.chain.unspentByScript(scriptPubKey)) sum += coin.value;
    return sum;
  }

  /** The coins of somebody that the mempool does not spend; those in the mempool come last. */
  async coins(of: Receiver): Promise<readonly DevCoin[]> {
    return coinsOf([this.scriptOf(of)], this.node.chain);
  }

  /** Seconds between the blocks from now on, to which the clock moves; `undefined`: the clock says. */
  setBlockInterval(interval: Seconds | undefined): void {
    if (interval !== undefined) requireInteger(interval, "interval", 0, MAX_INTERVAL);
    this.needOpen();
    this.#interval = interval;
  }

  /** Resolves when all that was asked for is done, blocks included that are mined at once for what has come. */
  async settled(): Promise<void> {
    let last: unknown;
    while (last !== this.last) {
      last = this.last;
      await this.last;
      await this.#automining.settled();
    }
  }

  /**
   * Remembers chain, mempool and clock. It takes the same time however long the chain is.
   * @returns a number for `revert`
   * @example
   * const id = await chain.snapshot();
   * await chain.send(0, chain.accounts[1], 25_000n);
   * await chain.mine(3);
   * await chain.revert(id);
   * chain.node.mempool.count // 0
   */
  async snapshot(): Promise<number> {
    return this.inTurn(async () => {
      const moment = await this.node.chain.rewinding.moment();
      const id = ++this.#snapshotCount;
      this.#snapshots.set(id, { moment, clock: this.clock.state() });
      return id;
    });
  }

  /**
   * Goes back to a snapshot, which can be used again; those that were taken after it are gone. Blocks that have come
   * since are forgotten. It takes time in proportion to their number.
   * @throws DevChainError `usage` for a number that is none
   */
  async revert(id: number): Promise<void> {
    return this.inTurn(async () => {
      const snapshot = this.#snapshots.get(id);
      if (snapshot === undefined) throw new DevChainError("usage", `there is no snapshot ${id}`);
      await this.node.chain.rewinding.rewind(snapshot.moment);
      this.clock.restore(snapshot.clock);
      this.node.node.clockSet();
      for (const later of [...this.#snapshots.keys()]) {
        if (later > id) this.#snapshots.delete(later);
      }
    });
  }

  /**
   * Goes back by some blocks, which are forgotten with their transactions. Transactions of the mempool stay where they
   * are still valid.
   * @throws DevChainError `usage`
   * @example
   * await chain.mine(2);
   * const { height } = chain;
   * await chain.rollback(2);
   * chain.height - height // -2
   */
  async rollback(depth = 1): Promise<void> {
    requireInteger(depth, "depth", 0, this.height);
    return this.inTurn(async () => {
      const { tip, rewinding } = this.node.chain;
      const height = tip.height - depth;
      const to = present(tip.ancestor(height), "a block of the best chain");
      const first = tip.ancestor(height + 1);
      const above = ({ moment }: Snapshot) =>
        first !== undefined && moment.tip.ancestor(height + 1) === first;
      await rewinding.rollback(to, { keeps: [...this.#snapshots.values()].some(above) });
    });
  }

  /**
   * Replaces the last blocks by a branch that is longer by one block, in one step, as a chain with more work does. The
   * new blocks have the transactions of the old ones, unless it is said otherwise.
   * @throws DevChainError `usage`, `unknown-transaction`; `refused` where the branch breaks a rule: nothing has changed
   * @example
   * const txid = await chain.send(0, chain.accounts[1], 25_000n);
   * await chain.mine(2);
   * const { connected } = await chain.reorg({ depth: 2, unconfirm: [txid] });
   * connected.length // 3
   * chain.node.mempool.get(txid)?.transaction.txid === txid // true
   */
  async reorg(options: ReorgOptions): Promise<Reorganisation> {
    requireFields(options, "options", { depth: "number" });
    const { depth, drop = [], unconfirm = [], replace = {}, to } = options;
    const plan = {
      depth,
      drop: new Set(drop),
      unconfirm: unconfirm === "all" ? unconfirm : new Set(unconfirm),
      replace: new Map(Object.entries(replace).map(([txid, other]) => [txid, decode(other)])),
      payTo: to === undefined ? FAUCET_SCRIPT : this.scriptOf(to),
    };
    return this.inTurn(() => {
      return reorganise(plan, this.now, { chain: this.node.chain, maker: this.#maker });
    });
  }

  /**
   * Takes a transaction out of the mempool, with all that depend on it.
   * @returns whether it was there
   */
  async drop(txid: Txid): Promise<boolean> {
    return this.inTurn(() => this.node.chain.rewinding.drop(txid));
  }

  /** Adds satoshis to the fee that a transaction counts as paying; also before it comes. */
  async prioritise(txid: Txid, fee: bigint): Promise<void> {
    return this.inTurn(() => this.node.chain.prioritiseTransaction(txid, fee));
  }

  /**
   * Pays from the coins of anybody, without a signature: this chain takes the transaction all the same, and from then on
   * other nodes refuse its blocks.
   * @throws DevChainError `usage`, `insufficient-funds`, `refused`
   * @example
   * const rich = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
   * await chain.fund(rich, 50_000n);
   * (await chain.spendAs(rich, chain.accounts[0], 40_000n)).length // 64
   */
  async spendAs(
    of: Receiver,
    to: Receiver,
    amount: bigint,
    options: FeeOptions = {},
  ): Promise<Txid> {
    const from = this.scriptOf(of);
    const outputs = [{ value: amount, scriptPubKey: this.scriptOf(to) }];
    requireAmount(amount);
    const feeRate = this.feeRateOf(options);
    return this.inTurn(async () => {
      const transaction = await unsignedSpend(from, outputs, feeRate, this.node.chain);
      this.#waivers.add(transaction.inputs.map(({ prevout }) => prevout));
      return this.#submit(transaction);
    });
  }

  /**
   * The whole chain as text: blocks, mempool, clock. `createDevChain({ state })` goes on with it.
   * @example
   * const state = await chain.dump();
   * const again = await createDevChain({ state });
   * again.tip.hash === chain.tip.hash // true
   * await again.close();
   */
  async dump(): Promise<string> {
    return this.inTurn(() => this.#dump());
  }

  #dump(): Promise<string> {
    const { mnemonic, accounts, clock } = this;
    return dumpState(this.node, {
      ...{ mnemonic, accounts: accounts.length, clock: clock.state() },
      ...{ blockInterval: this.#interval, feeRate: this.fees.rate },
      waivers: this.#waivers.list(),
    });
  }

  protected async finish(): Promise<void> {
    await this.#onClose?.(await this.#dump());
  }

  /** Takes over what `dump` wrote. */
  load(state: DumpedState): Promise<void> {
    return this.inTurn(async () => {
      this.#waivers.restore(state.waivers as OutpointKey[]);
      await loadState(this.node, state);
    });
  }

  protected ending(): void {
    this.#automining.close();
    this.#faucet.close();
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
