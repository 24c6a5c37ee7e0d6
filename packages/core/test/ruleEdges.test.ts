/** Where a rule begins and ends: the last height, byte, operation or unit that passes, and the first that does not. */
import {
  Block,
  BlockHeader,
  type Coin,
  type CoinsView,
  CoreError,
  checkBlock,
  checkBlockContext,
  checkHeaderContext,
  checkTransaction,
  checkTxInputs,
  checkWitnessCommitment,
  concatBytes,
  connectBlock,
  type DeploymentHeights,
  disconnectBlock,
  isFinalTransaction,
  isSequenceFinal,
  MAX_MONEY,
  mainnet,
  type Outpoint,
  outputsOf,
  regtest,
  sequenceLocks,
  signetTransactions,
  Transaction,
  type TransactionFields,
  type TxInput,
  type TxOutput,
  verifyTransaction,
  witnessCommitmentScript,
} from "@chain/core";
import { coinbaseTransaction, easyDevnet, summary, TestChain } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { enforcesBip30 } from "../src/rules/bip30.ts";
import { witnessCommitmentIndex } from "../src/rules/witnessCommitment.ts";

const EMPTY = new Uint8Array(0);
const CHECKSIG = 0xac;
const params = easyDevnet();
const chain = new TestChain(params);
chain.mine();
chain.mine();
const { tip } = chain;
const coin = chain.coinbaseCoin(1);
const NEXT = tip.height + 1;

const deployed = (heights: Partial<DeploymentHeights>) => ({
  ...params,
  deployments: { ...params.deployments, ...heights },
});
const output = (scriptPubKey: Uint8Array, value = 0n): TxOutput => ({ value, scriptPubKey });
/** Not signed: scripts are not what this is about. */
const spending = (
  outpoints: readonly Outpoint[],
  fields: Partial<TransactionFields> = {},
): Transaction =>
  new Transaction({
    version: 2,
    lockTime: 0,
    inputs: outpoints.map((prevout) => ({ prevout, scriptSig: EMPTY, sequence: 0, witness: [] })),
    outputs: [output(EMPTY)],
    ...fields,
  });
const withWitness = (transaction: Transaction, witness: readonly Uint8Array[]): Transaction =>
  new Transaction({
    ...transaction,
    inputs: transaction.inputs.map((input) => ({ ...input, witness })),
  });

describe("limits of a block and of a transaction", () => {
  /** A block of so many bytes without witnesses. */
  function ofSize(size: number): Block {
    const filled = (length: number): Block =>
      chain.next({ coinbase: coinbaseTransaction(NEXT, [output(new Uint8Array(length))]) });
    return filled(999_000 + size - filled(999_000).baseSize);
  }

  test("1,000,000 bytes without witnesses", () => {
    const [full, over] = [ofSize(1_000_000), ofSize(1_000_001)];
    expect([full.baseSize, over.baseSize]).toEqual([1_000_000, 1_000_001]);
    expect(summary(checkBlock(full, params))).toBe("ok");
    expect(summary(checkBlock(over, params))).toBe("consensus: bad-blk-length");
    expect(summary(checkBlockContext(full, tip, params))).toBe("ok"); // of weight 4,000,000
  });

  test("a transaction of 1,000,000 bytes", () => {
    const ofLength = (length: number): Transaction =>
      spending([coin.outpoint], { outputs: [output(new Uint8Array(length))] });
    const rest = ofLength(999_000).baseSize - 999_000;
    expect(summary(checkTransaction(ofLength(1_000_000 - rest)))).toBe("ok");
    expect(summary(checkTransaction(ofLength(1_000_001 - rest)))).toBe(
      "consensus: bad-txns-oversize",
    );
  });

  test("20,000 signature operations, before any coin is known", () => {
    const block = (coinbase: number, other: number): Block =>
      chain.next({
        coinbase: coinbaseTransaction(NEXT, [output(new Uint8Array(coinbase).fill(CHECKSIG))]),
        transactions: [
          spending([coin.outpoint], { outputs: [output(new Uint8Array(other).fill(CHECKSIG))] }),
        ],
      });
    expect(summary(checkBlock(block(12_000, 8_000), params))).toBe("ok");
    expect(summary(checkBlock(block(12_000, 8_001), params))).toBe("consensus: bad-blk-sigops");
  });
});

