import {
  type AncestorView,
  type BlockHash,
  blockSubsidy,
  type Coin,
  countSigops,
  DEVNET,
  devnet,
  hexToBytes,
  isFinalTransaction,
  isSequenceFinal,
  legacySigops,
  mainnet,
  regtest,
  ScriptFlag,
  scriptFlags,
  sequenceLocks,
  sigopCost,
  Transaction,
  ZERO_TXID,
} from "@chain/core";
import { TestChain } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";

const EMPTY: Uint8Array = new Uint8Array(0);

function transaction(
  sequences: readonly number[],
  { version = 2, lockTime = 0, scriptSig = EMPTY, witness = [] as readonly Uint8Array[] } = {},
): Transaction {
  return new Transaction({
    version,
    lockTime,
    inputs: sequences.map((sequence, vout) => ({
      prevout: { txid: ZERO_TXID, vout },
      scriptSig,
      sequence,
      witness,
    })),
    outputs: [{ value: 0n, scriptPubKey: EMPTY }],
  });
}

describe("isFinalTransaction", () => {
  test.each([
    ["no lock", 0, 0, true],
    ["height reached", 99, 0, true],
    ["height not reached", 100, 0, false],
    ["height not reached, but all sequences final", 100, 0xffffffff, true],
    ["largest height", 499_999_999, 0, false],
    ["smallest time: long past", 500_000_000, 0, true],
    ["time just not reached", 1_600_000_000, 0, false],
    ["time just reached", 1_599_999_999, 0, true],
  ])("%s", (_, lockTime, sequence, expected) => {
    expect(isFinalTransaction(transaction([sequence], { lockTime }), 100, 1_600_000_000)).toBe(
      expected,
    );
  });
});

describe("relative lock times (BIP-0068)", () => {
  /** Height 100; the median time past of a block is 1000 times its height. */
  const view = (height: number): AncestorView => ({
    ...regtest.genesis.header,
    hash: regtest.genesis.hash,
    height,
    medianTimePast: height * 1000,
    ancestor: (at) => (at >= 0 && at <= height ? view(at) : undefined),
  });
  const parent = view(100);
  const at = (...heights: number[]): Pick<Coin, "height">[] =>
    heights.map((height) => ({ height }));
  const TIME = 1 << 22;

  test.each([
    ["blocks passed", [10], [91], true],
    ["one block missing", [11], [91], false],
    ["none to wait", [0], [101], true],
    ["unconfirmed coin, one block", [1], [101], false],
    ["disabled", [0x8000_ffff], [101], true],
    ["final", [0xffffffff], [101], true],
    ["the longer lock counts", [1, 50], [50, 60], false],
    ["bits that mean nothing", [0x0001_0000], [101], true],
    // The coin's clock starts at the median time past of the block before it: 89,000. 100,000 - 89,000 = 21.48 * 512.
    ["time passed", [TIME | 21], [90], true],
    ["time not passed", [TIME | 22], [90], false],
    ["coin of the genesis block", [TIME | 195], [0], true],
  ])("%s", (_, sequences, heights, expected) => {
    expect(isSequenceFinal(transaction(sequences), at(...heights), parent)).toBe(expected);
  });

  test("only from version 2 on, as an unsigned number", () => {
    const verdicts = [0, 1, 2, -1].map((version) =>
      isSequenceFinal(transaction([500], { version }), at(100), parent),
    );
    expect(verdicts).toEqual([true, true, false, false]);
  });

  test("last height and time that are locked", () => {
    expect(sequenceLocks(transaction([5, TIME | 2]), at(90, 90), parent)).toEqual({
      height: 94,
      time: 89_000 + 1024 - 1,
    });
    expect(() => sequenceLocks(transaction([5]), [], parent)).toThrow("no coin");
  });
});

describe("blockSubsidy", () => {
  test.each([
    [0, 50_0000_0000n],
    [209_999, 50_0000_0000n],
    [210_000, 25_0000_0000n],
    [420_000, 12_5000_0000n],
    [6_929_999, 1n],
    [6_930_000, 0n],
    [13_440_000, 0n],
    [210_000 * 1000, 0n],
  ])("mainnet at %i", (height, expected) => {
    expect(blockSubsidy(height, mainnet)).toBe(expected);
  });

  test("all of mainnet's add up to 20,999,999.9769 coins", () => {
    let sum = 0n;
    for (let height = 0; height < 7_000_000; height += 210_000)
      sum += blockSubsidy(height, mainnet) * 210_000n;
    expect(sum).toBe(2_099_999_997_690_000n);
  });

  test("devnet's never halves", () => {
    expect(blockSubsidy(100_000_000, DEVNET)).toBe(10_0000_0000n);
  });
});

describe("script flags of a block", () => {
  const { P2SH, DERSIG, CHECKLOCKTIMEVERIFY, CHECKSEQUENCEVERIFY, WITNESS, NULLDUMMY, TAPROOT } =
    ScriptFlag;
  const always = P2SH | WITNESS | TAPROOT;
  const strict = always | DERSIG | CHECKLOCKTIMEVERIFY;

  test.each([
    [0, always],
    [363_724, always],
    [363_725, always | DERSIG],
    [388_380, always | DERSIG],
    [388_381, strict],
    [419_327, strict],
    [419_328, strict | CHECKSEQUENCEVERIFY],
    [481_823, strict | CHECKSEQUENCEVERIFY],
    [481_824, strict | CHECKSEQUENCEVERIFY | NULLDUMMY],
  ])("mainnet at %i", (height, expected) => {
    expect(scriptFlags(height, mainnet)).toBe(expected);
  });

  test("two blocks broke P2SH and Taproot before they were rules", () => {
    const beforeP2sh = "00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22";
    const beforeTaproot = "0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad";
    expect(scriptFlags(170_060, mainnet, beforeP2sh as BlockHash)).toBe(0);
    expect(scriptFlags(170_060, mainnet, mainnet.genesis.hash)).toBe(always);
    expect(scriptFlags(692_261, mainnet, beforeTaproot as BlockHash)).toBe(
      (strict | CHECKSEQUENCEVERIFY | NULLDUMMY) & ~TAPROOT,
    );
  });
});

