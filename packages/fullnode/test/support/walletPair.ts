/** A wallet of ours and one of bitcoind with the same descriptors, on bitcoind's chain. */
import { Block, type BlockHash, bytesToHex, regtest, Transaction } from "@chain/core";
import { ExtendedKey, inferDescriptor } from "@chain/wallet/descriptors";
import { type LedgerChange, WalletLedger, type WalletTransaction } from "@chain/wallet/ledger";
import { expect } from "vitest";
import type { CoreNode } from "./coreNode.ts";

const KEYPOOL = 20;
const OWN = "own";

interface TransactionAnswer {
  readonly confirmations: number;
  readonly blockheight?: number;
  readonly blockindex?: number;
  readonly time: number;
  readonly timereceived: number;
  readonly trusted?: boolean;
  readonly walletconflicts: readonly string[];
  readonly mempoolconflicts: readonly string[];
  readonly replaces_txid?: string;
  readonly replaced_by_txid?: string;
  readonly amount: number;
  readonly fee?: number;
  readonly details: readonly { readonly abandoned: boolean }[];
}

interface BalanceAnswer {
  readonly trusted: number;
  readonly untrusted_pending: number;
  readonly immature: number;
  readonly used?: number;
}

interface DescriptorAnswer {
  readonly desc: string;
  readonly active: boolean;
  readonly internal?: boolean;
  readonly range: readonly [number, number];
  readonly next_index: number;
  readonly timestamp: number;
}

const base = (amount: number): bigint => BigInt(Math.round(amount * 1e8));

export class WalletPair {
  readonly node: CoreNode;
  readonly ledger: WalletLedger;
  time = 1_700_000_000;
  #mempool = new Map<string, Transaction>();

  constructor(node: CoreNode, avoidReuse: boolean) {
    this.node = node;
    this.ledger = WalletLedger.create({
      ...{ params: regtest, now: () => this.time, keypoolSize: KEYPOOL, avoidReuse },
      master: ExtendedKey.fromSeed(new Uint8Array(32).fill(9), regtest),
    });
  }

  static readonly flags: readonly string[] = [
    ...[`-keypool=${KEYPOOL}`, "-fallbackfee=0.0001", "-txindex"],
  ];

  async open(): Promise<void> {
    const { node, ledger } = this;
    await this.pass(0);
    const avoidReuse = ledger.hasFlag("avoidReuse");
    await node.call("createwallet", OWN, false, true, "", avoidReuse);
    const requests = ledger.descriptors().map(({ id, active, timestamp }) => ({
      ...{ desc: ledger.privateText(id), active: true, internal: active?.internal },
      timestamp,
    }));
    await this.own("importdescriptors", requests);
    await this.follow();
  }