describe("the first block of a rule", () => {
  test.each([
    ["BIP-0034", "bip34", 1, 2],
    ["BIP-0066", "bip66", 2, 3],
    ["BIP-0065", "bip65", 3, 4],
  ] as const)("%s: versions", (_, name, refused, allowed) => {
    const none = { bip34: 9999, bip66: 9999, bip65: 9999 };
    const judge = (version: number, height: number) => {
      const header = new BlockHeader({ ...chain.next().header, version });
      const verdict = checkHeaderContext(header, tip, deployed({ ...none, [name]: height }), 2e10);
      return summary(verdict);
    };
    const bad = `invalid-header: bad-version(0x0000000${refused})`;
    expect(judge(refused, NEXT + 1)).toBe("ok");
    expect(judge(refused, NEXT)).toBe(bad);
    expect(judge(refused, NEXT - 1)).toBe(bad);
    expect(judge(allowed, NEXT)).toBe("ok");
  });

  test("BIP-0034: height in the coinbase", () => {
    const block = chain.next({ coinbase: coinbaseTransaction(77, [output(EMPTY)]) });
    const judge = (bip34: number) => summary(checkBlockContext(block, tip, deployed({ bip34 })));
    expect(judge(NEXT + 1)).toBe("ok");
    expect(judge(NEXT)).toBe("consensus: bad-cb-height");
  });

  test("BIP-0113: lock times run out by the median time past, before that by the block's own", () => {
    const late = tip.medianTimePast + 1000;
    const judge = (lockTime: number, csv: number) => {
      const transactions = [spending([coin.outpoint], { lockTime })];
      const block = chain.next({ transactions, header: { time: late } });
      return summary(checkBlockContext(block, tip, deployed({ csv })));
    };
    expect(judge(late - 1, NEXT + 1)).toBe("ok");
    expect(judge(late, NEXT + 1)).toBe("consensus: bad-txns-nonfinal");
    expect(judge(late - 1, NEXT)).toBe("consensus: bad-txns-nonfinal");
    expect(judge(tip.medianTimePast - 1, NEXT)).toBe("ok");
  });

  test("BIP-0068: relative lock times", () => {
    const young = spending([coin.outpoint], {
      inputs: [{ prevout: coin.outpoint, scriptSig: EMPTY, sequence: 1000, witness: [] }],
    });
    const block = chain.next({ transactions: [young] });
    const judge = (csv: number) =>
      summary(connectBlock(block, { parent: tip, params: deployed({ csv }) }, chain));
    expect(judge(NEXT + 1)).toBe("ok");
    expect(judge(NEXT)).toBe("consensus: bad-txns-nonfinal");
  });

  test("BIP-0141: a commitment means nothing before, and no witness is allowed", () => {
    const judge = (block: Block, segwit: number) =>
      summary(checkBlockContext(block, tip, deployed({ segwit })));
    const reserved = [new Uint8Array(32)];
    const wrong = coinbaseTransaction(NEXT, [output(witnessCommitmentScript([], EMPTY))]);
    const plain = chain.next({ coinbase: wrong });
    const committed = chain.next({ coinbase: withWitness(wrong, reserved) });
    expect(judge(plain, NEXT + 1)).toBe("ok");
    expect(judge(plain, NEXT)).toBe("mutated: bad-witness-nonce-size");
    expect(judge(committed, NEXT + 1)).toBe("mutated: unexpected-witness");
    expect(judge(committed, NEXT)).toBe("mutated: bad-witness-merkle-match");
  });
});

describe("the witness commitment (BIP-0141)", () => {
  const committed = (witness: readonly Uint8Array[]): Block => {
    const block = chain.next({ commit: true });
    return new Block(block.header, [withWitness(block.transactions[0]!, witness)]);
  };
  const bytes = (length: number): Uint8Array => new Uint8Array(length);

  test.each([
    ["32 bytes", [bytes(32)], "ok"],
    ["none", [], "mutated: bad-witness-nonce-size"],
    ["31 bytes", [bytes(31)], "mutated: bad-witness-nonce-size"],
    ["33 bytes", [bytes(33)], "mutated: bad-witness-nonce-size"],
    ["32 bytes and nothing", [bytes(32), bytes(0)], "mutated: bad-witness-nonce-size"],
    ["other 32 bytes", [bytes(32).fill(1)], "mutated: bad-witness-merkle-match"],
  ])("reserved value: %s", (_, witness, expected) => {
    expect(summary(checkWitnessCommitment(committed(witness), true))).toBe(expected);
  });

  test("38 bytes or more are one, and the last counts", () => {
    const script = witnessCommitmentScript([], bytes(32));
    const index = (...scripts: readonly Uint8Array[]): number =>
      witnessCommitmentIndex(
        coinbaseTransaction(
          1,
          scripts.map((each) => output(each)),
        ),
      );
    expect(script.length).toBe(38);
    expect(index(script.subarray(0, 37))).toBe(-1);
    expect(index(concatBytes(script, bytes(1)))).toBe(0);
    expect(index(script, script, script.subarray(0, 37))).toBe(1);
    expect(index(bytes(38))).toBe(-1);
  });
});

