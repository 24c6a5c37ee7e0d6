import { COIN, DEVNET, p2pkhScript, Transaction, ZERO_TXID } from "@chain/core";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import * as wallet from "@chain/wallet";
import { memoryStorage, nobleSigner, PrivateKey, Wallet } from "@chain/wallet";
import * as file from "@chain/wallet/file";
import * as message from "@chain/wallet/message";
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

  test("so do signed messages", async () => {
    const signing: Calls = {
      signMessage: ["hello", whole(key)],
      verifyMessage: [address, message.signMessage("hello", key), "hello", params],
    };
    expect(misuseGaps(message, signing)).toEqual([]);
    expect(await misuseProblems(message, signing)).toEqual([]);
  });
});
