import * as core from "@chain/core";
import {
  type AncestorView,
  BlockHeader,
  CoinsOverlay,
  HeaderTree,
  nobleVerifier,
  p2pkhScript,
  Reader,
  regtest,
  type SignatureChecker,
  Transaction,
  TransactionSpend,
  Writer,
  ZERO_TXID,
} from "@chain/core";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import { describe, expect, test } from "vitest";

const bytes = new Uint8Array(32);
const bytes20 = new Uint8Array(20);
const script = p2pkhScript(bytes20);
const { genesis } = regtest;
const { header } = genesis;
const id = header.hash;
const outpoint = { txid: ZERO_TXID, vout: 0 };
const output = { value: 5n, scriptPubKey: script };
const coin = { ...output, height: 1, coinbase: false };
const located = { outpoint, coin };
const input = { prevout: outpoint, scriptSig: bytes, sequence: 0, witness: [bytes] };
const fields = { version: 1, inputs: [input], outputs: [output], lockTime: 0 };
const transaction = new Transaction(fields);
const spend = new TransactionSpend(transaction, [output]);
const params = whole(regtest);
// A Map looks like a view of coins.
const coins = whole(new CoinsOverlay({ get: () => undefined }), "map");
const parent = whole(new HeaderTree(header).genesis);
const verifier = whole(nobleVerifier);
const checker: SignatureChecker = core.transactionChecker(spend, 0, nobleVerifier);
const form = maybe({ witness: maybe(true) });
const context = { parent: maybe(parent), params };
const key = core.concatBytes(Uint8Array.of(2), bytes);
const compact = new Uint8Array(64);
const [deployment] = regtest.versionBits;
const ancestor: AncestorView = new HeaderTree(header).genesis;
const entries = whole(new Set());
const reader = () => new Reader(new Uint8Array(200));

const tree = () => new HeaderTree(header);

