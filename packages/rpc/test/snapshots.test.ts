/** Snapshots of all coins: written for any block of the chain, in a file that Core reads. */
import {
  type BlockHash,
  type ChainParams,
  concatBytes,
  type LocatedCoin,
  regtest,
} from "@chain/core";
import type { CoinsAt } from "@chain/engine";
import { SnapshotReader } from "@chain/storage";
import { describe, expect, test } from "vitest";
import type { SnapshotFiles } from "../src/host.ts";
import { startHost } from "./support/host.ts";

/** Files in memory. */
function memoryFiles(): SnapshotFiles & { readonly written: Map<string, Uint8Array> } {
  const written = new Map<string, Uint8Array>();
  const resolve = (path: string) => `/data/${path}`;
  return {
    written,
    resolve,
    async create(name) {
      const path = resolve(name);
      if (written.has(path)) return { type: "exists", path };
      if (name.includes("/")) return { type: "unwritable", path: `${path}.incomplete` };
      return {
        type: "created",
        path,
        async write(pieces) {
          const all: Uint8Array[] = [];
          for await (const piece of pieces) all.push(piece);
          written.set(path, concatBytes(...all));
        },
        async close() {},
      };
    },
    async open(name) {
      const path = resolve(name);
      const bytes = written.get(path);
      if (bytes === undefined) return undefined;
      async function* pieces(whole: Uint8Array) {
        yield whole;
      }
      return { path, bytes: pieces(bytes), async close() {} };
    },
  };
}

async function withFiles(files = memoryFiles(), params: ChainParams = regtest) {
  const host = await startHost({ params, parts: { snapshots: files } });
  const read = async (path: string) => {
    const bytes = files.written.get(path) ?? new Uint8Array(0);
    const network = { magic: host.chain.params.magic, nameOf: () => "regtest" };
    const reader = await SnapshotReader.open([bytes], network);
    const coins: LocatedCoin[] = [];
    for await (const batch of reader.coins(host.chain.tip.height)) coins.push(...batch);
    return coins;
  };
  return { ...host, files, read };
}

interface Dumped {
  readonly path: string;
  readonly txoutset_hash: string;
}

