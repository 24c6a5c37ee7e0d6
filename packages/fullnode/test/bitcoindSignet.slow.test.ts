/** With Bitcoin Knots on a signet of our own, whose challenge is OP_TRUE: anybody can mine there (BIP-0325). */
import { signetParams } from "@chain/core";
import { testKey } from "@chain/testing/blockFactory";
import { startTestNode } from "@chain/testing/nodes";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { encodeAddress } from "@chain/wallet";
import { expect, it } from "vitest";
import { parseIdentity } from "../src/identity.ts";
import type { NodeConfig } from "../src/node/config.ts";
import { openControl } from "../src/rpc/client.ts";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const params = signetParams(Uint8Array.of(0x51), 30);
const daemon: Daemon = {
  program: "bitcoind",
  params,
  // It would ask the router to open a port.
  quiet: ["-natpmp=0", "-fixedseeds=0", "-v2transport=0"],
};
const OWN = ["-signetchallenge=51", "-signetblocktime=30"];
const version = versionOf(daemon);
const patience = { timeout: 120_000, interval: 100 };
/** Five million hashes to a block: a few seconds each, and more on a busy machine. */
const TIMEOUT = 900_000;

const address = encodeAddress({ type: "p2pkh", hash: testKey(3).script.subarray(3, 23) }, params);

async function startOurs(config: Partial<NodeConfig> = {}, datadir?: string) {
  const options = {
    datadir: datadir ?? (await temporaryDirectory()),
    port: String(await freePort()),
    network: "signet",
    signetchallenge: ["51"],
    signetblocktime: ["30"],
  };
  const identity = parseIdentity(options, {});
  const node = await startTestNode({ identity, ...config });
  const rpc = (await openControl(identity.paths)) ?? expect.unreachable("it runs");
  return { node, rpc, chain: node.chain };
}

/** Mines one block with Knots, which gives up after so many tries as it is told. */
const mine = (theirs: CoreNode) => theirs.call("generatetoaddress", 1, address, 1_000_000_000);

it.skipIf(version === undefined)(
  `blocks of Knots ${version ?? "(not installed)"} come to us, and ours to it, whoever calls`,
  async () => {
    const theirs = await CoreNode.start(daemon, ...OWN);
    await mine(theirs);
    // We call; it has a block from before.
    const ours = await startOurs({ connect: [{ host: "127.0.0.1", port: theirs.port }] });
    await expect.poll(() => ours.chain.tip.height, patience).toBe(1);
    expect(ours.chain.tip.hash).toBe(await theirs.tip());
    // Its news.
    await mine(theirs);
    await expect.poll(() => ours.chain.tip.height, patience).toBe(2);
    // Ours.
    const { hash } = await mineOurs(ours.rpc);
    await expect.poll(() => theirs.tip(), patience).toBe(hash);
    const facts = async (from: { call(method: "getblockchaininfo"): Promise<object> }) => {
      const { chain, blocks, chainwork, signet_challenge } = Object(
        await from.call("getblockchaininfo"),
      );
      return { chain, blocks, chainwork, signet_challenge };
    };
    expect(await facts(ours.rpc)).toEqual(await facts(theirs));
    expect(await facts(theirs)).toMatchObject({ chain: "signet", signet_challenge: "51" });
    // One that knows nothing calls us, and gets it all.
    const late = await CoreNode.start(daemon, ...OWN, `-connect=127.0.0.1:${ours.node.port}`);
    await expect.poll(() => late.tip(), patience).toBe(hash);
  },
  TIMEOUT,
);

/** As the program does: one block, asked for until it is there. */
async function mineOurs(rpc: Awaited<ReturnType<typeof startOurs>>["rpc"]) {
  const call = rpc.call("generatetoaddress", { nblocks: 1, address }, { timeout: TIMEOUT });
  const [hash = ""] = await call;
  return { hash };
}
