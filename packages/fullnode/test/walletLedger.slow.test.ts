/** A wallet of ours beside one of Bitcoin Knots with the same descriptors, over a story on Knots' chain. */
import { bytesToHex, regtest, Transaction, type Txid } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { ACCOUNT_KINDS } from "@chain/wallet/accounts";
import { describe, expect, test } from "vitest";
import { CoreNode, versionOf } from "./support/coreNode.ts";
import { WalletPair } from "./support/walletPair.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const SEED = Number(process.env["WALLET_SEED"] ?? 1);
const STEPS = Number(process.env["WALLET_STEPS"] ?? 60);
/** Nobody's address. */
const NOBODY = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202";
const OTHER = "other";

class Story {
  readonly pair: WalletPair;
  readonly rng: Rng;
  readonly told: string[] = [];
  /** Payments that another one replaced, as they were. */
  readonly #replaced: string[] = [];

  constructor(pair: WalletPair, seed: number) {
    this.pair = pair;
    this.rng = new Rng(seed);
  }

  other<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.pair.node.ask(OTHER, method, ...params);
  }

  kind() {
    return ACCOUNT_KINDS[this.rng.below(ACCOUNT_KINDS.length)] ?? "bech32";
  }

  /** A new address, which both wallets give. */
  async address(): Promise<string> {
    const kind = this.kind();
    const label = `n${this.rng.below(9)}`;
    const given = this.pair.ledger.newAddress(kind, { label });
    expect(await this.pair.own("getnewaddress", label, kind)).toBe(given.ok && given.address);
    return given.ok ? given.address : "";
  }

  async begin(): Promise<void> {
    const { node } = this.pair;
    await this.pair.open();
    await node.call("createwallet", OTHER);
    for (let i = 0; i < 3; i++) await node.mine(1, await this.address());
    await node.mine(6, await this.other("getnewaddress"));
    await node.mine(100, NOBODY);
    await this.pair.follow();
  }

  async step(): Promise<void> {
    const acts = [
      ...[this.#mine, this.#mine, this.#payIn, this.#payOut, this.#payOut, this.#bump],
      ...[this.#bumpTheirs, this.#mineReplaced, this.#reorganise, this.#lock, this.#abandon],
      this.#payAddressAgain,
    ];
    const act = acts[this.rng.below(acts.length)] ?? this.#mine;
    this.told.push(act.name);
    await this.pair.pass(this.rng.below(500));
    await act.call(this);
    await this.pair.follow();
  }

  async #mine(): Promise<void> {
    const isOurs = this.rng.below(3) === 0;
    await this.pair.node.mine(1, isOurs ? await this.address() : NOBODY);
  }

  async #payIn(): Promise<void> {
    await this.#try(this.other("sendtoaddress", await this.address(), 1 + this.rng.below(5)));
  }

  /** To an address that was paid before. */
  async #payAddressAgain(): Promise<void> {
    const [coin] = this.pair.ledger.coins({ includeReused: true, includeUnsafe: true });
    const [entry] = await this.pair.own<{ address: string }[]>("listunspent", 0);
    if (coin === undefined || entry === undefined) return;
    await this.#try(this.other("sendtoaddress", entry.address, 0.5));
  }

  async #payOut(): Promise<void> {
    const to = this.rng.below(4) === 0 ? await this.address() : await this.other("getnewaddress");
    const paid = await this.#try(
      this.pair.own<string>("sendtoaddress", to, 1 + this.rng.below(20), "rent", "Bob"),
    );
    if (paid !== undefined) await this.#commit(paid);
  }

  /** Core has taken it before the mempool did, and its change came from the keypool. */
  async #commit(txid: string, replaces?: string): Promise<void> {
    const { ledger } = this.pair;
    // Not from the mempool, which may have refused it.
    const { hex } = await this.pair.own<{ hex: string }>("gettransaction", txid);
    const transaction = Transaction.fromHex(hex);
    ledger.commit(transaction, replaces === undefined ? {} : { replaces: replaces as Txid });
  }

  async #bump(): Promise<void> {
    const { ledger } = this.pair;
    const old = ledger.transactions().filter(({ txid, state, notes }) => {
      return state.type === "mempool" && ledger.isFromMe(txid) && notes.replacedBy === undefined;
    });
    const { txid } = old[this.rng.below(Math.max(1, old.length))] ?? {};
    if (txid === undefined) return;
    const before = await this.pair.raw(txid);
    const bumped = await this.#try(this.pair.own<{ txid: string }>("bumpfee", txid));
    if (bumped === undefined) return;
    this.#replaced.push(bytesToHex(before.toBytes()));
    await this.#commit(bumped.txid, txid);
  }

  async #bumpTheirs(): Promise<void> {
    const pool = await this.pair.node.call<string[]>("getrawmempool");
    const txid = pool[this.rng.below(Math.max(1, pool.length))];
    if (txid === undefined) return;
    const before = await this.pair.raw(txid);
    const bumped = await this.#try(this.other("bumpfee", txid));
    if (bumped !== undefined) this.#replaced.push(bytesToHex(before.toBytes()));
  }

  /** A block with a payment that was replaced: its replacement is in conflict with it. */
  async #mineReplaced(): Promise<void> {
    const raw = this.#replaced.pop();
    if (raw === undefined) return;
    await this.#try(this.pair.node.call("generateblock", NOBODY, [raw]));
  }

  async #reorganise(): Promise<void> {
    const { node } = this.pair;
    const depth = 1 + this.rng.below(3);
    const hash = await node.call("getblockhash", (await node.height()) - depth + 1);
    await node.call("invalidateblock", hash);
    // Looked at in between, or only when the other branch is there.
    if (this.rng.below(2) === 0) {
      await this.pair.follow();
      await this.pair.compare();
    }
    if (this.rng.below(3) === 0) await node.call("reconsiderblock", hash);
    else if (this.rng.below(2) === 0) await node.call("generateblock", NOBODY, []);
    else await node.mine(depth + 1, NOBODY);
  }

  async #lock(): Promise<void> {
    const { ledger } = this.pair;
    const [locked] = ledger.lockedCoins();
    if (locked !== undefined && this.rng.below(2) === 0) {
      await this.pair.own("lockunspent", true, [locked]);
      expect(ledger.unlockCoin(locked)).toBe(true);
      return;
    }
    const coins = ledger.coins({ includeUnsafe: true });
    const coin = coins[this.rng.below(Math.max(1, coins.length))];
    if (coin === undefined || coins.length < 3) return;
    await this.pair.own("lockunspent", false, [coin.outpoint]);
    ledger.lockCoin(coin.outpoint);
  }

  async #abandon(): Promise<void> {
    const { ledger } = this.pair;
    for (const { txid } of ledger.transactions()) {
      if (!ledger.canAbandon(txid)) continue;
      await this.pair.own("abandontransaction", txid);
      expect(ledger.abandon(txid)).toBe(true);
      return;
    }
  }

  /** Lets a refusal of a wallet pass (too few coins, a payment that can't be replaced): then there was no step. */
  async #try<Result>(asked: Promise<Result>): Promise<Result | undefined> {
    try {
      return await asked;
    } catch (error) {
      this.told.push(String(error).slice(0, 120));
      return undefined;
    }
  }
}

describe.skipIf(version === undefined)(`bitcoind ${version ?? "(missing)"}`, () => {
  test.each([false, true])(
    "a wallet of ours agrees with its own, avoidReuse %s",
    async (reuse) => {
      const node = await CoreNode.start(daemon, ...WalletPair.flags);
      const story = new Story(new WalletPair(node, reuse), SEED + (reuse ? 1 : 0));
      await story.begin();
      await story.pair.compare();
      const hasConflict = () =>
        story.pair.ledger.transactions().some(({ state }) => state.type === "block-conflicted");
      // Ids differ in each run, and with them the payments that are replaced: it goes on until a block had one.
      for (let i = 0; i < STEPS || (!hasConflict() && i < 5 * STEPS); i++) {
        await story.step();
        try {
          await story.pair.compare();
        } catch (error) {
          throw new TypeError(`step ${i} of seed ${SEED}: ${story.told.join(", ")}`, {
            cause: error,
          });
        }
      }
      expect(hasConflict()).toBe(true);
    },
    300_000,
  );
});
