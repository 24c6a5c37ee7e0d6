/** Filters of blocks, held to those of Bitcoin Core over the same chain: by its index, and by its answers to peers. */
import { regtest } from "@chain/core";
import { Probe } from "@chain/testing/probe";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNode } from "../src/createNode.ts";
import { CoreNode, versionOf } from "./support/coreNode.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0", "-v2transport=0"] };
const version = versionOf(daemon);
const isMissing = version === undefined;
const OTHERS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

/** The question to a node about all its filter headers, as a peer asks it. */
async function asked(port: number, stopHash: string) {
  const probe = await Probe.connect(port);
  try {
    await probe.shakeHands();
    const question = { filterType: 0, startHeight: 0, stopHash: stopHash as never };
    probe.say({ command: "getcfheaders", ...question });
    probe.say({ command: "getcfilters", ...question });
    expect(await probe.isAlive()).toBe(true);
    const answers = probe.heard.filter(({ command }) => command.startsWith("cf"));
    return { answers, count: answers.length };
  } finally {
    probe.end();
  }
}

describe.skipIf(isMissing)(
  isMissing ? "bitcoind (skipped: it is not installed)" : `bitcoind ${version}`,
  () => {
    it("has the same filters at every height, over a reorganisation, and serves the same", async () => {
      const flags = ["-blockfilterindex=1", "-peerblockfilters=1"];
      const theirs = await CoreNode.start(daemon, ...flags);
      const ours = await createNode({
        port: 0,
        indexes: { blockFilters: true },
        peerBlockFilters: true,
      });
      onTestFinished(() => ours.close());
      const index = ours.indexes.blockFilters?.index ?? expect.unreachable();
      await ours.connect(`127.0.0.1:${theirs.port}`);
      const isEqual = async () => {
        const tip = await theirs.tip();
        await ours.until(() => ours.chain.tip.hash === tip);
        for (let height = 0; height <= ours.chain.tip.height; height++) {
          const hash = ours.chain.headers.activeAt(height)?.hash ?? expect.unreachable();
          const [summary] = (await index.summaries([hash])) ?? [];
          const filter = await index.filter(hash);
          expect({
            filter: Buffer.from(filter ?? []).toString("hex"),
            header: summary?.header,
          }).toEqual(await theirs.call("getblockfilter", hash));
        }
        const answered = await asked(ours.port ?? 0, tip);
        expect(answered).toEqual(await asked(theirs.port, tip));
        // The headers, and the filter of each block.
        expect(answered.count).toBe(1 + ours.chain.tip.height + 1);
      };
      await theirs.mine(120, OTHERS);
      await isEqual();
      // Five blocks go, and six others come.
      const left = await theirs.call<string>("getblockhash", 116);
      await theirs.call("invalidateblock", left);
      await theirs.mine(6, "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry");
      await isEqual();
      // The filters of blocks that the chain has left are there still.
      expect(await index.filter(left as never)).toBeDefined();
    });
  },
);
