/** The indexes of a node on disk. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Txid } from "@chain/core";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CreateNodeOptions, createNode } from "../src/createNode.ts";
import type { InProcessNode } from "../src/inProcess/node.ts";

async function create(options: CreateNodeOptions): Promise<InProcessNode> {
  const node = await createNode(options);
  onTestFinished(() => node.close());
  return node;
}

async function mined(node: InProcessNode): Promise<Txid> {
  const [block] = await node.mine();
  return block?.transactions[0]?.txid ?? expect.unreachable();
}

const indexes = { transactions: true };

describe("an index of a node", () => {
  test("is built when it is switched on, goes on after it was off, and stays exact", async () => {
    const directory = await temporaryDirectory();
    const ids: Txid[] = [];
    const rounds = [{}, indexes, {}, indexes, indexes];
    for (const wanted of rounds) {
      const node = await create({ directory, indexes: wanted });
      ids.push(await mined(node), await mined(node));
      const { transactions } = node.indexes;
      expect(transactions === undefined).toBe(wanted === rounds[0] || wanted === rounds[2]);
      await transactions?.caughtUp;
      for (const [i, txid] of ids.entries()) {
        if (transactions === undefined) break;
        expect(await transactions.index.find(txid)).toMatchObject({ node: { height: i + 1 } });
      }
      await node.close();
    }
  });

  test("works in memory, without a file", async () => {
    const node = await create({ indexes });
    const txid = await mined(node);
    await node.indexes.transactions?.caughtUp;
    expect(await node.indexes.transactions?.index.find(txid)).toMatchObject({ position: 0 });
  });

  test("that is damaged is refused in one line that says what to do", async () => {
    const directory = await temporaryDirectory();
    const node = await create({ directory, indexes });
    await mined(node);
    await node.indexes.transactions?.caughtUp;
    await node.close();
    const [folder = ""] = readdirSync(directory).filter((name) => name.startsWith("indexes_"));
    const place = join(directory, folder, "txindex");
    writeFileSync(join(place, "index", "CURRENT"), "nonsense\n");
    const advice = `delete ${place}, and it is built again`;
    await expect(createNode({ directory, indexes })).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining(advice),
    });
    // The chain is as good as before.
    const without = await create({ directory });
    expect(without.chain.tip.height).toBe(1);
  });
});