describe("dumptxoutset", () => {
  test("writes the coins of the tip", async () => {
    const { call, mine, chain, read, files } = await withFiles();
    await mine(5);
    const info = await call<{ hash_serialized_3: string }>("gettxoutsetinfo");
    expect(await call("dumptxoutset", "utxo.dat", "latest")).toEqual({
      coins_written: 5,
      base_hash: chain.tip.hash,
      base_height: 5,
      path: "/data/utxo.dat",
      txoutset_hash: info.hash_serialized_3,
      nchaintx: 6,
    });
    expect(await read("/data/utxo.dat")).toHaveLength(5);
    expect(files.written.get("/data/utxo.dat")).toHaveLength(51 + 5 * (32 + 1 + 1 + 1 + 1 + 21));
  });

  test("writes those of each earlier block, while the chain stays where it is", async () => {
    const { call, mine, coin, pay, chain } = await withFiles();
    await mine(102);
    const hashes: string[] = [];
    const note = async () => {
      const { hash_serialized_3: hash } = await call<{ hash_serialized_3: string }>(
        "gettxoutsetinfo",
      );
      hashes.push(hash);
    };
    await note();
    // A coin that is spent, one that is made and spent in one block, and some that stay.
    const first = await pay([await coin(1)], 1000n);
    await mine(1);
    await note();
    const [output] = first.outputs;
    const made = { outpoint: { txid: first.txid, vout: 0 }, coin: { ...output, height: 103 } };
    await pay([{ ...made, coin: { ...made.coin, coinbase: false } } as LocatedCoin], 1000n);
    await pay([await coin(2)], 1000n);
    await mine(1);
    await note();
    const tip = chain.tip;
    for (const [i, hash] of hashes.entries()) {
      const rollback = i === 1 ? (chain.headers.activeAt(103)?.hash ?? "") : 102 + i;
      const dumped = await call<Dumped>("dumptxoutset", `${i}.dat`, "", { rollback });
      expect(dumped).toMatchObject({ base_height: 102 + i, txoutset_hash: hash });
    }
    const genesis = await call("dumptxoutset", "genesis.dat", "rollback", { rollback: 0 });
    expect(genesis).toMatchObject({ coins_written: 0, nchaintx: 1 });
    expect(chain.tip).toBe(tip);
  });

  test("leaves the coins where the file can't be written", async () => {
    const full: SnapshotFiles = {
      ...memoryFiles(),
      create: async (path) => ({
        type: "created",
        path,
        write: () => Promise.reject(new RangeError("no space is left")),
        close: async () => {},
      }),
    };
    const { chain, call, mine } = await startHost({ parts: { snapshots: full } });
    await mine(2);
    const coinsAt = chain.coinsAt.bind(chain);
    const found: CoinsAt[] = [];
    chain.coinsAt = async (node) => {
      const coins = await coinsAt(node);
      found.push(coins);
      return coins;
    };
    await expect(call("dumptxoutset", "utxo.dat", "latest")).rejects.toThrow("no space is left");
    const [left] = found;
    if (left === undefined) expect.unreachable();
    expect((await left.coins.next()).done).toBe(true);
  });

  test("says what is wrong", async () => {
    const { call, error, mine, chain } = await withFiles();
    await mine(2);
    const name = "dumptxoutset";
    await call(name, "utxo.dat", "latest");
    expect(await error(name, "utxo.dat", "latest")).toEqual([
      -8,
      "/data/utxo.dat already exists. If you are sure this is what you want, move it out of the way first",
    ]);
    expect(await error(name, "no/such", "latest")).toEqual([
      -8,
      "Couldn't open file /data/no/such.incomplete for writing.",
    ]);
    const hint = 'Please specify "rollback" or "latest"';
    expect(await error(name, "b", "bogus")).toEqual([
      -8,
      `Invalid snapshot type "bogus" specified. ${hint}`,
    ]);
    expect(await error(name, "b")).toEqual([-8, `Invalid snapshot type "" specified. ${hint}`]);
    expect(await error(name, "b", "latest", { rollback: 1 })).toEqual([
      -8,
      'Invalid snapshot type "latest" specified with rollback option',
    ]);
    // The last height that could be loaded.
    expect(await error(name, "b", "rollback")).toEqual([
      -8,
      "Target block height 299 after current tip 2",
    ]);
    expect(await error(name, "b", "", { rollback: "00".repeat(32) })).toEqual([
      -5,
      "Block not found",
    ]);
    const [stale] = [chain.tip];
    await chain.invalidateBlock(stale);
    expect(await error(name, "b", "", { rollback: stale.hash })).toEqual([
      -1,
      "Could not roll back to requested height.",
    ]);
  });
});

