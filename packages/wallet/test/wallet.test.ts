import { bytesToHex, COIN, DEVNET, mainnet, type Transaction } from "@chain/core";
import { describe, expect, test } from "vitest";
import { decodeAddress } from "../src/address.ts";
import { buildPayment } from "../src/build.ts";
import { encodeKeyFile } from "../src/keyfile.ts";
import { fromWif } from "../src/keys.ts";
import { memoryStorage, type WalletStorage } from "../src/storage.ts";
import { Wallet, type WalletOptions } from "../src/wallet.ts";
import { testCoin, testKey } from "./support/fixtures.ts";

const options: WalletOptions = {
  params: DEVNET,
  now: () => 1_700_000_000,
  scryptCost: { n: 16, r: 1, p: 1 },
};

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.fail("no error"),
    (reason: unknown) => reason,
  );
  return (error as { readonly code: string }).code;
}

/** Pays from coin number n of the first key. */
function payment(wallet: Wallet, n: number, amount: bigint = COIN): Transaction {
  const [key] = wallet.keys;
  if (key === undefined) expect.fail("no key");
  const built = buildPayment({
    coins: [testCoin(n, 10n * COIN, key.script)],
    to: testKey(2).script,
    amount,
    fee: { type: "amount", amount: 0n },
    changeScript: key.script,
    params: { minRelayFeeRate: 0n, coinbaseMaturity: 1 },
    spendHeight: 5,
    inputSize: (coin) => wallet.inputSize(coin),
  });
  if (!built.ok) expect.fail(built.reason);
  const result = wallet.sign(built.transaction, built.coins);
  if (!result.ok) expect.fail(result.reason);
  return result.transaction;
}

describe("a wallet without passphrase", () => {
  test("keeps its keys, in the order they were made", async () => {
    const storage = memoryStorage();
    const wallet = await Wallet.create(storage, options);
    const first = await wallet.newKey({ label: "savings" });
    const second = await wallet.newKey();
    expect(wallet.keys.map(({ address }) => address)).toEqual([first.address, second.address]);
    const again = await Wallet.open(storage, options);
    expect(again.keys).toEqual(wallet.keys);
    expect(again.keys[0]).toMatchObject({ label: "savings", created: 1_700_000_000 });
    expect({ encrypted: again.encrypted, locked: again.locked }).toEqual({
      encrypted: false,
      locked: false,
    });
    expect(decodeAddress(first.address, DEVNET)).toMatchObject({ script: first.script });
    expect(again.keyFor(first.script)?.publicKey).toEqual(first.publicKey);
    expect(again.keyFor(testKey(1).script)).toBeUndefined();
  });

  test("signs for its addresses", async () => {
    const wallet = await Wallet.create(memoryStorage(), options);
    await wallet.newKey();
    expect(payment(wallet, 1).inputs[0]?.scriptSig.length).toBeGreaterThan(100);
  });

  test("takes in keys of either form, and gives them out", async () => {
    const wallet = await Wallet.create(memoryStorage(), options);
    for (const compressed of [true, false]) {
      const key = testKey(4, compressed);
      const { address, script } = await wallet.importKey(key);
      await wallet.importKey(key, { label: "again" });
      const exported = fromWif(wallet.exportKey(address), DEVNET);
      if (!exported.ok) expect.fail(exported.reason);
      expect(exported.key.toBytes()).toEqual(key.toBytes());
      expect(exported.key.compressed).toBe(compressed);
      expect(wallet.inputSize(testCoin(1, 1n, script))).toBe(compressed ? 147 : 179);
    }
    expect(wallet.keys.length).toBe(2);
    expect(payment(wallet, 1).inputs.length).toBe(1);
    expect(() => wallet.exportKey("CX")).toThrow(expect.objectContaining({ code: "unknown-key" }));
  });

  test("is not overwritten, not opened where there is none, nor on another network", async () => {
    const storage = memoryStorage();
    expect(await rejection(Wallet.open(storage, options))).toBe("not-found");
    await Wallet.create(storage, options);
    expect(await rejection(Wallet.create(storage, options))).toBe("exists");
    const elsewhere = { ...options, params: mainnet };
    expect(await rejection(Wallet.open(storage, elsewhere))).toBe("wrong-network");
    expect(await rejection(Wallet.open(memoryStorage("{}"), options))).toBe("corrupt");
  });
});

