/** Wallets of a node: in step with its chain, on disk, over the RPC. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createRpcClient, RpcError } from "@chain/rpc/client";
import { type KeyValueStore, MemoryKeyValueStore } from "@chain/storage";
import { temporaryDirectory } from "@chain/testing/place";
import { WalletLedger } from "@chain/wallet/ledger";
import { describe, expect, type MockInstance, onTestFinished, test, vi } from "vitest";
import { type CreateNodeOptions, createNode } from "../src/createNode.ts";

type Caller = (method: string, ...params: unknown[]) => Promise<never>;

async function start(options: CreateNodeOptions = {}) {
  const node = await createNode({ rpc: true, wallets: { keypool: 10 }, ...options });
  onTestFinished(() => node.close());
  const at = (path: string): Caller => {
    const { url, user, password } = node.rpc;
    return async (method, ...params) => {
      const answer = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
        body: JSON.stringify({ method, params, id: 1 }),
      });
      const { result, error } = (await answer.json()) as { result: never; error: RpcError | null };
      if (error !== null) throw new RpcError(error.code, error.message);
      return result;
    };
  };
  return {
    node,
    call: at("/"),
    wallet: (name: string) => at(`/wallet/${encodeURIComponent(name)}`),
  };
}

describe("a wallet of a node", () => {
  test("sees blocks, unconfirmed payments, and a reorganisation", async () => {
    const { node, call, wallet } = await start();
    await call("createwallet", "a");
    await call("createwallet", "b/ü");
    const [a, b] = [wallet("a"), wallet("b/ü")];
    const address = await a("getnewaddress", "mine");
    const [hash] = (await call("generatetoaddress", 101, address)) as string[];
    expect(await a("getbalances")).toMatchObject({
      mine: { trusted: 50, untrusted_pending: 0, immature: 5000 },
      lastprocessedblock: { height: 101 },
    });
    expect(await b("getbalance")).toBe(0);
    const [coin] = (await a("listunspent")) as { txid: string; vout: number; amount: number }[];
    expect(coin).toMatchObject({ address, label: "mine", amount: 50, safe: true, solvable: true });
    expect(await a("listtransactions", "*", 1000)).toHaveLength(101);
    expect(await a("gettransaction", coin?.txid)).toMatchObject({
      amount: 50,
      generated: true,
      blockhash: hash,
      details: [{ category: "generate", abandoned: false, vout: 0 }],
    });
    await call("invalidateblock", node.chain.tip.hash);
    expect(await a("getbalances")).toMatchObject({ mine: { trusted: 0, immature: 5000 } });
    expect(await a("getwalletinfo")).toMatchObject({ txcount: 101, format: "memory" });
  });

  test("keeps keys, labels and transactions on disk", async () => {
    const directory = await temporaryDirectory();
    const first = await start({ directory });
    await first.call("createwallet", "w", false, false, "", false, true, true);
    const w = first.wallet("w");
    const address = await w("getnewaddress", "rent");
    await first.call("generatetoaddress", 2, address);
    const descriptors = await w("listdescriptors", true);
    const backup = join(directory, "copy.bak");
    await w("backupwallet", backup);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const [folder = ""] = readdirSync(directory).filter((name) => name.startsWith("wallets_"));
    expect(statSync(join(directory, folder, "w", "wallet.db")).mode & 0o777).toBe(0o700);
    await first.node.close();

    const second = await start({ directory });
    expect(await second.call("listwallets")).toEqual(["w"]);
    const again = second.wallet("w");
    expect(await again("listdescriptors", true)).toEqual(descriptors);
    expect(await again("getaddressinfo", address)).toMatchObject({ labels: ["rent"] });
    expect(await again("getbalances")).toMatchObject({ mine: { immature: 100 } });
    expect(await second.call("listwalletdir")).toEqual({
      wallets: [{ name: "w", warnings: [] }],
    });
    await again("unloadwallet", null, false);
    await second.call("restorewallet", "copy", backup);
    expect(await second.wallet("copy")("getbalances")).toMatchObject({ mine: { immature: 100 } });
    await expect(second.call("restorewallet", "copy", backup)).rejects.toMatchObject({ code: -36 });
    await expect(second.call("restorewallet", "no", __filename)).rejects.toMatchObject({
      code: -4,
    });
    expect(existsSync(join(directory, folder, "no"))).toBe(false);
    await expect(second.call("loadwallet", "nothing")).rejects.toMatchObject({ code: -18 });
    await expect(second.call("createwallet", "w")).rejects.toMatchObject({ code: -4 });
    await second.node.close();

    const third = await start({ directory });
    expect(await third.call("listwallets")).toEqual([]);
  });

  test("loses the money of a chain that its node does not have", async () => {
    const directory = await temporaryDirectory();
    const [one, other] = [await start(), await start()];
    await one.call("createwallet", "w");
    const w = one.wallet("w");
    await one.call("generatetoaddress", 105, await w("getnewaddress"));
    const backup = join(directory, "copy.bak");
    await w("backupwallet", backup);
    await other.call("generatetodescriptor", 110, "raw(51)#8lvh9jxk");
    const none = { mine: { trusted: 0, untrusted_pending: 0, immature: 0 } };
    await other.call("restorewallet", "unknown", backup);
    expect(await other.wallet("unknown")("getbalances")).toMatchObject(none);
    // It knows the headers of a branch without the blocks.
    for (let height = 1; height <= 105; height++) {
      const hash = await one.call("getblockhash", height);
      await other.call("submitheader", await one.call("getblockheader", hash, false));
    }
    await other.call("restorewallet", "known", backup);
    const known = other.wallet("known");
    expect(await known("getbalances")).toMatchObject({
      ...none,
      lastprocessedblock: { height: 110 },
    });
    const listed = (await known("listtransactions", "*", 1)) as { confirmations: number }[];
    expect(listed).toMatchObject([{ confirmations: 0, category: "orphan", abandoned: true }]);
  });

  test("leaves no plain key on the disk when it is encrypted", async () => {
    const directory = await temporaryDirectory();
    const first = await start({ directory });
    await first.call("createwallet", "w", false, false, "", false, true, true);
    const { descriptors } = (await first.wallet("w")("listdescriptors", true)) as {
      descriptors: { desc: string }[];
    };
    const [key = ""] = descriptors[0]?.desc.match(/tprv\w+/) ?? [];
    await first.node.close();
    const second = await start({ directory });
    const has = () =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(key));
    expect(has()).toBe(true);
    await second.wallet("w")("encryptwallet", "secret");
    expect(key.length).toBeGreaterThan(100);
    expect(has()).toBe(false);
    await second.wallet("w")("walletpassphrase", "secret", 60);
    expect(await second.wallet("w")("getnewaddress")).toContain("bcrt1");
  });

  test("finds payments of before by a rescan, with block filters and without", async () => {
    for (const blockFilters of [false, true]) {
      const { call, wallet, node } = await start({ indexes: { blockFilters } });
      await call("createwallet", "a");
      const address = await wallet("a")("getnewaddress");
      await call("generatetoaddress", 3, address);
      await call("generatetodescriptor", 105, "raw(51)#8lvh9jxk");
      const { descriptors } = (await wallet("a")("listdescriptors", true)) as {
        descriptors: { desc: string; range: number[] }[];
      };
      await call("createwallet", "b", false, true);
      const b = wallet("b");
      const requests = descriptors.map(({ desc, range }) => ({ desc, range, timestamp: "now" }));
      expect(await b("importdescriptors", requests)).toEqual(
        requests.map(() => ({ success: true })),
      );
      // Their blocks are younger than two hours.
      expect(await b("getbalance")).toBe(150);
      await b("unloadwallet");
      await call("createwallet", "c", true, true);
      const c = wallet("c");
      const { descriptors: open } = (await wallet("a")("listdescriptors")) as {
        descriptors: { desc: string }[];
      };
      node.setTime(Math.floor(Date.now() / 1000) + 100_000);
      await call("generatetodescriptor", 12, "raw(51)#8lvh9jxk");
      await c(
        "importdescriptors",
        open.map(({ desc }) => ({ desc, range: 20, timestamp: "now" })),
      );
      expect(await c("getbalance")).toBe(0);
      expect(await c("rescanblockchain", 2, 100)).toEqual({ start_height: 2, stop_height: 100 });
      expect(await c("getbalance")).toBe(100);
      expect(await c("rescanblockchain")).toEqual({ start_height: 0, stop_height: 120 });
      expect(await c("getbalance")).toBe(150);
      expect(await c("abortrescan")).toBe(false);
      await expect(c("rescanblockchain", 121)).rejects.toMatchObject({ code: -8 });
    }
  });
});

describe("a wallet that is at work", () => {
  test("derives scripts of an import before it scans and writes", async () => {
    const { call, wallet } = await start();
    await call("createwallet", "a");
    const { descriptors } = (await wallet("a")("listdescriptors", true)) as {
      descriptors: { desc: string }[];
    };
    await call("generatetoaddress", 2, await wallet("a")("getnewaddress"));
    await call("createwallet", "b", false, true);
    const missing: number[] = [];
    for (const name of ["scanBlock", "takeChanges"] as const) {
      const own = WalletLedger.prototype[name];
      const spy = vi.spyOn(WalletLedger.prototype, name) as MockInstance;
      spy.mockImplementation(function (this: WalletLedger, ...given: never[]) {
        missing.push(this.missingKnownScripts);
        return (own as (...all: never[]) => unknown).apply(this, given);
      });
      onTestFinished(() => spy.mockRestore());
    }
    const requests = descriptors.map(({ desc }) => ({ desc, range: 99, timestamp: 0 }));
    await wallet("b")("importdescriptors", requests);
    expect(missing.length).toBeGreaterThan(2);
    expect(new Set(missing)).toEqual(new Set([0]));
    expect(await wallet("b")("getbalances")).toMatchObject({ mine: { immature: 100 } });
  });

  test("is copied between two writes, with keys that others may know from then on", async () => {
    const directory = await temporaryDirectory();
    const { call, wallet } = await start();
    await call("createwallet", "w");
    const w = wallet("w");
    const address = await w("getnewaddress");
    const steps: string[] = [];
    const { range, write } = MemoryKeyValueStore.prototype;
    const reads = vi.spyOn(MemoryKeyValueStore.prototype, "range");
    const writes = vi.spyOn(MemoryKeyValueStore.prototype, "write");
    const share = vi.spyOn(WalletLedger.prototype, "shareKeys");
    let labelled: Promise<unknown> | undefined;
    reads.mockImplementationOnce(async function (this: KeyValueStore, ...given) {
      labelled = w("setlabel", address, "late");
      await vi.waitFor(async () => {
        expect(await w("getaddressesbylabel", "late")).toHaveProperty(address);
      });
      const found = await range.apply(this, given as never);
      steps.push("read");
      return found;
    });
    writes.mockImplementation(function (this: KeyValueStore, changes) {
      steps.push("write");
      return write.call(this as never, changes);
    });
    await w("backupwallet", join(directory, "copy.bak"));
    await labelled;
    expect(steps.slice(steps.indexOf("read"))).toEqual(["read", "write"]);
    expect(steps.lastIndexOf("write")).toBeGreaterThan(steps.indexOf("read"));
    expect(share).toHaveBeenCalled();
    for (const spy of [reads, writes, share]) spy.mockRestore();
  });

  test("is not locked after a scan by a timer of before it was unlocked again", async () => {
    const { call, wallet, node } = await start();
    await call("createwallet", "w", false, false, "secret");
    const w = wallet("w");
    await call("generatetodescriptor", 2, "raw(51)#8lvh9jxk");
    const getBlock = node.chain.getBlock.bind(node.chain);
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    vi.spyOn(node.chain, "getBlock").mockImplementation(async (hash) => {
      await gate;
      return getBlock(hash);
    });
    await w("walletpassphrase", "secret", 60);
    const scanned = w("rescanblockchain");
    await vi.waitFor(async () => {
      expect(await w("getwalletinfo")).not.toMatchObject({ scanning: false });
    });
    await w("walletpassphrase", "secret", 0);
    await new Promise((resolve) => setTimeout(resolve, 5)); // behind the timer of the wallet
    await w("walletpassphrase", "secret", 60);
    go();
    await scanned;
    expect(await w("getwalletinfo")).not.toMatchObject({ unlocked_until: 0 });
  });
});

test("a node without wallets does not know their methods", async () => {
  const node = await createNode({ rpc: true });
  onTestFinished(() => node.close());
  const client = createRpcClient(node.rpc);
  await expect(client.listWallets()).rejects.toMatchObject({ code: -32_601 });
  expect(await client.help()).not.toContain("== Wallet ==");
});