/** Good arguments for every function of the package. */
const calls: Calls = {
  ArgumentError: {},
  ChainError: {},
  CoreError: {},
  FaultError: {},
  isChainError: [],
  Block: {
    new: [header, [transaction]],
    statics: {
      fromBytes: [genesis.toBytes()],
      fromHex: ["00"],
      read: [whole(reader()), maybe(header)],
    },
    make: () => genesis,
    methods: { write: [new Writer(), form], toBytes: [form] },
  },
  BlockHeader: {
    new: [
      {
        version: 1,
        previousHash: id,
        merkleRoot: header.merkleRoot,
        time: 1,
        bits: 1,
        nonce: 1,
      },
    ],
    statics: {
      fromBytes: [header.toBytes()],
      fromHex: ["00"],
      read: [whole(reader())],
      fromHashed: [header.toBytes(), bytes],
    },
    make: () => BlockHeader.fromBytes(header.toBytes()),
    methods: { hashWith: [core.sha256], write: [new Writer()] },
  },
  Transaction: {
    new: [fields],
    statics: {
      fromBytes: [transaction.toBytes(), form],
      fromHex: ["00"],
      read: [whole(reader()), form],
    },
    make: () => transaction,
    methods: { toBytes: [form], write: [new Writer(), form] },
  },
  formatAmount: [1n],
  outputToJson: [output],
  coinToJson: [coin],
  bytesToHex: [bytes],
  compareBytes: [bytes, bytes],
  concatBytes: [bytes, bytes],
  equalBytes: [bytes, bytes],
  hexToBytes: ["00"],
  reversedHex: [bytes],
  scriptsAssumedValid: [
    parent,
    whole(tree()),
    { assumeValid: maybe(id), minimumChainWork: 0n, targetSpacing: 600 },
  ],
  HeaderTree: {
    new: [header],
    make: tree,
    methods: {
      get: [id],
      find: [header],
      parentOf: [header],
      add: [header],
      setBody: [ancestor, 1],
      clearBody: [ancestor],
      forget: [ancestor],
      addedSince: [1],
      assume: [ancestor, 1],
      dismiss: [ancestor],
      markInvalid: [ancestor, "reason"],
      reconsider: [ancestor],
      isInvalid: [ancestor],
      setTip: [ancestor],
      activeAt: [1],
      isActive: [ancestor],
      forkPoint: [ancestor, ancestor],
      locator: [maybe(ancestor)],
      findFork: [[id]],
      stale: [1],
    },
  },
  CoinsOverlay: {
    new: [coins],
    make: () => new CoinsOverlay({ get: () => undefined }),
    methods: {
      get: [outpoint],
      add: [outpoint, coin],
      spend: [outpoint],
      apply: [{ spent: [located], created: [located] }],
    },
  },
  Reader: {
    new: [bytes, maybe(0), maybe(core.sha256)],
    make: reader,
    methods: { compactSize: [maybe(100)], skip: [1], take: [1], varBytes: [maybe(100)] },
  },
  Writer: {
    new: [maybe(10)],
    make: () => new Writer(),
    methods: {
      u8: [1],
      u16: [1],
      u32: [1],
      i32: [1],
      u64: [1n],
      i64: [1n],
      compactSize: [1],
      compactSize64: [1n],
      bytes: [bytes],
      varBytes: [bytes],
      hash: [id],
    },
  },
  compactSizeLength: [1],
  hash160: [bytes],
  ripemd160: [bytes],
  sha1: [bytes],
  sha256: [bytes],
  sha256d: [bytes],
  taggedHash: ["tag", bytes],
  idFromBytes: [bytes],
  idToBytes: [id],
  parseId: [id],
  isMoney: [1n],
  merkleRoot: [[id]],
  merkleBranch: [[id], 0],
  witnessMerkleRoot: [[transaction]],
  signetParams: [script, maybe(600)],
  devnet: [genesis],
  isNullOutpoint: [outpoint],
  outpointKey: [outpoint],
  readOutpoint: [reader()],
  writeOutpoint: [new Writer(), outpoint],
  areInputsStandard: [transaction, [output]],
  dustThreshold: [script, 3000n],
  isDust: [output, 3000n],
  feeForSize: [1000n, 100],
  feeRate: [1000n, 100],
  virtualSizeWithSigops: [400, 4],
  isStandardTransaction: [
    transaction,
    { dustRelayFeeRate: 3000n, maxDataCarrierSize: 83, permitBareMultisig: true },
  ],
  isWitnessStandard: [transaction, [{ scriptPubKey: script }]],
  policyOf: [
    { policy: whole(regtest.policy), minRelayFeeRate: 1n },
    maybe({ replaceByFee: maybe("off") }),
  ],
  checkReplacement: [
    { transaction, modifiedFee: 1n, size: 100 },
    entries,
    () => false,
    { incrementalRelayFeeRate: 1n },
  ],
  checkSpendsNoConflict: [transaction, whole([], "map", "string", "bytes"), entries],
  isReplaceable: [transaction, { replaceByFee: "off" }],
  signalsReplaceability: [transaction],
  spendsWitnessProgram: [transaction, [{ scriptPubKey: script }]],
  checkProofOfWork: [id, 0x207fffff, { powLimit: 1n }],
  compactToTarget: [0x207fffff],
  isPermittedTransition: [2016, 0x207fffff, 0x207fffff, params],
  nextBits: [parent, 1, params],
  targetToCompact: [1n],
  workOfBits: [0x207fffff],
  blockSubsidy: [1, { initialSubsidy: 1n, halvingInterval: 150 }],
  checkBlock: [genesis, params, maybe(verifier)],
  checkBlockContext: [genesis, parent, params],
  checkHeader: [header, params],
  checkHeaderContext: [header, parent, params, 1],
  minimumBlockTime: [parent, params],
  checkTransaction: [transaction],
  checkTxInputs: [transaction, coins, 1, { coinbaseMaturity: 100 }],
  connectBlock: [genesis, context, coins],
  disconnectBlock: [genesis, [[coin]], context, coins],
  isFinalTransaction: [transaction, 1, 1],
  isSequenceFinal: [transaction, [{ height: 1 }], parent],
  sequenceLocks: [transaction, [{ height: 1 }], parent],
  outputsOf: [genesis],
  prevoutsOf: [genesis, context],
  checkSignetSolution: [genesis, { signetChallenge: maybe(script), genesis }, verifier],
  signetSolution: [{ scriptSig: bytes, witness: [bytes] }],
  signetTransactions: [genesis, script],
  verifyBlock: [genesis, { parent, params, coins, now: 1, verifier: maybe(verifier) }],
  verifyTransaction: [transaction, [output], maybe({ flags: maybe(1), verifier: maybe(verifier) })],
  checkWitnessCommitment: [genesis, true],
  withCoinbaseWitness: [genesis, true],
  witnessCommitmentScript: [[transaction], bytes],
  opcodeName: [0x76],
  scriptFromAsm: ["OP_DUP"],
  scriptToAsm: [script, maybe({ forDisplay: maybe(true), hashTypes: maybe(true) })],
  scriptFlags: [
    1,
    { deployments: regtest.deployments, scriptFlagExceptions: new Map() },
    maybe(id),
  ],
  hasValidOpcodes: [script],
  isP2sh: [script],
  isMinimalPush: [{ opcode: 1, data: maybe(bytes) }],
  isPushOnly: [script],
  isUnspendable: [script],
  pushData: [bytes],
  pushNumber: [1],
  ScriptReader: { new: [script] },
  witnessProgram: [script],
  runScriptCheck: [{ spend, inputIndex: 0, flags: 0 }, verifier],
  scriptChecks: [transaction, [output], 0],
  scriptErrorSentence: ["EVAL_FALSE"],
  decodeScriptNumber: [bytes, true, maybe(4)],
  encodeScriptNumber: [1],
  legacySighash: [transaction, 0, script, 1, maybe(() => bytes)],
  encodeDerSignature: [compact],
  isLowS: [compact],
  isStrictDer: [bytes],
  normalizeS: [compact],
  parseDerSignature: [bytes],
  parseDerSignatureLax: [bytes],
  countSigops: [script, true],
  legacySigops: [transaction],
  sigopCost: [transaction, [{ scriptPubKey: script }], 0],
  annexHash: [bytes],
  tapbranchHash: [bytes, bytes],
  tapleafHash: [script, maybe(0xc0)],
  taptweakHash: [bytes, bytes],
  taprootSighash: [
    spend,
    0,
    0,
    maybe({ annexHash: maybe(bytes), leafHash: maybe(bytes), codeSeparatorPosition: maybe(1) }),
  ],
  isP2pkh: [script],
  multisigScript: [1, [key]],
  nullDataScript: [bytes],
  outputTemplate: [script],
  p2pkhScript: [bytes20],
  p2pkScript: [key],
  p2shScript: [bytes20],
  p2trScript: [bytes],
  p2wpkhScript: [bytes20],
  p2wshScript: [bytes],
  witnessProgramScript: [1, bytes],
  transactionChecker: [spend, 0, verifier],
  TransactionSpend: {
    new: [transaction, [output]],
    make: () => spend,
    methods: { legacyStart: [0] },
  },
  verifyScript: [bytes, script, [bytes], 0, whole(checker)],
  witnessSighash: [spend, 0, script, 1],
  blockFilter: [genesis, [[coin]]],
  BloomFilter: {
    new: [{ data: bytes, hashFunctions: 1, tweak: 0, flags: 0 }],
    make: () => new core.BloomFilter({ data: bytes, hashFunctions: 1, tweak: 0, flags: 0 }),
    methods: { insert: [bytes], contains: [bytes], matches: [transaction] },
  },
  partialMerkleMatches: [{ total: 1, hashes: [ZERO_TXID], flags: Uint8Array.of(1) }],
  partialMerkleTree: [[ZERO_TXID], [true]],
  filterMatches: [whole(core.blockFilter(genesis, [])), id, [script]],
  filterMatchesAll: [whole(core.blockFilter(genesis, [])), id, [script]],
  filterHash: [bytes],
  filterHeader: [core.filterHash(bytes), core.ZERO_FILTER_HEADER],
  sipHash: [{ k0: 0n, k1: 0n }, bytes],
  MuHash: {
    new: [],
    make: () => new core.MuHash(),
    methods: { add: [bytes], remove: [bytes] },
    statics: { decode: [new Uint8Array(768)] },
  },
  coinElement: [located],
  bogoSize: [script],
  skipTransactions: [reader()],
  readOutput: [reader()],
  writeOutput: [new Writer(), output],
  decodeUndo: [Uint8Array.of(0)],
  encodeUndo: [[[coin]]],
  readCoin: [reader()],
  coreNetworkName: [bytes],
  readCompressedCoin: [reader()],
  writeCompressedCoin: [new Writer(), coin],
  writeCoin: [new Writer(), coin],
  refuse: ["consensus", "reason"],
  computeBlockVersion: [parent, { versionBits: [deployment] }, maybe(new Map())],
  versionBitsState: [maybe(parent), deployment, maybe(new Map())],
};

describe("functions called from plain JavaScript", () => {
  test("none is left out", () => {
    expect(misuseGaps(core, calls)).toEqual([]);
  });

  test("say what is wrong, by name, with an error of ours", async () => {
    expect(await misuseProblems(core, calls)).toEqual([]);
  });

  test("in one sentence, with a code", () => {
    const call = () => Reflect.apply(core.verifyTransaction, undefined, ["00", []]);
    expect(call).toThrow(core.ArgumentError);
    expect(call).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        message: "transaction must be a Transaction (Transaction.fromHex makes one), not a string",
        data: { argument: "transaction", expected: expect.stringContaining("a Transaction") },
      }),
    );
    expect(() => Reflect.apply(Transaction.fromHex, Transaction, [undefined])).toThrow(
      "hex must be a string, not undefined",
    );
  });
});
