import {
  Block,
  type Coin,
  CoinsOverlay,
  CoreError,
  checkTxInputs,
  connectBlock,
  decodeUndo,
  disconnectBlock,
  encodeUndo,
  type LocatedCoin,
  MAX_MONEY,
  mainnet,
  type Outpoint,
  outpointKey,
  outputsOf,
  prevoutsOf,
  Transaction,
  type Txid,
} from "@chain/core";
import {
  accepted,
  easyDevnet,
  MINER,
  payment,
  summary,
  TestChain,
  testKey,
} from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const params = easyDevnet();

/** All coins in the order of their outpoints, bytes and all. */
function dump(coins: Iterable<LocatedCoin>): string[] {
  return [...coins]
    .map(({ outpoint, coin }) => {
      const script = Array.from(coin.scriptPubKey).join(",");
      return `${outpointKey(outpoint)} ${coin.value} ${coin.height} ${coin.coinbase} ${script}`;
    })
    .sort();
}

/** A chain with some coins of MINER. */
function richChain(blocks: number): TestChain {
  const chain = new TestChain(params);
  for (let i = 0; i < blocks; i++) chain.mine();
  return chain;
}

/** Splits a coin in two, the second output to another key. */
function split(coin: LocatedCoin, to = MINER.script): Transaction {
  const half = coin.coin.value / 2n;
  return payment({
    coins: [coin],
    outputs: [
      { value: half, scriptPubKey: coin.coin.scriptPubKey },
      { value: coin.coin.value - half, scriptPubKey: to },
    ],
  });
}

/** The coin that an output of this transaction will be. */
function coinOf({ txid, outputs }: Transaction, vout: number, height: number): LocatedCoin {
  return { outpoint: { txid, vout }, coin: { ...outputs[vout]!, height, coinbase: false } };
}

