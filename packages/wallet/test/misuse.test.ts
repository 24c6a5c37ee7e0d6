import {
  Block,
  BlockHeader,
  COIN,
  DEVNET,
  nobleVerifier,
  p2pkhScript,
  Transaction,
  ZERO_BLOCK_HASH,
  ZERO_TXID,
} from "@chain/core";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import * as wallet from "@chain/wallet";
import { memoryStorage, nobleSigner, PrivateKey, Wallet } from "@chain/wallet";
import * as accounts from "@chain/wallet/accounts";
import * as descriptors from "@chain/wallet/descriptors";
import * as file from "@chain/wallet/file";
import * as ledgers from "@chain/wallet/ledger";
import * as message from "@chain/wallet/message";
import * as psbts from "@chain/wallet/psbt";
import * as spending from "@chain/wallet/spending";
import { describe, expect, test } from "vitest";

const bytes20 = new Uint8Array(20);
const key = new PrivateKey(new Uint8Array(32).fill(7));
const script = key.script;
const outpoint = { txid: ZERO_TXID, vout: 0 };
const coin = { value: 5n * COIN, scriptPubKey: script, height: 1, coinbase: false };
const located = { outpoint, coin };
const input = { prevout: outpoint, scriptSig: new Uint8Array(), sequence: 0, witness: [] };
const output = { value: COIN, scriptPubKey: script };
const transaction = new Transaction({
  version: 2,
  inputs: [input],
  outputs: [output],
  lockTime: 0,
});
const params = whole(DEVNET);
const fee = { type: whole("rate", "string"), perKvB: 1000n };
const request = {
  coins: [located],
  fee,
  params: { minRelayFeeRate: 0n, coinbaseMaturity: 1 },
  spendHeight: 5,
  inputSize: maybe(() => 148),
  sequence: maybe(1),
};
const now = () => 0;
const random = maybe((length: number) => new Uint8Array(length).fill(9));
const options = {
  params,
  now,
  randomBytes: random,
  scryptCost: maybe({ n: 2, r: 8, p: 1 }),
  signatures: maybe({ signer: maybe(whole(nobleSigner)) }),
};
const label = maybe({ label: maybe("savings") });

const ready = await Wallet.create(memoryStorage(), {
  params: DEVNET,
  now,
  scryptCost: { n: 2, r: 8, p: 1 },
});
await ready.importKey(key);
const { address } = ready.keys[0] as wallet.WalletKey;

const calls: Calls = {
  WalletError: {},
  addressOfScript: [script, params],
  decodeAddress: [address, params],
  encodeAddress: [{ type: whole("p2pkh", "string"), hash: bytes20 }, params],
  formatAmount: [1n],
  parseAmount: ["1", maybe({ allowZero: maybe(true) })],
  buildConsolidation: [{ ...request, to: script }],
  buildPayment: [
    {
      ...request,
      to: p2pkhScript(bytes20),
      amount: COIN,
      changeScript: script,
      changePosition: maybe(() => 0),
    },
  ],
  paymentSequence: [random],
  dustThreshold: [script, { minRelayFeeRate: 1n }],
  inputSize: [true],
  fromWif: ["x", { name: "devnet", wifPrefix: 1 }],
  generateKey: [random],
  toWif: [key, { wifPrefix: 1 }],
  PrivateKey: {
    new: [key.toBytes(), maybe({ compressed: maybe(true) })],
    make: () => key,
    methods: { sign: [new Uint8Array(32), maybe(whole(nobleSigner))] },
  },
  applyPending: [[located], [{ transaction, created: 1 }], [script]],
  selectCoins: [
    [located],
    {
      amount: COIN,
      fee,
      outputsSize: 34,
      outputCount: 1,
      changeSize: 34,
      changeSpendSize: 148,
      dust: 0n,
      inputSize: () => 148,
      maxSize: maybe(1000),
    },
  ],
  signTransaction: [
    transaction,
    [located],
    () => key,
    maybe({ signer: maybe(whole(nobleSigner)) }),
  ],
  memoryStorage: [maybe("text")],
  Wallet: {
    statics: {
      create: [memoryStorage(), { ...options, passphrase: maybe("secret") }],
      open: [memoryStorage(), options],
    },
    make: () => ready,
    methods: {
      unlock: ["secret"],
      setPassphrase: ["secret"],
      newKey: [label],
      importKey: [key, label],
      keyOf: [address],
      exportKey: [address],
      keyFor: [script],
      inputSize: [located],
      sign: [transaction, [located]],
      addPending: [transaction, maybe({ accepted: maybe(true), onlyOwnNode: maybe(true) })],
      exclusively: [async () => undefined, maybe(() => undefined)],
      notePending: [new Map()],
      removePending: [[ZERO_TXID]],
    },
  },
};

