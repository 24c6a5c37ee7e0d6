/** Wallets of a node: in step with its chain, on disk, over the RPC. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createRpcClient, RpcError } from "@chain/rpc/client";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, onTestFinished, test } from "vitest";
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

test("a node without wallets does not know their methods", async () => {
  const node = await createNode({ rpc: true });
  onTestFinished(() => node.close());
  const client = createRpcClient(node.rpc);
  await expect(client.listWallets()).rejects.toMatchObject({ code: -32_601 });
  expect(await client.help()).not.toContain("== Wallet ==");
});
