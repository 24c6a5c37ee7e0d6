/** Snapshots of all coins: Bitcoin Core and ours write the same bytes, and each loads what the other has written. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Block,
  bytesToHex,
  concatBytes,
  type HeaderNode,
  hash160,
  type LocatedCoin,
  nobleVerifier,
  regtest,
} from "@chain/core";
import { ChainManager } from "@chain/engine";
import { MemoryStore, SnapshotReader, snapshotBytes } from "@chain/storage";
import { payment, testKey } from "@chain/testing/blockFactory";
import { temporaryDirectory } from "@chain/testing/place";
import { snapshotChain, unitTestChain } from "@chain/testing/snapshotChain";
import { encodeAddress } from "@chain/wallet";
import { describe, expect, it } from "vitest";
import { systemTimers } from "../src/ports/system.ts";
import { CoreNode, versionOf } from "./support/coreNode.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const isMissing = version === undefined;
const key = testKey(5);

function openOurs(): Promise<ChainManager> {
  return ChainManager.open({
    params: regtest,
    store: new MemoryStore(),
    verifier: nobleVerifier,
    clock: { now: () => Date.now() },
    timers: systemTimers,
    log: () => {},
  });
}

async function bytesOf(coins: readonly LocatedCoin[], node: HeaderNode): Promise<Uint8Array> {
  const header = { magic: regtest.magic, baseHash: node.hash, count: BigInt(coins.length) };
  const pieces: Uint8Array[] = [];
  for await (const piece of snapshotBytes(header, coins)) pieces.push(piece);
  return concatBytes(...pieces);
}

async function coinsAfter(chain: ChainManager, node: HeaderNode): Promise<LocatedCoin[]> {
  const all: LocatedCoin[] = [];
  for await (const coin of (await chain.coinsAt(node)).coins) all.push(coin);
  return all;
}

describe.skipIf(isMissing)(
  isMissing ? "bitcoind (skipped: it is not installed)" : `bitcoind ${version}`,
  () => {
    it("writes the same snapshot of the tip and of an earlier block", async () => {
      const theirs = await CoreNode.start(daemon, "-acceptnonstdtxn=1");
      const address = encodeAddress({ type: "p2pkh", hash: hash160(key.publicKey) }, regtest);
      const ours = await openOurs();
      const copy = async (hashes: readonly string[]) => {
        for (const hash of hashes) {
          const hex = await theirs.call<string>("getblock", hash, 0);
          await ours.acceptBlock(Block.fromHex(hex), { requested: true });
        }
      };
      await copy(await theirs.mine(105, address));
      const coins: LocatedCoin[] = await coinsAfter(ours, ours.tip);
      // A payment with outputs of many kinds. Knots refuses scripts of more than 34 bytes, as one of a whole key is.
      const [coin] = coins.filter(({ coin: { height } }) => height === 1);
      if (coin === undefined) expect.unreachable();
      const scripts = [
        concatBytes(Uint8Array.of(0xa9, 20), new Uint8Array(20).fill(7), Uint8Array.of(0x87)),
        concatBytes(Uint8Array.of(0, 20), new Uint8Array(20).fill(8)),
        concatBytes(Uint8Array.of(0x51, 32), key.publicKey.subarray(1)),
        key.script,
      ];
      const outputs = scripts.map((scriptPubKey, i) => ({
        value: 12_0000_0000n + BigInt(i),
        scriptPubKey,
      }));
      const transaction = payment({ coins: [coin], key, outputs });
      await theirs.call("sendrawtransaction", bytesToHex(transaction.toBytes()), 0);
      await copy(await theirs.mine(3, address));

      const place = await temporaryDirectory();
      for (const height of [108, 106, 104, 50]) {
        const file = join(place, `${height}.dat`);
        const rollback = { rollback: height };
        const dumped = await theirs.call<Record<string, unknown>>(
          ...(["dumptxoutset", file, "rollback", rollback] as const),
        );
        const node = ours.headers.activeAt(height);
        if (node === undefined) expect.unreachable();
        const own = await coinsAfter(ours, node);
        expect(bytesToHex(await readFile(file))).toBe(bytesToHex(await bytesOf(own, node)));
        const { statistics, coins: unread } = await ours.coinsAt(node);
        await unread.return(undefined);
        expect(dumped).toMatchObject({
          coins_written: own.length,
          base_hash: node.hash,
          base_height: height,
          txoutset_hash: statistics.hash,
          nchaintx: node.chainTransactionCount,
        });
      }
    });

    it("loads a snapshot of ours", async () => {
      const blocks = snapshotChain();
      const ours = await openOurs();
      for (const block of blocks) await ours.acceptBlock(block, { requested: true });
      // Its parameters count the heights of this chain from 0: test/fuzz/utxo_snapshot.cpp.
      const coins = (await coinsAfter(ours, ours.tip)).map(({ outpoint, coin }) => {
        return { outpoint, coin: { ...coin, height: coin.height - 1 } };
      });
      const bytes = await bytesOf(coins, ours.tip);
      const file = join(await temporaryDirectory(), "utxo.dat");
      await writeFile(file, bytes);

      const theirs = await CoreNode.start(daemon);
      const fresh = await openOurs();
      for (const { header } of blocks) {
        await theirs.call("submitheader", bytesToHex(header.toBytes()));
        await fresh.acceptHeaders([header]);
      }
      expect(await theirs.call("loadtxoutset", file)).toMatchObject({
        coins_loaded: 200,
        tip_hash: ours.tip.hash,
        base_height: 200,
      });
      const reader = await SnapshotReader.open([bytes], {
        magic: regtest.magic,
        nameOf: () => undefined,
      });
      expect((await fresh.snapshot.load(reader)).hash).toBe(ours.tip.hash);
      const info = await theirs.call<{ hash_serialized_3: string }>("gettxoutsetinfo");
      expect((await fresh.coinStatistics()).hash).toBe(info.hash_serialized_3);
      await fresh.close();
      await ours.close();
    });

    it("writes a snapshot that ours loads, and whose blocks ours checks afterwards", async () => {
      const blocks = unitTestChain(112);
      const theirs = await CoreNode.start(daemon);
      const file = join(await temporaryDirectory(), "utxo.dat");
      for (const block of blocks.slice(0, 110)) {
        expect(await theirs.call("submitblock", bytesToHex(block.toBytes()))).toBeNull();
      }
      expect(await theirs.call("dumptxoutset", file, "latest")).toMatchObject({
        coins_written: 110,
        base_height: 110,
      });

      const fresh = await openOurs();
      for (const { header } of blocks) await fresh.acceptHeaders([header]);
      const bytes = await readFile(file);
      const network = { magic: regtest.magic, nameOf: () => undefined };
      const base = await fresh.snapshot.load(await SnapshotReader.open([bytes], network));
      expect([base.height, base.hash]).toEqual([110, blocks[109]?.hash]);
      expect(fresh.tip).toBe(base);
      const isChecked = new Promise<void>((resolve) => {
        fresh.subscribe(() => fresh.snapshot.progress === undefined && resolve());
      });
      for (const block of blocks.toReversed()) await fresh.acceptBlock(block, { requested: true });
      await isChecked;
      expect(fresh.tip.hash).toBe(blocks[111]?.hash);
      const own = await coinsAfter(fresh, base);
      expect(bytesToHex(bytes)).toBe(bytesToHex(await bytesOf(own, base)));
      await fresh.close();
    });
  },
);