describe("a wallet with a passphrase", () => {
  async function encrypted(): Promise<{ storage: WalletStorage; wallet: Wallet }> {
    const storage = memoryStorage();
    const wallet = await Wallet.create(storage, { ...options, passphrase: "first" });
    await wallet.newKey();
    return { storage, wallet };
  }

  test("shows addresses while it is locked, and needs the passphrase for all else", async () => {
    const { storage, wallet } = await encrypted();
    const opened = await Wallet.open(storage, options);
    expect(opened.keys).toEqual(wallet.keys);
    expect(opened.locked).toBe(true);
    expect(await rejection(opened.newKey())).toBe("needs-passphrase");
    expect(await rejection(opened.setPassphrase("x"))).toBe("needs-passphrase");
    const script = opened.keys[0]?.script as Uint8Array;
    expect(() => opened.keyFor(script)).toThrow(
      expect.objectContaining({ code: "needs-passphrase" }),
    );
    expect(await rejection(opened.unlock("second"))).toBe("wrong-passphrase");
    expect(opened.locked).toBe(true);
    await opened.unlock("first");
    expect(opened.keyFor(script)?.publicKey).toEqual(opened.keys[0]?.publicKey);
    await opened.newKey();
    opened.lock();
    expect(opened.locked).toBe(true);
    expect((await Wallet.open(storage, options)).keys.length).toBe(2);
  });

  test("changes its passphrase, and another process notices", async () => {
    const { storage, wallet } = await encrypted();
    const other = await Wallet.open(storage, options);
    await other.unlock("first");
    await wallet.setPassphrase("second");
    await wallet.newKey();
    expect(await rejection(other.newKey())).toBe("needs-passphrase");
    const opened = await Wallet.open(storage, options);
    expect(await rejection(opened.unlock("first"))).toBe("wrong-passphrase");
    await opened.unlock("second");
    expect(opened.keyFor(opened.keys[1]?.script as Uint8Array)).toBeDefined();
    expect(await rejection(wallet.setPassphrase(""))).toBe("empty-passphrase");
  });

  test("can be made of one without", async () => {
    const storage = memoryStorage();
    const wallet = await Wallet.create(storage, options);
    const { address, script } = await wallet.newKey();
    const secret = wallet.exportKey(address);
    const hex = bytesToHex(wallet.keyFor(script)?.toBytes() ?? new Uint8Array(1));
    expect(await storage.read()).toContain(hex);
    await wallet.setPassphrase("later");
    expect(wallet.encrypted).toBe(true);
    expect(await storage.read()).not.toContain(hex);
    const opened = await Wallet.open(storage, options);
    await opened.unlock("later");
    expect(opened.exportKey(address)).toBe(secret);
  });

  test("writes with a nonce of its own each time", async () => {
    const { storage, wallet } = await encrypted();
    const nonces = new Set<string>();
    for (let n = 0; n < 5; n++) {
      await wallet.newKey();
      nonces.add(/"nonce": "(\w+)"/.exec((await storage.read()) ?? "")?.[1] ?? "");
    }
    expect(nonces.size).toBe(5);
  });

  test("remembers payments while it is locked", async () => {
    const { storage, wallet } = await encrypted();
    const locked = await Wallet.open(storage, options);
    await locked.addPending(payment(wallet, 1));
    await wallet.newKey();
    const opened = await Wallet.open(storage, options);
    await opened.unlock("first");
    expect([opened.pending.length, opened.keys.length]).toEqual([1, 2]);
  });
});

describe("pending payments", () => {
  test("are kept, refuse what spends their coins, and are forgotten", async () => {
    const storage = memoryStorage();
    const wallet = await Wallet.create(storage, options);
    await wallet.newKey();
    const [one, two] = [payment(wallet, 1), payment(wallet, 2)];
    await wallet.addPending(one);
    await wallet.addPending(two);
    await wallet.addPending(one);
    const other = await Wallet.open(storage, options);
    expect(other.pending.map(({ transaction }) => transaction.txid)).toEqual([one.txid, two.txid]);
    await wallet.removePending([one.txid]);
    expect(wallet.pending.map(({ transaction }) => transaction.txid)).toEqual([two.txid]);
  });

  test("a payment of another process that spends the same coin is refused", async () => {
    const storage = memoryStorage();
    const wallet = await Wallet.create(storage, options);
    await wallet.newKey();
    const other = await Wallet.open(storage, options);
    await other.addPending(payment(other, 1));
    expect(await rejection(wallet.addPending(payment(wallet, 1, 2n * COIN)))).toBe("conflict");
    expect((await Wallet.open(storage, options)).pending.length).toBe(1);
  });
});

describe("changes at the same time", () => {
  test("all happen, though none waits for the other", async () => {
    const storage = memoryStorage();
    const wallet = await Wallet.create(storage, options);
    const made = await Promise.all(Array.from({ length: 20 }, () => wallet.newKey()));
    expect(wallet.keys).toEqual(made);
    expect((await Wallet.open(storage, options)).keys).toEqual(made);
  });

  test("one that fails leaves the wallet as it is written, and the next goes on", async () => {
    const inner = memoryStorage();
    let full = false;
    const storage: WalletStorage = {
      read: () => inner.read(),
      update: async (change) => {
        if (full) throw new RangeError("disk full");
        await inner.update(change);
      },
      exclusively: (action) => inner.exclusively(action),
    };
    const wallet = await Wallet.create(storage, options);
    full = true;
    await expect(wallet.newKey()).rejects.toThrow("disk full");
    await expect(wallet.setPassphrase("x")).rejects.toThrow("disk full");
    expect([wallet.keys.length, wallet.encrypted]).toEqual([0, false]);
    full = false;
    await wallet.newKey();
    expect((await Wallet.open(storage, options)).keys.length).toBe(1);
  });
});

test("a private key that does not belong to its public key is found before it signs", async () => {
  const file = {
    network: "devnet",
    keys: [{ publicKey: bytesToHex(testKey(1).publicKey), created: 1 }],
    secrets: { type: "plain", keys: [bytesToHex(testKey(2).toBytes())] },
    pending: [],
  } as const;
  const wallet = await Wallet.open(memoryStorage(encodeKeyFile(file)), options);
  expect(() => wallet.keyFor(testKey(1).script)).toThrow(
    expect.objectContaining({ code: "corrupt" }),
  );
});
