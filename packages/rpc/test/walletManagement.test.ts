/** Wallets as a whole: which one a call means, making and loading, passphrases, addresses, descriptors. */
import { describe, expect, test } from "vitest";
import type { Json } from "../src/json/parse.ts";
import { startHost } from "./support/host.ts";
import { TestWallets } from "./support/wallets.ts";

const SIGNAL = { aborted: false };

async function start() {
  const wallets = new TestWallets();
  const started = await startHost({ parts: { wallets } });
  /** Calls a method of one wallet, as `/wallet/<name>` does. */
  const ofWallet = (wallet: string, method: string, ...params: readonly Json[]) =>
    started.server.call(method, params, SIGNAL, wallet);
  return { ...started, wallets, ofWallet };
}

describe("the wallet that is meant", () => {
  test("is the only one that is loaded, or that of the path", async () => {
    const { call, error, ofWallet } = await start();
    expect((await error("getnewaddress"))[0]).toBe(-18);
    expect((await error("getnewaddress"))[1]).toMatch(/^No wallet is loaded\. Load a wallet/);
    await call("createwallet", "a");
    expect(await call("getnewaddress")).toMatch(/^bcrt1q/);
    await call("createwallet", "b c/é");
    const [code, message] = await error("getnewaddress");
    expect([code, message.slice(0, 29)]).toEqual([-19, "Multiple wallets are loaded. "]);
    expect(await ofWallet("b c/é", "getnewaddress", "", "legacy")).toMatch(/^[mn]/);
    await expect(ofWallet("c", "getnewaddress")).rejects.toMatchObject({
      code: -18,
      message: "Requested wallet does not exist or is not loaded",
    });
    expect(await call("listwallets")).toEqual(["a", "b c/é"]);
  });

  test("does not exist on a node without wallets, nor do the methods", async () => {
    const { error } = await startHost();
    expect(await error("listwallets")).toEqual([-32_601, "Method not found"]);
    expect(await error("getnewaddress")).toEqual([-32_601, "Method not found"]);
  });
});

describe("wallets", () => {
  test("are made, unloaded and loaded again", async () => {
    const { call, error, ofWallet, wallets } = await start();
    expect(await call("createwallet", "w", false, false, "")).toEqual({
      name: "w",
      warnings: ["Empty string given as passphrase, wallet will not be encrypted."],
    });
    const address = await call("getnewaddress");
    expect((await error("createwallet", "w"))[0]).toBe(-4);
    expect(await error("createwallet", "l", false, false, null, false, false)).toEqual([
      -4,
      'descriptors argument must be set to "true"; it is no longer possible to create a legacy wallet.',
    ]);
    expect((await error("createwallet", "s", true, true, null, false, true, null, true))[1]).toBe(
      "Compiled without external signing support (required for external signing)",
    );
    expect(await error("loadwallet", "w")).toEqual([-35, 'Wallet "w" is already loaded.']);
    expect((await error("unloadwallet"))[0]).toBe(-8);
    await expect(ofWallet("w", "unloadwallet", "other")).rejects.toMatchObject({
      code: -8,
      message: "The RPC endpoint wallet and the wallet name parameter specify different wallets",
    });
    expect(await ofWallet("w", "unloadwallet", null, true)).toEqual({});
    expect(wallets.startup.get("w")).toBe(true);
    expect((await error("unloadwallet", "w"))[0]).toBe(-18);
    expect((await error("loadwallet", "nothing"))[0]).toBe(-18);
    expect(await call("loadwallet", "w")).toEqual({ name: "w" });
    expect(await call("getaddressinfo", address as string)).toMatchObject({ ismine: true });
    expect(await call("listwalletdir")).toEqual({ wallets: [{ name: "w", warnings: [] }] });
    expect((await error("restorewallet", "w", "x"))[0]).toBe(-36);
    expect((await error("restorewallet", "v", "x"))[0]).toBe(-8);
    expect(await call("backupwallet", "/somewhere")).toBe(null);
    expect(await error("backupwallet", "/nowhere")).toEqual([-4, "Error: Wallet backup failed!"]);
  });

  test("have one flag that can be changed", async () => {
    const { call, error } = await start();
    await call("createwallet", "w");
    expect(await call("setwalletflag", "avoid_reuse")).toMatchObject({
      flag_name: "avoid_reuse",
      flag_state: true,
      warnings: expect.stringMatching(/^You need to rescan/),
    });
    expect(await error("setwalletflag", "avoid_reuse", true)).toEqual([
      -8,
      "Wallet flag is already set to true: avoid_reuse",
    ]);
    expect(await call("setwalletflag", "avoid_reuse", false)).toEqual({
      flag_name: "avoid_reuse",
      flag_state: false,
    });
    expect((await error("setwalletflag", "x"))[1]).toBe("Unknown wallet flag: x");
    expect((await error("setwalletflag", "blank"))[1]).toBe("Wallet flag is immutable: blank");
  });
});