describe("ids that are made again (BIP-0030)", () => {
  test("are looked for again from block 1,983,702 on, whose height an early coinbase names", () => {
    const bip34Hash = mainnet.bip34Hash!;
    const at = (height: number) => {
      const anchor = { ...tip, hash: bip34Hash, ancestor: () => undefined };
      const parent = { ...anchor, height: height - 1, ancestor: () => anchor };
      return enforcesBip30(regtest.genesis.hash, { parent, params: mainnet });
    };
    expect([at(1_983_701), at(1_983_702), at(1_983_703)]).toEqual([false, true, true]);
  });

  const deployments = { ...params.deployments, bip34: 2 };
  const watching = { ...params, deployments, bip34Hash: undefined };
  const transaction = spending([coin.outpoint], { outputs: [output(EMPTY), output(EMPTY)] });

  test("one unspent output is enough", () => {
    const block = chain.next({ transactions: [transaction] });
    const coins: CoinsView = {
      get: (outpoint) =>
        outpoint.txid === transaction.txid && outpoint.vout === 1 ? coin.coin : chain.get(outpoint),
    };
    expect(summary(connectBlock(block, { parent: tip, params: watching }, coins))).toBe(
      "consensus: bad-txns-BIP30",
    );
  });

  test("on the way back only a coinbase of old may be gone, and only where history has such", () => {
    const block = chain.next();
    const other = chain.next({ transactions: [transaction] });
    const history = { ...deployed({ bip34: NEXT + 1 }), bip30Exceptions: new Map([[1, tip.hash]]) };
    const undo = (
      undone: Block,
      context: typeof params,
      get: CoinsView["get"] = () => undefined,
    ) => {
      const spent: Coin[][] = undone === other ? [[coin.coin]] : [];
      return () => disconnectBlock(undone, spent, { parent: tip, params: context }, { get });
    };
    const damaged = expect.objectContaining({ code: "inconsistent-undo" });
    expect(undo(block, history)()).toEqual({ spent: [], created: [] });
    expect(undo(block, { ...history, bip30Exceptions: new Map() })).toThrow(damaged);
    expect(
      undo(block, { ...history, deployments: { ...params.deployments, bip34: NEXT } }),
    ).toThrow(damaged);
    expect(undo(other, history)).toThrow(damaged);
    const changed = { ...block.transactions[0]!.outputs[0]!, height: NEXT - 1, coinbase: true };
    expect(undo(block, history, () => changed)).toThrow(damaged);
  });
});

describe("what a block does to the coins", () => {
  test("on the way back a coin must be the one that the block made", () => {
    const block = chain.next();
    const made: Coin = { ...block.transactions[0]!.outputs[0]!, height: NEXT, coinbase: true };
    const undo = (found: Coin) => () =>
      disconnectBlock(block, [], { parent: tip, params }, { get: () => found });
    expect(undo(made)().spent.map((located) => located.coin)).toEqual([made]);
    const damaged = expect.objectContaining({ code: "inconsistent-undo" });
    expect(undo({ ...made, height: NEXT + 1 })).toThrow(damaged);
    expect(undo({ ...made, coinbase: false })).toThrow(damaged);
    expect(undo({ ...made, value: made.value + 1n })).toThrow(damaged);
    expect(undo({ ...made, scriptPubKey: EMPTY })).toThrow(damaged);
  });

  test("of Bitcoin's genesis block nothing is left, and nothing is taken back", () => {
    const context = { parent: undefined, params: regtest };
    const nothing = { spent: [], created: [] };
    expect(connectBlock(regtest.genesis, context, new Map())).toEqual({
      ok: true,
      changes: nothing,
      undo: [],
      checks: [],
      fees: 0n,
    });
    expect(disconnectBlock(regtest.genesis, [], context, new Map())).toEqual(nothing);
    const first = new TestChain(regtest);
    first.mine();
    expect([...first.coins.values()].map((located) => located.coin.height)).toEqual([1]);
  });

  test("outputs that can be spent, by number", () => {
    const data = output(Uint8Array.of(0x6a));
    const block = new Block(regtest.genesis.header, [
      coinbaseTransaction(1, [data, output(EMPTY), data]),
    ]);
    expect(outputsOf(block)).toEqual([{ txid: block.transactions[0]!.txid, vout: 1 }]);
  });
});

