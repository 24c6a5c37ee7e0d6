import { regtest, type Transaction, type TxOutput } from "@chain/core";
import { expect } from "vitest";
import { accountDescriptors } from "../../src/accounts.ts";
import type { WalletLedger } from "../../src/ledger/ledger.ts";
import { Host, master, NOW } from "./support.ts";
import { Twin } from "./twin.ts";
import { foreign, MATURITY, World } from "./world.ts";

const { receive, change } = accountDescriptors(master, { kind: "bech32", params: regtest });

/** A ledger, the world whose events it is handed, and the twin that looks at the world itself. */
export class Story {
  readonly world: World = new World();
  readonly #host = new Host(MATURITY);
  readonly #avoidReuse: boolean;
  readonly scripts: Uint8Array[] = [];
  ledger: WalletLedger;
  readonly twin: Twin;

  constructor(avoidReuse: boolean) {
    this.#avoidReuse = avoidReuse;
    this.ledger = this.#host.create({ blank: true, avoidReuse });
    for (const descriptor of [receive, change]) {
      const internal = descriptor === change;
      this.ledger.addDescriptor(descriptor, { active: true, internal, timestamp: NOW });
    }
    for (let i = 0; i < 4; i++) {
      const given = this.ledger.newAddress("bech32", { internal: i % 2 === 1 });
      if (!given.ok) expect.unreachable(given.reason);
      this.scripts.push(given.script);
    }
    const mine = new Set(this.scripts.map(String));
    this.twin = new Twin(this.world, (script) => mine.has(String(script)));
  }

  own(n: number): Uint8Array {
    return this.scripts[n % this.scripts.length] as Uint8Array;
  }

  hand(): void {
    const changes = this.world.takeChanges();
    for (const change of changes) {
      const seen = "block" in change ? change.block.transactions : [change.transaction];
      for (const transaction of seen) this.twin.see(transaction);
    }
    this.twin.settle();
    this.ledger.apply(changes, this.world.tip);
  }

  reload(): void {
    this.ledger = this.#host.reload(this.ledger);
    for (const transaction of this.world.mempool) {
      this.world.changes.push({ type: "transaction-added", transaction });
    }
    this.hand();
  }

  /** A payment of so many coins, to the wallet and to others. */
  payment(a: number, b: number, options?: { withMempool: boolean }): Transaction | undefined {
    const coins = this.world.coins(options);
    if (coins.length === 0) return undefined;
    const inputs = [coins[a % coins.length], coins[b % coins.length]].slice(0, 1 + (b % 2));
    const chosen = [...new Set(inputs)].flatMap((coin) => coin ?? []);
    const total = chosen.reduce((sum, { output }) => sum + output.value, 0n);
    const outputs: TxOutput[] = [
      { value: total / 3n, scriptPubKey: a % 3 === 0 ? foreign(a) : this.own(a) },
      { value: total / 2n, scriptPubKey: b % 3 === 0 ? this.own(b) : foreign(b) },
    ];
    return this.world.make(chosen, outputs);
  }

  step(kind: number, a: number, b: number): void {
    const { world, twin } = this;
    switch (kind) {
      case 0:
      case 1:
        world.mine(world.mempool.slice(0, a % 4), b % 2 === 0 ? this.own(a) : foreign(a));
        break;
      case 2:
      case 3: {
        const payment = this.payment(a, b);
        if (payment === undefined) return;
        if (b % 2 === 0 && world.mempool.length > 0) this.commit(payment);
        world.accept(payment);
        break;
      }
      case 4: {
        // Another version of an unconfirmed payment takes its place, in the mempool or in a block.
        const old = world.mempool[a % Math.max(1, world.mempool.length)];
        const coin = old?.inputs[0]?.prevout;
        const at = world
          .coins({ withMempool: false })
          .find(({ outpoint }) => outpoint.txid === coin?.txid && outpoint.vout === coin.vout);
        if (old === undefined || at === undefined) return;
        const scriptPubKey = b % 2 === 0 ? this.own(b) : foreign(b);
        const other = world.make([at], [{ value: at.output.value / 2n, scriptPubKey }]);
        if (b % 4 < 2) {
          world.remove(({ txid }) => txid === old.txid, "replaced");
          world.accept(other);
        } else world.mine([other], foreign(b));
        break;
      }
      case 5: {
        const gone = world.mempool[a % Math.max(1, world.mempool.length)];
        world.remove(({ txid }) => txid === gone?.txid, "size-limit");
        break;
      }
      case 6:
        for (let n = 1 + (a % 3); n > 0; n--) {
          const coinbase = world.chain.at(-1)?.block.transactions[0];
          world.disconnect((i) => (b + i) % 3 !== 0);
          if (coinbase !== undefined) twin.coinbaseGone(coinbase.txid);
        }
        break;
      case 7: {
        const txid = [...twin.known.keys()][a % Math.max(1, twin.known.size)];
        if (txid === undefined) return;
        expect(this.ledger.canAbandon(txid)).toBe(twin.canAbandon(txid));
        if (this.ledger.abandon(txid)) twin.abandon(txid);
        break;
      }
      default:
        this.reload();
    }
    this.hand();
  }

  commit(payment: Transaction): void {
    if (this.twin.hasRival(payment)) {
      expect(() => this.ledger.commit(payment)).toThrow("is spent by transaction");
      return;
    }
    this.ledger.commit(payment);
    this.twin.known.set(payment.txid, payment);
  }

  compare(): void {
    const { ledger, twin } = this;
    expect(ledger.transactions().map(({ txid }) => txid)).toEqual([...twin.known.keys()]);
    for (const { txid, state, mempoolConflicts } of ledger.transactions()) {
      expect([txid, state]).toEqual([txid, twin.state(txid)]);
      expect([...mempoolConflicts].sort()).toEqual(twin.mempoolConflicts(txid).sort());
      expect(ledger.depth(txid)).toBe(twin.depth(txid));
      expect(ledger.isTrusted(txid)).toBe(twin.isTrusted(txid));
    }
    for (const minDepth of [0, 1, 2]) {
      expect(ledger.balances(minDepth)).toEqual(twin.balances(minDepth, this.#avoidReuse));
    }
    const all = { includeUnsafe: true, includeImmature: true, includeReused: true };
    const coins = ledger.coins(all).map((coin) => ({
      ...{ name: `${coin.outpoint.txid}:${coin.outpoint.vout}`, value: coin.value },
      ...{ depth: coin.depth, isTrusted: coin.isSafe, isImmature: coin.isImmature },
      isReused: this.#avoidReuse ? coin.isReused : undefined,
    }));
    const expected = twin
      .coins()
      .flatMap(({ type, ...coin }) =>
        coin.depth > 0 || type === "mempool"
          ? { ...coin, isReused: this.#avoidReuse ? coin.isReused : undefined }
          : [],
      );
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(coins.sort(byName)).toEqual(expected.sort(byName));
  }
}

/** Kind of a step, and two numbers that choose what it does. */
export type Step = readonly [number, number, number];

export function tell(steps: readonly Step[], avoidReuse: boolean): Story {
  const story = new Story(avoidReuse);
  for (let i = 0; i < MATURITY + 2; i++) story.world.mine([], story.own(i));
  story.hand();
  for (const [kind, a, b] of steps) {
    story.step(kind, a, b);
    story.compare();
  }
  story.reload();
  story.compare();
  return story;
}