const x32 = key.publicKey.subarray(1);
const leaf = { depth: 0, script, leafVersion: 0xc0 };
const taproot = descriptors.taprootOutput(x32, [leaf]) ?? expect.unreachable();
const providerCalls: Calls[string] = {
  make: () => new descriptors.SigningProvider(),
  methods: {
    script: [bytes20],
    publicKey: [bytes20],
    origin: [key.publicKey],
    publicKeyByX: [x32],
    originByX: [x32],
    privateKey: [key.publicKey],
    privateKeyByX: [x32],
    taproot: [x32],
    addScript: [script],
    addPublicKey: [key.publicKey, maybe({ fingerprint: new Uint8Array(4), path: [] })],
    addKeyByX: [key.publicKey],
    addPrivateKey: [whole(key)],
    addTaproot: [taproot],
    merge: [whole(new descriptors.SigningProvider())],
  },
};

describe("functions called from plain JavaScript", () => {
  test("none is left out", () => {
    expect(misuseGaps(wallet, calls)).toEqual([]);
  });

  test("say what is wrong, by name, with an error of ours", async () => {
    expect(await misuseProblems(wallet, calls)).toEqual([]);
  });

  test("so does the key file", async () => {
    const limits = {
      onWarning: maybe(() => undefined),
      timeout: maybe(1),
      foreignTimeout: maybe(1),
    };
    const opening: Calls = { walletFile: ["wallet.db", maybe(limits)] };
    expect(misuseGaps(file, opening)).toEqual([]);
    expect(await misuseProblems(file, opening)).toEqual([]);
  });

  test("so do descriptors and extended keys", async () => {
    const bytes32 = new Uint8Array(32).fill(3);
    const parsed = descriptors.parseDescriptor("raw(51)", DEVNET);
    if (!parsed.ok) expect.unreachable();
    const seed = whole(bytes32);
    const calls: Calls = {
      Descriptor: {
        make: () => parsed.descriptor,
        methods: {
          expand: [0, maybe({ withPrivateKeys: maybe(true) })],
          addresses: [0],
          maxSatisfaction: [maybe({ maxSignatures: maybe(true), scriptPath: maybe(true) })],
        },
      },
      ExtendedKey: {
        statics: { parse: ["tpub", params], fromSeed: [seed, params] },
        make: () => descriptors.ExtendedKey.fromSeed(bytes32, DEVNET),
        methods: { withPrivateKey: [whole(key)], derive: [[1]] },
      },
      SigningProvider: providerCalls,
      checkDescriptorChecksum: ["raw(51)", false],
      createMultisig: [1, [key.publicKey], "bech32", params],
      descriptorChecksum: ["raw(51)"],
      inferDescriptor: [script, params, maybe(whole(new descriptors.SigningProvider()))],
      parseDescriptor: ["raw(51)", params, maybe({ requireChecksum: maybe(false) })],
      taprootOutput: [x32, [leaf]],
    };
    expect(misuseGaps(descriptors, calls)).toEqual([]);
    expect(await misuseProblems(descriptors, calls)).toEqual([]);
  });

  test("so do mnemonics and accounts", async () => {
    const master = descriptors.ExtendedKey.fromSeed(new Uint8Array(32).fill(3), DEVNET);
    const kind = whole("bech32", "string");
    const calls: Calls = {
      walletDescriptors: [whole(master), { kind, params }],
      accountDescriptors: [whole(master), { kind, params, account: maybe(0), coinType: maybe(1) }],
      newMnemonic: [maybe({ words: maybe(whole(12, "number")), randomBytes: random })],
      readMnemonic: ["abandon"],
      seedOfMnemonic: [whole(`${"abandon ".repeat(11)}about`, "string"), maybe("secret")],
    };
    expect(misuseGaps(accounts, calls)).toEqual([]);
    expect(await misuseProblems(accounts, calls)).toEqual([]);
  });

  test("so do PSBTs and raw transactions", async () => {
    const created = psbts.createPsbt(transaction);
    if (!created.ok) expect.unreachable();
    const { psbt } = created;
    const [one, map, given] = [whole(psbt), whole(new psbts.PsbtMap()), whole(transaction)];
    const provider = whole(new psbts.SigningProvider());
    const verifier = { verifier: maybe(whole(nobleVerifier)) };
    const backend = {
      hashType: maybe(1),
      signer: maybe(whole(nobleSigner)),
      verifier: maybe(whole(nobleVerifier)),
    };
    const empty = new Uint8Array();
    const calls: Calls = {
      Psbt: {
        new: [{ version: 0, transaction: given, global: map, inputs: [map], outputs: [map] }],
        make: () => psbt,
        methods: { withInput: [0, map], withOutput: [0, map], withGlobal: [map] },
      },
      PsbtMap: {
        new: [maybe(whole([{ type: 1, keyData: empty, value: empty }], "string", "bytes", "map"))],
        make: () => new psbts.PsbtMap(),
        methods: {
          get: [1, maybe(empty)],
          all: [1],
          set: [1, empty, empty],
          add: [1, empty, empty],
          without: [() => false],
          union: [map],
        },
      },
      SigningProvider: providerCalls,
      analyzePsbt: [one, maybe(verifier)],
      combinePsbts: [[one]],
      joinPsbts: [[one], maybe((list: unknown) => list)],
      toPsbtVersion: [one, 2],
      decodePsbt: [psbts.encodePsbt(psbt)],
      parsePsbt: [psbts.formatPsbt(psbt)],
      encodePsbt: [one],
      formatPsbt: [one],
      isFinalInput: [map],
      createPsbt: [given, maybe({ version: maybe(2), dropSignatures: maybe(true) })],
      psbtKeyBytes: [{ type: 1, keyData: empty }],
      combineRawTransactions: [[given], [output], maybe(verifier)],
      signRawTransaction: [given, [maybe(output)], provider, maybe(backend)],
      extractTransaction: [one, maybe(verifier)],
      finalizePsbt: [one, maybe(verifier)],
      signPsbt: [one, provider, maybe({ ...backend, finalize: maybe(true) })],
      updatePsbt: [
        one,
        {
          provider: maybe(provider),
          transactions: maybe(() => undefined),
          coins: maybe(() => undefined),
        },
      ],
      psbtInput: [map],
      psbtOutput: [map],
      psbtXpubs: [one],
      spentOutput: [one, 0],
    };
    expect(misuseGaps(psbts, calls)).toEqual([]);
    expect(await misuseProblems(psbts, calls)).toEqual([]);
  });

  test("so does the ledger", async () => {
    const cost = maybe({ n: 2, r: 8, p: 1 });
    const host = { params, now: whole(() => 7), randomBytes: random, scryptCost: cost };
    const ledger = () =>
      ledgers.WalletLedger.create({
        ...{
          params: DEVNET,
          now: () => 7,
          blank: true,
          keypoolSize: 1,
          scryptCost: { n: 2, r: 8, p: 1 },
        },
      });
    const parsed = descriptors.parseDescriptor("raw(51)", DEVNET);
    if (!parsed.ok) expect.unreachable();
    const kind = whole("bech32", "string");
    const master = descriptors.ExtendedKey.fromSeed(new Uint8Array(32).fill(3), DEVNET);
    const adding = {
      ...{ active: maybe(false), internal: maybe(false), next: maybe(0), timestamp: 1 },
      ...{ label: maybe("savings"), range: maybe({ start: 0, end: 1 }) },
    };
    const place = { hash: ZERO_BLOCK_HASH, height: 1 };
    const header = new BlockHeader({
      ...{ version: 1, previousHash: ZERO_BLOCK_HASH, merkleRoot: ZERO_BLOCK_HASH as never },
      ...{ time: 1, bits: 1, nonce: 1 },
    });
    const flags = {
      ...{ disablePrivateKeys: maybe(false), blank: maybe(true), avoidReuse: maybe(false) },
      ...{ birthday: maybe(0), keypoolSize: maybe(2), master: maybe(whole(master)) },
    };
    const calls: Calls = {
      WalletLedger: {
        statics: {
          create: [{ ...host, ...flags }],
          load: [whole([], "map", "string", "bytes"), host],
        },
        make: ledger,
        methods: {
          setAvoidReuse: [true],
          activeDescriptor: [kind, maybe(false)],
          addDescriptor: [whole(parsed.descriptor), adding],
          setUpDescriptors: [maybe(whole(master))],
          privateText: ["00"],
          newAddress: [kind, maybe({ label: maybe("savings"), internal: maybe(false) })],
          returnAddress: [script],
          topUp: [maybe(2)],
          deriveScripts: [1],
          ownerOf: [script],
          provider: [[script], false],
          addressEntry: [script],
          setLabel: [script, "savings", maybe(whole("send", "string"))],
          deleteLabel: [script],
          isSpentAddress: [script],
          encrypt: ["secret"],
          unlock: ["secret", 9],
          changePassphrase: ["secret", "other"],
          forgetBlocks: [whole(() => true, "function")],
          apply: [whole([]), place],
          scanBlock: [whole(new Block(header, [transaction])), place, 7],
          transaction: [ZERO_TXID],
          depth: [ZERO_TXID],
          blocksToMaturity: [ZERO_TXID],
          isTrusted: [ZERO_TXID],
          isFromMe: [ZERO_TXID],
          conflicts: [ZERO_TXID],
          amounts: [ZERO_TXID],
          isChange: [script],
          commit: [whole(transaction), maybe({ comment: maybe("rent"), to: maybe("Bob") })],
          canAbandon: [ZERO_TXID],
          abandon: [ZERO_TXID],
          removeTransaction: [ZERO_TXID],
          importTransaction: [whole(transaction), place, 0, 7],
          balances: [maybe(1)],
          coins: [maybe({ minDepth: maybe(1), minValue: maybe(1n), includeUnsafe: maybe(true) })],
          coin: [outpoint],
          isSpent: [outpoint],
          spenders: [outpoint],
          lockCoin: [outpoint, maybe(true)],
          unlockCoin: [outpoint],
          isLockedCoin: [outpoint],
        },
      },
    };
    expect(misuseGaps(ledgers, calls)).toEqual([]);
    expect(await misuseProblems(ledgers, calls)).toEqual([]);
  });

  test("so do payments", async () => {
    const kind = maybe(whole("bech32", "string"));
    const satisfaction = { weight: 106, elements: 2, kind, isSegwit: true };
    const settings = { ...spending.DEFAULT_FEE_SETTINGS, fallback: 1000n };
    const wishes = {
      feeRate: maybe(2000n),
      overridesFeeRate: maybe(true),
      confirmTarget: maybe(6),
      estimateMode: maybe(whole("economical", "string")),
      signalsReplacement: maybe(true),
    };
    const spendable = { outpoint, output, satisfaction, depth: 1, isFromMe: true };
    const change = {
      kinds: [whole("bech32", "string")],
      defaultKind: whole("bech32", "string"),
      next: whole(() => ({ ok: true, script }), "function"),
    };
    const mempool = {
      ancestry: whole(() => ({ ancestors: 1, clusterCount: 1 }), "function"),
      bumpFees: whole(() => ({ each: [0n], combined: 0n }), "function"),
      maxAncestors: 25,
      maxDescendants: 25,
      checkChainLimits: whole(() => undefined, "function"),
    };
    const payment = {
      ...wishes,
      payees: [{ script, amount: COIN, subtractsFee: maybe(true) }],
      coins: [{ ...spendable, isSafe: maybe(true), isReused: maybe(false) }],
      presets: maybe([
        {
          outpoint: { ...outpoint, vout: 1 },
          output: maybe(output),
          satisfaction: maybe(satisfaction),
          weight: maybe(400),
          sequence: maybe(1),
          scriptSig: maybe(script),
          witness: maybe([script]),
        },
      ]),
      allowOtherInputs: maybe(true),
      change,
      changeAddress: maybe({ script, satisfaction: maybe(satisfaction) }),
      changeKind: kind,
      changePosition: maybe(0),
      fees: settings,
      mempool: maybe(mempool),
      tip: { height: 100, isCurrent: true },
      version: maybe(2),
      lockTime: maybe(0),
      maxWeight: maybe(400_000),
      avoidPartialSpends: maybe(true),
      maxAvoidPartialFee: maybe(0n),
      includeUnsafe: maybe(true),
      includeReused: maybe(true),
      minDepth: maybe(0),
      maxDepth: maybe(10),
      spendUnconfirmedChange: maybe(true),
      rejectLongChains: maybe(true),
      sign: maybe(whole((given: Transaction) => given, "function")),
      randomBytes: random,
    };
    const { payees: _, presets: __, ...replacing } = payment;
    const calls: Calls = {
      ancestorBumpFees: [
        [{ txid: ZERO_TXID, fee: 1n, size: 100, parents: [ZERO_TXID] }],
        [outpoint],
        1000n,
      ],
      replaceSpend: [
        {
          ...replacing,
          replaced: whole(transaction),
          inputs: [{ outpoint, output, satisfaction: maybe(satisfaction), weight: maybe(400) }],
          outputs: maybe([output]),
          originalChangeIndex: maybe(0),
          isChange: whole(() => undefined, "function"),
        },
      ],
      antiFeeSnipingLockTime: [{ height: 100, isCurrent: true }, random],
      chooseFeeRate: [wishes, settings],
      maxInputWeight: [satisfaction, maybe(true)],
      maxTransactionSize: [
        [{ satisfaction: maybe(satisfaction), weight: maybe(400), scriptPubKey: script }],
        [output],
      ],
      createSpend: [payment],
    };
    expect(misuseGaps(spending, calls)).toEqual([]);
    expect(await misuseProblems(spending, calls)).toEqual([]);
  });

  test("so do signed messages", async () => {
    const signing: Calls = {
      signMessage: ["hello", whole(key)],
      verifyMessage: [address, message.signMessage("hello", key), "hello", params],
    };
    expect(misuseGaps(message, signing)).toEqual([]);
    expect(await misuseProblems(message, signing)).toEqual([]);
  });
});
