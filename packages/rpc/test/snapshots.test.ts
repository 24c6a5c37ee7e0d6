/** Snapshots of all coins: written for any block of the chain, in a file that Core reads. */
import { concatBytes, type LocatedCoin } from "@chain/core";
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

async function withFiles() {
  const files = memoryFiles();
  const host = await startHost({ parts: { snapshots: files } });
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
