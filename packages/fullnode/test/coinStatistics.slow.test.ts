/** Statistics of coins, held to those of Bitcoin Core's index over the same chain, after each of its blocks. */
import { regtest } from "@chain/core";
import { createRpcClient } from "@chain/rpc/client";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNode } from "../src/createNode.ts";
import { CoreNode, versionOf } from "./support/coreNode.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0", "-v2transport=0"] };
const version = versionOf(daemon);
const missing = [
  ...(version === undefined ? ["bitcoind is not installed"] : []),
  ...(present ? [] : ["../shared/data is absent"]),
];
const why = missing.length === 0 ? "" : ` (skipped: ${missing.join(", ")})`;

describe.skipIf(missing.length > 0)(`bitcoind ${version ?? ""}${why}`, () => {
  it("has the same statistics at every height, and of blocks that the chain has left", async () => {
    const ours = await createNode({
      network: "regtest",
      port: 0,
      rpc: true,
      indexes: { coinStats: true },
    });
    onTestFinished(() => ours.close());
    for (const block of sharedChain("chain-p2pkh-small").blocks) await ours.submit(block);
    const theirs = await CoreNode.start(
      daemon,
      "-coinstatsindex=1",
      `-connect=127.0.0.1:${ours.port}`,
    );
    const client = createRpcClient(ours.rpc);
    const agree = async () => {
      await expect.poll(() => theirs.tip()).toBe(ours.chain.tip.hash);
      for (let height = 0; height <= ours.chain.tip.height; height++) {
        const statistics = await client.getTxOutSetInfo("muhash", height);
        expect(statistics).toEqual(await theirs.call("gettxoutsetinfo", "muhash", height));
      }
    };
    await agree();
    // Five blocks go, and six others come, whose coins go to a script that can't be spent.
    const left =
      ours.chain.headers.activeAt(ours.chain.tip.height - 4)?.hash ?? expect.unreachable();
    const last = ours.chain.tip.hash;
    await client.invalidateBlock(left);
    await ours.mine(6, { to: Uint8Array.of(0x6a) });
    await agree();
    expect(await client.getTxOutSetInfo("muhash", last)).toEqual(
      await theirs.call("gettxoutsetinfo", "muhash", last),
    );
  });
});
