/** The file of unconfirmed transactions goes from Bitcoin Core to ours and back, with all that stands in it. */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { Block, bytesToHex, hash160, type LocatedCoin, regtest } from "@chain/core";
import { spendableCoins } from "@chain/engine";
import { payment, testKey } from "@chain/testing/blockFactory";
import { startTestNode } from "@chain/testing/nodes";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { encodeAddress } from "@chain/wallet";
import { describe, expect, it } from "vitest";
import { parseIdentity } from "../src/identity.ts";
import { readMempoolFile } from "../src/node/mempoolFile.ts";
import { CoreNode, versionOf } from "./support/coreNode.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const isMissing = version === undefined;
const key = testKey(5);

interface Entry {
  readonly time: number;
  readonly fees: { readonly base: number; readonly modified: number };
  readonly unbroadcast: boolean;
}

/** Core's list of its unconfirmed transactions. */
async function waiting(node: CoreNode): Promise<Record<string, Entry>> {
  const entries = await node.call<Record<string, Entry>>("getrawmempool", true);
  return Object.fromEntries(
    Object.entries(entries).map(([txid, { time, fees, unbroadcast }]) => {
      return [txid, { time, fees: { base: fees.base, modified: fees.modified }, unbroadcast }];
    }),
  );
}

describe.skipIf(isMissing)(
  isMissing ? "bitcoind (skipped: it is not installed)" : `bitcoind ${version}`,
  () => {
    it.each([
      ["version 1", "-persistmempoolv1=1"],
      ["version 2, XORed with a key", "-persistmempoolv1=0"],
    ])(
      "saves its mempool as %s, ours keeps it, and another takes it from ours",
      async (_, flag) => {
        const theirs = await CoreNode.start(daemon, flag);
        const address = encodeAddress({ type: "p2pkh", hash: hash160(key.publicKey) }, regtest);
        const hashes = await theirs.mine(105, address);
        const blocks: string[] = [];
        for (const hash of hashes) blocks.push(await theirs.call<string>("getblock", hash, 0));

        const place = { network: "regtest", port: String(await freePort()) };
        const identity = parseIdentity({ ...place, datadir: await temporaryDirectory() }, {});
        const ours = await startTestNode({ identity });
        for (const hex of blocks) {
          await ours.chain.acceptBlock(Block.fromHex(hex), { requested: true });
        }
        const coins: readonly LocatedCoin[] = await spendableCoins(ours.chain, key.script);
        const [one, two, three] = coins
          .filter(({ coin }) => coin.height <= 5)
          .map((coin) => {
            const outputs = [{ value: coin.coin.value - 10_000n, scriptPubKey: key.script }];
            return payment({ coins: [coin], key, outputs });
          });
        if (one === undefined || two === undefined || three === undefined) expect.unreachable();
        await theirs.call("sendrawtransaction", bytesToHex(one.toBytes()));
        await theirs.call("sendrawtransaction", bytesToHex(two.toBytes()));
        await theirs.call("prioritisetransaction", one.txid, 0, 70_000);
        await theirs.call("prioritisetransaction", two.txid, 0, -5_000);
        await theirs.call("prioritisetransaction", three.txid, 0, 1_234); // that it has not seen
        const before = await waiting(theirs);
        expect(Object.keys(before)).toHaveLength(2);
        const { filename } = await theirs.call<{ filename: string }>("savemempool");

        await ours.stop();
        await cp(filename, identity.paths.mempool);
        const again = await startTestNode({ identity });
        await expect.poll(() => again.chain.mempool.count).toBe(2);
        const times = [...again.chain.mempool.entries()].map(({ transaction, time }) => {
          return [transaction.txid, time / 1000];
        });
        expect(Object.fromEntries(times)).toEqual(
          Object.fromEntries(Object.entries(before).map(([txid, { time }]) => [txid, time])),
        );
        await again.stop();
        expect((await readMempoolFile(identity.paths.mempool)).deltas).toEqual(
          new Map([
            [one.txid, 70_000n],
            [two.txid, -5_000n],
            [three.txid, 1_234n],
          ]),
        );

        const other = await CoreNode.start(daemon);
        for (const hex of blocks) await other.call("submitblock", hex);
        const file = join(await temporaryDirectory(), "mempool.dat");
        await cp(identity.paths.mempool, file);
        await other.call("importmempool", file, {
          use_current_time: false,
          apply_fee_delta_priority: true,
          apply_unbroadcast_set: true,
        });
        expect(await waiting(other)).toEqual(before);
        const deltas = await other.call<Record<string, { fee_delta: number }>>(
          "getprioritisedtransactions",
        );
        expect(deltas[three.txid]?.fee_delta).toBe(1_234);
      },
    );
  },
);