describe("loadtxoutset", () => {
  /** A node with a snapshot of height 5 of a chain of 7, and another that has headers and block 1. */
  async function twoNodes() {
    const { chain, call, mine, files } = await withFiles();
    await mine(7);
    const dumped = await call<Dumped & { readonly base_hash: BlockHash }>(
      ...["dumptxoutset", "utxo.dat", "", { rollback: 5 }],
    );
    const assumed = {
      height: 5,
      hash: dumped.base_hash,
      coinsHash: dumped.txoutset_hash,
      transactionCount: 6,
    };
    const params: ChainParams = { ...regtest, assumedUtxo: [assumed] };
    const other = await withFiles(files, params);
    const blockAt = async (height: number) => {
      const block = await chain.getBlock(chain.headers.activeAt(height)?.hash ?? dumped.base_hash);
      if (block === undefined) throw new RangeError(`no block ${height}`);
      return block;
    };
    const give = async (height: number) => {
      await other.chain.acceptBlock(await blockAt(height), { requested: true });
    };
    const headers = [];
    for (let height = 1; height <= 7; height++) headers.push((await blockAt(height)).header);
    return {
      ...other,
      give,
      headers,
      dumped,
      hashAt: async (at: number) => (await blockAt(at)).hash,
    };
  }

  test("lets the node go on from the snapshot, and says how far the blocks below are", async () => {
    const { call, error, chain, give, headers, dumped, hashAt } = await twoNodes();
    await chain.acceptHeaders(headers);
    await give(1);
    const services = async () =>
      (await call<{ localservicesnames: string[] }>("getnetworkinfo")).localservicesnames;
    expect(await services()).toContain("NETWORK");
    expect(await call("loadtxoutset", "utxo.dat")).toEqual({
      coins_loaded: 5,
      tip_hash: dumped.base_hash,
      base_height: 5,
      path: "/data/utxo.dat",
    });
    const states = async () =>
      (await call<{ chainstates: Record<string, unknown>[] }>("getchainstates")).chainstates;
    const [below, snapshot] = await states();
    expect(below).toMatchObject({ blocks: 1, validated: true });
    expect(below).not.toHaveProperty("snapshot_blockhash");
    expect(snapshot).toMatchObject({
      blocks: 5,
      bestblockhash: dumped.base_hash,
      snapshot_blockhash: dumped.base_hash,
      validated: false,
    });
    expect(await services()).not.toContain("NETWORK");
    expect(await services()).toContain("NETWORK_LIMITED");
    expect(await call("gettxoutsetinfo")).toMatchObject({
      height: 5,
      hash_serialized_3: dumped.txoutset_hash,
    });
    const missing = [-1, "Block not available (not fully downloaded)"];
    expect(await error("getblock", await hashAt(3))).toEqual(missing);
    const stats = async (height: number) =>
      call<Record<string, unknown>>("getchaintxstats", 1, await hashAt(height));
    expect(await stats(5)).toMatchObject({ txcount: 6 });
    expect(await stats(4)).not.toHaveProperty("txcount");
    expect(await stats(5)).not.toHaveProperty("window_tx_count");
    await give(6);
    expect(await call("getblockcount")).toBe(6);
    const done = new Promise<void>((resolve) => {
      chain.subscribe(() => chain.snapshot.progress === undefined && resolve());
    });
    for (const height of [2, 3, 4, 5]) await give(height);
    await done;
    expect(await states()).toEqual([expect.objectContaining({ blocks: 6, validated: true })]);
    expect(await services()).toContain("NETWORK");
    expect(await stats(4)).toMatchObject({ txcount: 5, window_tx_count: 1 });
  });

  test("says what is wrong", async () => {
    const { call, error, chain, give, headers, dumped, files } = await twoNodes();
    const name = "loadtxoutset";
    expect(await error(name, "none.dat")).toEqual([
      -8,
      "Couldn't open file /data/none.dat for reading.",
    ]);
    const good = files.written.get("/data/utxo.dat") ?? new Uint8Array(0);
    const put = (at: number, ...bytes: number[]) => {
      const copy = good.slice();
      copy.set(bytes, at);
      files.written.set("/data/bad.dat", copy);
    };
    put(7, 0xf9, 0xbe, 0xb4, 0xd9);
    expect(await error(name, "bad.dat")).toEqual([
      -22,
      "Unable to parse metadata: The network of the snapshot (main) does not match the network of this node (regtest).",
    ]);
    const unable = "Unable to load UTXO snapshot:";
    const hint = "Make sure all headers are syncing, and call loadtxoutset again";
    expect(await error(name, "utxo.dat")).toEqual([
      -32_603,
      `${unable} The base block header (${dumped.base_hash}) must appear in the headers chain. ${hint}. (/data/utxo.dat)`,
    ]);
    await chain.acceptHeaders(headers);
    put(43, 6);
    const truncated = "Bad snapshot format or truncated snapshot after deserializing 5 coins";
    expect(await error(name, "bad.dat")).toEqual([
      -32_603,
      `${unable} Population failed: ${truncated}. (/data/bad.dat)`,
    ]);
    put(60, 1);
    const [code, message] = await error(name, "bad.dat");
    expect(code).toBe(-32_603);
    expect(message).toContain(
      `${unable} Population failed: Bad snapshot content hash: expected ${dumped.txoutset_hash}, got `,
    );
    // And none of that is in the way of a good one.
    await give(1);
    await call(name, "utxo.dat");
    const twice = "Can't activate a snapshot-based chainstate more than once";
    expect(await error(name, "utxo.dat")).toEqual([
      -32_603,
      `${unable} ${twice}. (/data/utxo.dat)`,
    ]);
  });
});
