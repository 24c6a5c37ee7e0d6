/** Bitcoin Core's family downloads the chain, and follows its reorganisations. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { createDevChain } from "../src/index.ts";

const CLI = "bitcoin-cli";

function isInstalled(): boolean {
  try {
    execFileSync("bitcoind", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!isInstalled())(
  "bitcoind accepts every block, and moves with each branch",
  async () => {
    const chain = await createDevChain({ port: 0 });
    onTestFinished(() => chain.close());
    const directory = await temporaryDirectory();
    const places = ["-regtest", `-datadir=${directory}`, `-rpcport=${await freePort()}`];
    const home = ["-dnsseed=0", "-discover=0", "-listen=0", `-connect=${chain.doors["p2p"]}`];
    const child = spawn("bitcoind", [...places, ...home, "-printtoconsole=0"], { stdio: "ignore" });
    onTestFinished(async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    });
    const ask = (...question: string[]): string => {
      try {
        return execFileSync(CLI, [...places, ...question], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }).trim();
      } catch {
        return ""; // it is still starting
      }
    };
    const inStep = () => expect.poll(() => ask("getbestblockhash")).toBe(chain.tip.hash);

    await chain.send(0, chain.accounts[1]?.address ?? "", 1_000n);
    await chain.mine(3);
    await chain.fund(chain.accounts[2]?.addresses.bech32m ?? "", 5_000n);
    await inStep();
    await chain.reorg({ depth: 3, unconfirm: "all" });
    await inStep();
    await chain.mine();
    await inStep();
    const { muhash } = JSON.parse(ask("gettxoutsetinfo", "muhash"));
    expect(muhash).toBe((await chain.node.chain.coinStatistics("muhash")).hash);
    expect(JSON.parse(ask("getblockchaininfo"))).toMatchObject({ initialblockdownload: false });
  },
);