describe("connectBlock", () => {
  test("hands back changes, undo data, checks and fees, and changes nothing itself", () => {
    const chain = richChain(2);
    const coin = chain.coinbaseCoin(1);
    const first = split(coin);
    const second = payment({
      coins: [coinOf(first, 0, 3)],
      outputs: [{ value: first.outputs[0]!.value - 7n, scriptPubKey: MINER.script }],
    });
    const block = chain.next({ transactions: [first, second], reward: params.initialSubsidy + 7n });
    const before = dump(chain.coins.values());
    const { changes, undo, checks, fees } = accepted(
      connectBlock(block, { parent: chain.tip, params }, chain),
    );
    expect(dump(chain.coins.values())).toEqual(before);
    expect(fees).toBe(7n);
    // A coin that the block made and spent itself is in no list of changes, but in the undo data.
    expect(changes.spent.map(({ outpoint }) => outpointKey(outpoint))).toEqual([
      outpointKey(coin.outpoint),
    ]);
    expect(changes.created.map(({ outpoint }) => outpointKey(outpoint)).sort()).toEqual(
      [`${block.transactions[0]!.txid}:0`, `${first.txid}:1`, `${second.txid}:0`].sort(),
    );
    expect(undo.map((coins) => coins.map(({ value }) => value))).toEqual([
      [coin.coin.value],
      [first.outputs[0]!.value],
    ]);
    expect(checks.map(({ spend, inputIndex }) => [spend.transaction.txid, inputIndex])).toEqual([
      [first.txid, 0],
      [second.txid, 0],
    ]);
    expect(decodeUndo(encodeUndo(undo))).toEqual(undo);
  });

  test("a coin does not keep the block's bytes alive", () => {
    const chain = richChain(1);
    const block = Block.fromBytes(chain.next().toBytes());
    const { changes } = accepted(connectBlock(block, { parent: chain.tip, params }, chain));
    const { scriptPubKey } = changes.created[0]!.coin;
    expect(block.transactions[0]!.outputs[0]!.scriptPubKey.buffer.byteLength).toBeGreaterThan(100);
    expect(scriptPubKey.buffer.byteLength).toBe(scriptPubKey.length);
  });

  test("outputs that nobody can spend never become coins", () => {
    const chain = richChain(1);
    const coin = chain.coinbaseCoin(1);
    const data = Uint8Array.of(0x6a, 1, 2);
    const outputs = [data, new Uint8Array(10_001), new Uint8Array(10_000), new Uint8Array(0)].map(
      (scriptPubKey) => ({ value: 1n, scriptPubKey }),
    );
    const transaction = payment({ coins: [coin], outputs });
    chain.mine({ transactions: [transaction] });
    const there = outputs.map(
      (_, vout) => chain.get({ txid: transaction.txid, vout }) !== undefined,
    );
    expect(there).toEqual([false, false, true, true]);
    chain.disconnect();
    expect(chain.get(coin.outpoint)).toEqual(coin.coin);
  });

  test("the genesis coinbase is a coin only where the network says so", () => {
    expect(new TestChain(params).coins.size).toBe(1);
    const bitcoin = connectBlock(
      mainnet.genesis,
      { parent: undefined, params: mainnet },
      new Map(),
    );
    expect(accepted(bitcoin).changes).toEqual({ spent: [], created: [] });
    expect(prevoutsOf(mainnet.genesis, { parent: undefined, params: mainnet })).toEqual([]);
  });

  test("an id with unspent outputs can't be made again, where that has to be watched (BIP-0030)", () => {
    const chain = richChain(1);
    const block = chain.next();
    const outpoint = { txid: block.transactions[0]!.txid, vout: 0 };
    const old: Coin = { value: 1n, scriptPubKey: MINER.script, height: 1, coinbase: true };
    const coins = { get: ({ txid }: Outpoint) => (txid === outpoint.txid ? old : undefined) };
    const deployments = { ...params.deployments, bip34: 2 };
    const watching = { ...params, deployments, bip34Hash: undefined };
    const connect = (context: typeof params) =>
      connectBlock(block, { parent: chain.tip, params: context }, coins);
    expect(summary(connect(watching))).toBe("consensus: bad-txns-BIP30");
    expect(prevoutsOf(block, { parent: chain.tip, params: watching })).toEqual([outpoint]);
    // No two coinbases are equal where each has had to name its height from the first block on.
    const distinct = { ...params, bip34Hash: undefined };
    expect(prevoutsOf(block, { parent: chain.tip, params: distinct })).toEqual([]);
    expect(prevoutsOf(block, { parent: chain.tip, params })).toEqual([]);
    // History has two blocks that did it. There the new coin takes the place of the old one.
    const excused = { ...watching, bip30Exceptions: new Map([[2, block.hash]]) };
    const { changes } = accepted(connect(excused));
    expect(changes.spent).toEqual([{ outpoint, coin: old }]);
    expect(changes.created.map(({ coin }) => coin.height)).toEqual([2]);
    expect(summary(connect({ ...excused, bip30Exceptions: new Map([[3, block.hash]]) }))).toBe(
      "consensus: bad-txns-BIP30",
    );
  });

  test("what must be read: what the block spends of others, once each", () => {
    const chain = richChain(3);
    const [a, b] = [chain.coinbaseCoin(1), chain.coinbaseCoin(2)];
    const first = split(a);
    const second = payment({
      coins: [coinOf(first, 1, 4), b],
      outputs: [{ value: 1n, scriptPubKey: MINER.script }],
    });
    const block = chain.next({ transactions: [first, second] });
    expect(prevoutsOf(block, { parent: chain.tip, params })).toEqual([a.outpoint, b.outpoint]);
    expect(outputsOf(block).map(outpointKey)).toEqual([
      `${block.transactions[0]!.txid}:0`,
      `${first.txid}:0`,
      `${first.txid}:1`,
      `${second.txid}:0`,
    ]);
  });

  test("too many signature operations, spread over transactions", () => {
    const chain = richChain(2);
    const { outpoint } = chain.coinbaseCoin(1);
    const pay = (count: number): Transaction =>
      payment({
        coins: [chain.coinbaseCoin(1)],
        outputs: [{ value: 1n, scriptPubKey: new Uint8Array(count).fill(0xac) }],
      });
    const context = { parent: chain.tip, params };
    // 20,000 may be; the output of the coinbase has one.
    expect(summary(connectBlock(chain.next({ transactions: [pay(19_999)] }), context, chain))).toBe(
      "ok",
    );
    expect(summary(connectBlock(chain.next({ transactions: [pay(20_000)] }), context, chain))).toBe(
      "consensus: bad-blk-sigops",
    );
    expect(chain.get(outpoint)).toBeDefined();
  });
});

describe("checkTxInputs", () => {
  const outpoint = { txid: "11".repeat(32) as Txid, vout: 0 };
  const other = { txid: "22".repeat(32) as Txid, vout: 1 };
  const spend = (...coins: Coin[]) => {
    const located = coins.map((coin, i) => ({ outpoint: i === 0 ? outpoint : other, coin }));
    const transaction = payment({
      coins: located,
      outputs: [{ value: 1n, scriptPubKey: MINER.script }],
    });
    const view = { get: ({ vout }: Outpoint) => coins[vout] };
    return checkTxInputs(transaction, view, 100, { coinbaseMaturity: 100 });
  };
  const coin = (value: bigint, height = 1, coinbase = false): Coin => ({
    value,
    scriptPubKey: MINER.script,
    height,
    coinbase,
  });

  test.each([
    ["fee is what is left", [coin(5n)], "ok"],
    ["coin beyond all money", [coin(MAX_MONEY + 1n)], "consensus: bad-txns-inputvalues-outofrange"],
    [
      "coins beyond all money",
      [coin(MAX_MONEY), coin(1n)],
      "consensus: bad-txns-inputvalues-outofrange",
    ],
    ["negative coin", [coin(-1n)], "consensus: bad-txns-inputvalues-outofrange"],
    ["too little", [coin(0n)], "consensus: bad-txns-in-belowout"],
    [
      "coinbase one block too young",
      [coin(5n, 1, true)],
      "premature-spend: bad-txns-premature-spend-of-coinbase",
    ],
    ["coinbase just mature", [coin(5n, 0, true)], "ok"],
  ])("%s", (_, coins, expected) => {
    const verdict = spend(...coins);
    expect(summary(verdict)).toBe(expected);
    if (verdict.ok) expect(verdict.fee).toBe(4n);
  });
});