describe("a passphrase", () => {
  test("locks the private keys", async () => {
    const { call, error } = await start();
    await call("createwallet", "w");
    for (const method of ["walletlock", "walletpassphrasechange", "walletpassphrase"]) {
      const params = { walletlock: [], walletpassphrasechange: ["a", "b"] }[method] ?? ["a", 1];
      expect(await error(method, ...params)).toEqual([
        -15,
        `Error: running with an unencrypted wallet, but ${method} was called.`,
      ]);
    }
    expect(await error("encryptwallet", "")).toEqual([-8, "passphrase cannot be empty"]);
    expect(await call("encryptwallet", "secret")).toMatch(/^wallet encrypted; The keypool/);
    expect((await error("encryptwallet", "secret"))[0]).toBe(-15);
    const legacy = await call<string>("getnewaddress", "", "legacy");
    expect((await error("signmessage", legacy, "hi"))[0]).toBe(-13);
    expect((await error("listdescriptors", true))[0]).toBe(-13);
    expect((await error("walletpassphrase", "wrong", 10))[0]).toBe(-14);
    expect((await error("walletpassphrase", "wr\0ng", 10))[1]).toContain("null character");
    expect((await error("walletpassphrase", "secret", -1))[0]).toBe(-8);
    await call("walletpassphrase", "secret", 10);
    const signature = await call<string>("signmessage", legacy, "hi");
    expect(await call("verifymessage", legacy, signature, "hi")).toBe(true);
    await call("walletlock");
    expect((await error("signmessage", legacy, "hi"))[0]).toBe(-13);
    expect((await error("walletpassphrasechange", "wrong", "new"))[0]).toBe(-14);
    await call("walletpassphrasechange", "secret", "new");
    expect((await error("walletpassphrase", "secret", 10))[0]).toBe(-14);
    await call("walletpassphrase", "new", 10);
  });

  test("has nothing to lock in a wallet without private keys", async () => {
    const { call, error } = await start();
    await call("createwallet", "w", true);
    expect((await error("encryptwallet", "x"))[0]).toBe(-16);
    expect((await error("getnewaddress"))[1]).toBe("Error: This wallet has no available keys");
    expect((await error("listdescriptors", true))[0]).toBe(-4);
  });
});