describe("amounts", () => {
  const rich: Coin = { value: MAX_MONEY, scriptPubKey: EMPTY, height: 0, coinbase: false };

  test("fees of all transactions together are money", () => {
    const outpoints = [0, 1].map((vout) => ({ txid: tip.header.merkleRoot as never, vout }));
    const connect = (...values: readonly bigint[]) => {
      const transactions = outpoints.map((outpoint, i) =>
        spending([outpoint], { outputs: [output(EMPTY, values[i] as bigint)] }),
      );
      const block = chain.next({ transactions });
      return summary(connectBlock(block, { parent: tip, params }, { get: () => rich }));
    };
    expect(connect(0n, MAX_MONEY)).toBe("ok");
    expect(connect(0n, MAX_MONEY - 1n)).toBe("consensus: bad-txns-accumulated-fee-outofrange");
  });

  test("a fee is money, even of outputs that are none", () => {
    const spend = (value: bigint) => {
      const transaction = spending([coin.outpoint], { outputs: [output(EMPTY, value)] });
      return summary(checkTxInputs(transaction, { get: () => rich }, NEXT, params));
    };
    expect([spend(0n), spend(-1n)]).toEqual(["ok", "consensus: bad-txns-fee-outofrange"]);
  });

  test("each output that is spent is money, not only their sum", () => {
    const { txid } = coin.outpoint;
    const transaction = spending([
      { txid, vout: 0 },
      { txid, vout: 1 },
    ]);
    const spend = (...values: readonly bigint[]) =>
      verifyTransaction(
        transaction,
        values.map((value) => output(EMPTY, value)),
      );
    const reason = "bad-txns-inputvalues-outofrange";
    expect(spend(5n, -1n)).toMatchObject({ reason });
    expect(spend(MAX_MONEY, 1n)).toMatchObject({ reason });
    expect(spend(MAX_MONEY, 0n)).not.toMatchObject({ reason });
  });
});

describe("lock times", () => {
  const at = (...sequences: readonly number[]): Transaction =>
    spending([], {
      lockTime: 100,
      inputs: sequences.map(
        (sequence, vout): TxInput => ({
          prevout: { ...coin.outpoint, vout },
          scriptSig: EMPTY,
          sequence,
          witness: [],
        }),
      ),
    });

  test("one input that is not final keeps the lock", () => {
    expect(isFinalTransaction(at(0xffff_ffff, 0), 100, 0)).toBe(false);
    expect(isFinalTransaction(at(0xffff_ffff, 0xffff_ffff), 100, 0)).toBe(true);
  });

  test("zero is no lock, not even at height 0", () => {
    expect(isFinalTransaction(spending([coin.outpoint]), 0, 0)).toBe(true);
  });

  const TIME = 1 << 22;
  /** The median time past grows by 1,024 a block, and is one second behind at the tip. */
  const parentAt = (height: number): Parameters<typeof sequenceLocks>[2] => ({
    ...tip,
    height,
    medianTimePast: height * 1024 - (height === 100 ? 1 : 0),
    ancestor: (below) => (below <= height ? parentAt(below) : undefined),
  });
  const parent = parentAt(100);

  test("without a relative lock there is none", () => {
    expect(sequenceLocks(spending([], { version: 1 }), [], parent)).toEqual({
      height: -1,
      time: -1,
    });
  });

  test("the second of a relative lock is still locked (BIP-0068)", () => {
    const coins = [{ height: 98 }];
    expect(sequenceLocks(at(TIME | 6), coins, parent).time).toBe(parent.medianTimePast);
    expect(isSequenceFinal(at(TIME | 6), coins, parent)).toBe(false);
    expect(isSequenceFinal(at(TIME | 5), coins, parent)).toBe(true);
  });

  test("a coin from above the tip is misuse", () => {
    expect(() => sequenceLocks(at(TIME | 1), [{ height: 102 }], parent)).toThrow(CoreError);
  });
});

test("a commitment without a signet's solution is signed as it stands, odd pushes too (BIP-0325)", () => {
  const script = concatBytes(witnessCommitmentScript([], EMPTY), Uint8Array.of(0x4c, 1, 7));
  const other = concatBytes(witnessCommitmentScript([], EMPTY), Uint8Array.of(1, 7));
  const message = (scriptPubKey: Uint8Array) => {
    const block = chain.next({ coinbase: coinbaseTransaction(NEXT, [output(scriptPubKey)]) });
    return signetTransactions(block, Uint8Array.of(0x51))?.toSpend.inputs[0]?.scriptSig;
  };
  const own = chain.next({ coinbase: coinbaseTransaction(NEXT, [output(script)]) });
  // Version, hash before, merkle root, time: behind OP_0 and the length.
  expect(message(script)?.subarray(2 + 36, 2 + 68)).toEqual(own.header.toBytes().subarray(36, 68));
  expect(message(script)).not.toEqual(message(other));
});