describe("disconnectBlock", () => {
  /** Where to take coins from and how to spend them, for one transaction. */
  const plan = fc.record({
    from: fc.nat(),
    count: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 4 }),
  });

  test("undoes any block byte for byte, spends inside the block included", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(plan, { maxLength: 8 }), { minLength: 1, maxLength: 5 }),
        (blocks) => {
          const chain = richChain(4);
          const states = [dump(chain.coins.values())];
          for (const plans of blocks) {
            const height = chain.tip.height + 1;
            const pool = [...chain.coins.values()].filter(({ coin }) => coin.value > 0n);
            const transactions: Transaction[] = [];
            for (const { from, count, outputs } of plans) {
              const coins = pool.splice(from % pool.length, count);
              const total = coins.reduce((sum, { coin }) => sum + coin.value, 0n);
              if (coins.length === 0) continue;
              // No signatures: scripts are not what this is about.
              const transaction = new Transaction({
                version: 2,
                inputs: coins.map(({ outpoint }) => ({
                  prevout: outpoint,
                  scriptSig: new Uint8Array(0),
                  sequence: 0xffffffff,
                  witness: [],
                })),
                outputs: Array.from({ length: outputs }, (_, i) => ({
                  value: i === 0 ? total / 2n : i === 1 ? total / 4n : 0n,
                  scriptPubKey: i === 3 ? Uint8Array.of(0x6a) : testKey(i).script,
                })),
                lockTime: 0,
              });
              transactions.push(transaction);
              if (total > 4n) pool.push(coinOf(transaction, 0, height));
            }
            chain.connect(chain.next({ transactions }), { scripts: false });
            states.push(dump(chain.coins.values()));
          }
          while (states.length > 1) {
            expect(dump(chain.coins.values())).toEqual(states.pop());
            chain.disconnect();
          }
          expect(dump(chain.coins.values())).toEqual(states[0]);
        },
      ),
      { numRuns: 60 },
    );
  });

  describe("data that does not belong together is corruption", () => {
    const chain = richChain(2);
    const block = chain.next({ transactions: [split(chain.coinbaseCoin(1))] });
    const { undo } = chain.connect(block);
    const context = { parent: chain.tip.parent, params };
    const gone = (outpoint: Outpoint): Coin | undefined =>
      outpoint.vout === 1 ? undefined : chain.get(outpoint);
    const changed = (outpoint: Outpoint): Coin | undefined => {
      const coin = chain.get(outpoint);
      return coin && { ...coin, value: coin.value + 1n };
    };
    const unspent = chain.blocks[1]!.transactions[0]!.txid;
    const revived = (outpoint: Outpoint): Coin | undefined =>
      outpoint.txid === unspent ? undo[0]![0] : chain.get(outpoint);

    test.each([
      ["undo data of another block", [], chain],
      ["undo data for other inputs", [[]], chain],
      ["an output that is gone", undo, { get: gone }],
      ["an output that is another", undo, { get: changed }],
      ["an input that is unspent", undo, { get: revived }],
    ])("%s", (_, data, coins) => {
      expect(() => disconnectBlock(block, data, context, coins)).toThrow(
        expect.objectContaining({ code: "inconsistent-undo" }),
      );
    });

    test("the block itself goes", () => {
      expect(() => disconnectBlock(block, undo, context, chain)).not.toThrow(CoreError);
    });
  });
});

test("CoinsOverlay agrees with a naive twin, and its changes turn the lower view into the upper", () => {
  const coin = (value: number): Coin => ({
    value: BigInt(value),
    scriptPubKey: Uint8Array.of(value),
    height: value,
    coinbase: false,
  });
  const at = (n: number): Outpoint => ({ txid: "33".repeat(32) as Txid, vout: n });
  const step = fc.record({ add: fc.boolean(), n: fc.nat(5), value: fc.nat(3) });
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(5)), fc.array(step, { maxLength: 30 }), (present, steps) => {
      const below = new Map(present.map((n) => [n, coin(n % 3)]));
      const twin = new Map(below);
      const overlay = new CoinsOverlay({ get: ({ vout }) => below.get(vout) });
      for (const { add, n, value } of steps) {
        if (add) {
          overlay.add(at(n), coin(value));
          twin.set(n, coin(value));
        } else {
          expect(overlay.spend(at(n))).toEqual(twin.get(n));
          twin.delete(n);
        }
      }
      for (let n = 0; n <= 5; n++) expect(overlay.get(at(n))).toEqual(twin.get(n));
      const { spent, created } = overlay.changes();
      for (const { outpoint, coin: old } of spent) {
        expect(old).toEqual(below.get(outpoint.vout));
        below.delete(outpoint.vout);
      }
      for (const { outpoint, coin: made } of created) {
        expect(below.has(outpoint.vout)).toBe(false);
        below.set(outpoint.vout, made);
      }
      expect(new Map([...below].sort())).toEqual(new Map([...twin].sort()));
    }),
  );
});