describe("addresses", () => {
  test("have labels", async () => {
    const { call, error } = await start();
    await call("createwallet", "w");
    const own = await call<string>("getnewaddress", "rent", "bech32m");
    const foreign = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    await call("setlabel", foreign, "shop");
    expect(await call("getaddressesbylabel", "rent")).toEqual({ [own]: { purpose: "receive" } });
    expect(await call("getaddressesbylabel", "shop")).toEqual({ [foreign]: { purpose: "send" } });
    expect(await call("listlabels")).toEqual(["rent", "shop"]);
    expect(await call("listlabels", "send")).toEqual(["shop"]);
    expect((await error("listlabels", "x"))[0]).toBe(-8);
    expect(await error("getaddressesbylabel", "x")).toEqual([-11, "No addresses with label x"]);
    expect(await error("getnewaddress", "*")).toEqual([-11, "Invalid label name"]);
    expect(await error("getnewaddress", "", "x")).toEqual([-5, "Unknown address type 'x'"]);
    expect((await error("setlabel", "x", "y"))[0]).toBe(-5);
  });

  test("are described with all that the wallet knows", async () => {
    const { call, error } = await start();
    await call("createwallet", "w");
    const nested = await call<string>("getnewaddress", "", "p2sh-segwit");
    expect(await call("getaddressinfo", nested)).toMatchObject({
      ismine: true,
      solvable: true,
      isscript: true,
      iswitness: false,
      ischange: false,
      script: "witness_v0_keyhash",
      embedded: { iswitness: true, isscript: false },
      desc: expect.stringMatching(/^sh\(wpkh\(\[[0-9a-f]{8}\/49h\/1h\/0h\/0\/0\]0[23]/),
      parent_desc: expect.stringMatching(/^sh\(wpkh\(\[[0-9a-f]{8}\/49h\/1h\/0h\]tpub/),
      hdkeypath: "m/49h/1h/0h/0/0",
      labels: [""],
    });
    const change = await call<string>("getrawchangeaddress", "bech32");
    expect(await call("getaddressinfo", change)).toMatchObject({
      ischange: true,
      hdkeypath: "m/84h/1h/0h/1/0",
      labels: [],
    });
    const foreign = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    expect(await call("getaddressinfo", foreign)).toMatchObject({
      ismine: false,
      solvable: false,
      ischange: false,
    });
    expect(await error("walletdisplayaddress", nested)).toEqual([
      -1,
      "There is no ScriptPubKeyManager for this address",
    ]);
    expect((await error("signmessage", nested, "x"))[1]).toBe("Address does not refer to key");
    const other = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8";
    expect(await error("signmessage", other, "x")).toEqual([-5, "Private key not available"]);
  });
});

describe("descriptors", () => {
  test("are listed with and without their keys", async () => {
    const { call } = await start();
    await call("createwallet", "w");
    await call("keypoolrefill", 20);
    const { descriptors } = await call<{ descriptors: { desc: string; range: number[] }[] }>(
      "listdescriptors",
    );
    expect(descriptors.length).toBe(8);
    expect(descriptors.every(({ range }) => range[0] === 0 && range[1] === 19)).toBe(true);
    const texts = descriptors.map(({ desc }) => desc);
    expect(texts).toEqual([...texts].sort());
    const secret = await call<{ descriptors: { desc: string }[] }>("listdescriptors", true);
    expect(secret.descriptors.every(({ desc }) => desc.includes("tprv"))).toBe(true);
  });

  test("use extended keys, from which further ones are made", async () => {
    const { call, error } = await start();
    await call("createwallet", "w");
    const [key] = await call<{ xpub: string; descriptors: unknown[] }[]>("gethdkeys");
    expect(key).toMatchObject({ xpub: expect.stringMatching(/^tpub/), has_private: true });
    expect(key?.descriptors.length).toBe(8);
    const [secret] = await call<{ xprv: string }[]>("gethdkeys", { private: true });
    expect(secret?.xprv).toMatch(/^tprv/);
    expect(await error("createwalletdescriptor", "bech32")).toEqual([
      -4,
      "Descriptor already exists",
    ]);
    await call("createwallet", "blank", false, true);
    await call("unloadwallet", "w");
    expect((await error("createwalletdescriptor", "bech32"))[1]).toMatch(/^Unable to determine/);
    expect((await error("createwalletdescriptor", "bech32", { hdkey: "x" }))[1]).toBe(
      "Unable to parse HD key. Please provide a valid xpub",
    );
    expect((await error("createwalletdescriptor", "bech32", { hdkey: key?.xpub ?? "" }))[1]).toBe(
      `Private key for ${key?.xpub} is not known`,
    );
  });
});