  own<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.node.ask(OWN, method, ...params);
  }

  /** Lets time pass for both. */
  async pass(seconds: number): Promise<void> {
    this.time += seconds;
    await this.node.call("setmocktime", this.time);
  }

  async raw(txid: string): Promise<Transaction> {
    return Transaction.fromHex(await this.node.call("getrawtransaction", txid));
  }

  /** Hands ours what has happened at bitcoind since the last time. */
  async follow(): Promise<void> {
    const { node, ledger } = this;
    await node.call("syncwithvalidationinterfacequeue");
    const changes: LedgerChange[] = [];
    const { gone, connected, end } = await this.#branches();
    changes.push(...gone);
    const blocks = connected.map(({ block }) => block);
    const now = await this.#mempoolNow();
    for (const [txid, transaction] of this.#mempool) {
      if (now.has(txid)) continue;
      changes.push({ type: "transaction-removed", transaction, why: whyGone(transaction, blocks) });
    }
    changes.push(...connected);
    for (const [txid, transaction] of now) {
      if (!this.#mempool.has(txid)) changes.push({ type: "transaction-added", transaction });
    }
    this.#mempool = now;
    ledger.apply(changes, end);
  }

  async #branches() {
    const { node, ledger } = this;
    const gone: LedgerChange[] = [];
    let { hash, height } = ledger.tip ?? { hash: "" as BlockHash, height: -1 };
    for (; height >= 0; height--) {
      const { confirmations } = await node.call<{ confirmations: number }>("getblockheader", hash);
      if (confirmations > 0) break;
      const block = Block.fromHex(await node.call("getblock", hash, 0));
      gone.push({ type: "block-disconnected", block, hash, height });
      hash = block.header.previousHash;
    }
    const connected: (LedgerChange & {
      readonly type: "block-connected" | "block-disconnected";
    })[] = [];
    const tip = await node.height();
    while (height < tip) {
      height++;
      hash = await node.call<BlockHash>("getblockhash", height);
      const block = Block.fromHex(await node.call("getblock", hash, 0));
      connected.push({ type: "block-connected", block, hash, height });
    }
    return { gone, connected, end: { hash, height } };
  }

  /** Parents first. */
  async #mempoolNow(): Promise<Map<string, Transaction>> {
    const entries = await this.node.call<Record<string, { ancestorcount: number }>>(
      "getrawmempool",
      true,
    );
    const ids = Object.entries(entries).sort(([, a], [, b]) => a.ancestorcount - b.ancestorcount);
    const now = new Map<string, Transaction>();
    for (const [txid] of ids) now.set(txid, this.#mempool.get(txid) ?? (await this.raw(txid)));
    return now;
  }

  /** All that both tell of their balances, coins and transactions. */
  async compare(): Promise<void> {
    const { ledger } = this;
    const told = await this.own<{ mine: BalanceAnswer }>("getbalances");
    const { trusted, untrustedPending, immature, used } = ledger.balances();
    expect({ trusted, untrusted_pending: untrustedPending, immature, used }).toEqual({
      ...{ trusted: base(told.mine.trusted), immature: base(told.mine.immature) },
      untrusted_pending: base(told.mine.untrusted_pending),
      used: told.mine.used === undefined ? undefined : base(told.mine.used),
    });
    await this.#compareDescriptors();
    await this.#compareCoins();
    await this.#compareTransactions();
  }

  async #compareDescriptors(): Promise<void> {
    const told = await this.own<{ descriptors: DescriptorAnswer[] }>("listdescriptors");
    const ours = this.ledger.descriptors().map(({ text, active, range, next, timestamp }) => ({
      ...{ desc: text, active: active !== undefined, internal: active?.internal },
      ...{ range: [range.start, range.end - 1], next_index: next, timestamp },
    }));
    const byText = (a: { desc: string }, b: { desc: string }) => (a.desc < b.desc ? -1 : 1);
    const theirs = told.descriptors.map(
      ({ desc, active, internal, range, next_index, timestamp }) => ({
        ...{ desc, active, internal, range, next_index, timestamp },
      }),
    );
    expect(ours.sort(byText)).toEqual(theirs.sort(byText));
  }

  async #compareCoins(): Promise<void> {
    const { ledger } = this;
    const locked = await this.own<{ txid: string; vout: number }[]>("listlockunspent");
    const name = ({ txid, vout }: { txid: string; vout: number }) => `${txid}:${vout}`;
    expect(ledger.lockedCoins().map(name).sort()).toEqual(locked.map(name).sort());
    const theirs = await this.own<Record<string, unknown>[]>("listunspent", 0, 9999999, [], true);
    const ours = ledger.coins({ includeUnsafe: true, includeReused: true }).map((coin) => ({
      ...{ txid: coin.outpoint.txid, vout: coin.outpoint.vout },
      ...{ amount: Number(coin.value) / 1e8, confirmations: coin.depth },
      ...{ safe: coin.isSafe, solvable: coin.isSolvable },
      ...(ledger.hasFlag("avoidReuse") ? { reused: coin.isReused } : {}),
      scriptPubKey: bytesToHex(coin.scriptPubKey),
      label: ledger.addressEntry(coin.scriptPubKey)?.label,
      parent_descs: [coin.owner.descriptor.descriptor.toString()],
      desc: inferDescriptor(
        ...([coin.scriptPubKey, regtest, ledger.provider([coin.scriptPubKey], false)] as const),
      ).toString(),
    }));
    const sort = (list: readonly object[]) =>
      list
        .map((each) => ({ ...each }))
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const fields = Object.keys(ours[0] ?? {});
    const picked = theirs.map((coin) => Object.fromEntries(fields.map((key) => [key, coin[key]])));
    expect(sort(ours)).toEqual(sort(picked));
  }

  async #compareTransactions(): Promise<void> {
    const { ledger } = this;
    const listed = await this.own<{ txid: string }[]>("listtransactions", "*", 100_000, 0);
    const order = [...new Set(listed.map(({ txid }) => txid))];
    const ours = ledger.transactions().map(({ txid }) => txid as string);
    // Core lists only those with an entry of its own: not one that pays from change to change.
    expect(ours.filter((txid) => order.includes(txid))).toEqual(order);
    for (const transaction of ledger.transactions()) {
      const answer = await this.own<TransactionAnswer>("gettransaction", transaction.txid);
      expect(this.#described(transaction), transaction.txid).toEqual({
        ...{ confirmations: answer.confirmations, height: answer.blockheight },
        ...{ index: answer.blockindex, time: answer.time, received: answer.timereceived },
        ...{ trusted: answer.trusted, conflicts: [...answer.walletconflicts].sort() },
        mempoolConflicts: [...answer.mempoolconflicts].sort(),
        ...{ replaces: answer.replaces_txid, replacedBy: answer.replaced_by_txid },
        ...{
          amount: base(answer.amount),
          fee: answer.fee === undefined ? undefined : base(answer.fee),
        },
        abandoned: answer.details.some(({ abandoned }) => abandoned),
      });
    }
  }

  #described({ txid, state, notes, time, timeReceived, mempoolConflicts }: WalletTransaction) {
    const { ledger } = this;
    const { debit, credit, fee } = ledger.amounts(txid);
    const isImmature = ledger.blocksToMaturity(txid) > 0;
    const depth = ledger.depth(txid);
    return {
      ...{ confirmations: depth, height: state.type === "confirmed" ? state.height : undefined },
      index: state.type === "confirmed" ? state.index : undefined,
      ...{
        time,
        received: timeReceived,
        trusted: depth <= 0 ? ledger.isTrusted(txid) : undefined,
      },
      conflicts: [...ledger.conflicts(txid)].sort(),
      mempoolConflicts: [...mempoolConflicts].sort(),
      ...{ replaces: notes.replaces, replacedBy: notes.replacedBy },
      amount: (isImmature ? 0n : credit) - debit + (fee ?? 0n),
      fee: fee === undefined ? undefined : -fee,
      abandoned: state.type === "inactive" && state.abandoned,
    };
  }
}

function whyGone({ txid, inputs }: Transaction, blocks: readonly Block[]): string {
  const mined = blocks.flatMap(({ transactions }) => transactions);
  if (mined.some((each) => each.txid === txid)) return "block";
  const spent = new Set(
    mined.flatMap((each) => each.inputs.map(({ prevout }) => `${prevout.txid}:${prevout.vout}`)),
  );
  const clashes = inputs.some(({ prevout }) => spent.has(`${prevout.txid}:${prevout.vout}`));
  return clashes ? "conflict" : "replaced";
}