describe("signature operations", () => {
  const multisig = hexToBytes("52535354ae"); // the number before OP_CHECKMULTISIG is 4
  const p2sh = hexToBytes(`a914${"00".repeat(20)}87`);
  const coin = (scriptPubKey: Uint8Array): Coin => ({
    value: 0n,
    scriptPubKey,
    height: 1,
    coinbase: false,
  });
  const { P2SH, WITNESS } = ScriptFlag;

  test.each([
    ["", 0, 0],
    ["ac", 1, 1],
    ["acadacad", 4, 4],
    ["52535354ae", 20, 4],
    ["00ae", 20, 20],
    ["51ae", 20, 1],
    ["60af", 20, 16],
    ["61ae", 20, 20],
    ["ae", 20, 20],
    ["02acac", 0, 0],
    ["ac4cffac", 1, 1],
  ])("%s", (hex, legacy, accurate) => {
    expect([countSigops(hexToBytes(hex), false), countSigops(hexToBytes(hex), true)]).toEqual([
      legacy,
      accurate,
    ]);
  });

  test.each<[string, number, Uint8Array, Uint8Array, Uint8Array[], number]>([
    ["script hash", P2SH, p2sh, Uint8Array.of(5, ...multisig), [], 16],
    ["script hash before BIP-0016", 0, p2sh, Uint8Array.of(5, ...multisig), [], 0],
    ["script hash, not only pushes", P2SH, p2sh, Uint8Array.of(0x61, 5, ...multisig), [], 0],
    ["witness key hash", WITNESS, hexToBytes(`0014${"00".repeat(20)}`), EMPTY, [EMPTY], 1],
    [
      "witness script hash",
      WITNESS,
      hexToBytes(`0020${"00".repeat(32)}`),
      EMPTY,
      [EMPTY, multisig],
      4,
    ],
    [
      "witness script hash without witness",
      WITNESS,
      hexToBytes(`0020${"00".repeat(32)}`),
      EMPTY,
      [],
      0,
    ],
    ["taproot", WITNESS, hexToBytes(`5120${"00".repeat(32)}`), EMPTY, [multisig], 0],
    ["witness before SegWit", 0, hexToBytes(`0014${"00".repeat(20)}`), EMPTY, [EMPTY], 0],
    [
      "witness key hash in a script hash",
      P2SH | WITNESS,
      p2sh,
      hexToBytes(`160014${"00".repeat(20)}`),
      [EMPTY],
      1,
    ],
    ["script hash of nothing", P2SH | WITNESS, p2sh, EMPTY, [multisig], 0],
    [
      "the last item of a witness is its script",
      WITNESS,
      hexToBytes(`0020${"00".repeat(32)}`),
      EMPTY,
      [EMPTY, Uint8Array.of(0xac), multisig],
      4,
    ],
    [
      "version 0 of another length",
      WITNESS,
      hexToBytes(`0019${"00".repeat(25)}`),
      EMPTY,
      [multisig],
      0,
    ],
    [
      "witness program that is pushed for no script hash",
      P2SH | WITNESS,
      Uint8Array.of(0x51),
      hexToBytes(`160014${"00".repeat(20)}`),
      [EMPTY],
      0,
    ],
    [
      "witness key hash in a script hash, not only pushes",
      P2SH | WITNESS,
      p2sh,
      hexToBytes(`61160014${"00".repeat(20)}`),
      [EMPTY],
      0,
    ],
  ])("%s", (_, flags, scriptPubKey, scriptSig, witness, expected) => {
    const spend = transaction([0], { scriptSig, witness });
    expect(sigopCost(spend, [coin(scriptPubKey)], flags)).toBe(expected);
  });

  test("in the scripts of a transaction itself a multisig counts 20, whatever it says", () => {
    const spend = transaction([0, 0], { scriptSig: hexToBytes("51ae") });
    const pays = new Transaction({
      ...spend,
      outputs: [{ value: 0n, scriptPubKey: hexToBytes("ac52ae") }],
    });
    expect([legacySigops(spend), legacySigops(pays)]).toEqual([40, 61]);
    expect(sigopCost(pays, [], P2SH | WITNESS)).toBe(4 * 61);
  });
});

describe("devnet", () => {
  test("takes its identity from its genesis block", () => {
    const params = devnet(regtest.genesis);
    // People read the hash from behind: it ends in 466e2206.
    expect([...params.magic]).toEqual([0x06, 0x22, 0x6e, 0x46]);
    expect(params.bip34Hash).toBe(regtest.genesis.hash);
  });

  test("spends the coinbase of a block in the next one, that of the genesis too", () => {
    const chain = new TestChain();
    expect(chain.coinbaseCoin(0).coin).toMatchObject({ coinbase: true, height: 0 });
    expect(chain.params.coinbaseMaturity).toBe(1);
  });
});
