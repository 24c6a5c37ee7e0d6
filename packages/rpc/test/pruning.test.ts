/** Methods and paths of a node that has deleted its old blocks. */
import type { HeaderNode } from "@chain/core";
import { expect, test } from "vitest";
import { RestServer } from "../src/rest/server.ts";
import { startHost } from "./support/host.ts";

const PRUNED = [-1, "Block not available (pruned data)"];

test("pruneblockchain deletes what may go, and methods say what is gone", async () => {
  const { call, error, mine, chain, server } = await startHost({ prune: { afterHeight: 300 } });
  expect(await error("pruneblockchain", 1)).toEqual([-1, "Blockchain is too short for pruning."]);
  await mine(310);
  const { hash: early } = chain.headers.activeAt(5) as HeaderNode;
  const raw = await call<string>("getblock", early, 0);
  const info = () => call<Record<string, unknown>>("getblockchaininfo");
  expect(await info()).toMatchObject({ pruned: true, pruneheight: 0, automatic_pruning: false });
  expect(await info()).not.toHaveProperty("prune_target_size");
  expect(await error("pruneblockchain", -1)).toEqual([-8, "Negative block height."]);
  const beyond = "Blockchain is shorter than the attempted prune height.";
  expect(await error("pruneblockchain", 311)).toEqual([-8, beyond]);
  expect(await call("pruneblockchain", 0)).toBe(-1);
  expect(await call("pruneblockchain", 10)).toBe(10);
  expect(await error("getblock", early, 0)).toEqual(PRUNED);
  // Core stores it again, and judges it no second time.
  expect(await call("submitblock", raw)).toBe("inconclusive");
  expect(await call("getblock", early, 0)).toBe(raw);
  expect(await call("submitblock", raw)).toBe("duplicate");
  const { time } = chain.headers.activeAt(15) as HeaderNode;
  // The first of those that have this time.
  const expected = [13, 14, 15].find((height) => chain.headers.activeAt(height)?.time === time);
  expect(await call("pruneblockchain", time + 7200)).toBe(expected);
  const late = "Could not find block with at least the specified timestamp.";
  expect(await error("pruneblockchain", 2_100_000_000)).toEqual([-8, late]);
  expect(await call("pruneblockchain", 310)).toBe(310 - 288);
  expect(await info()).toMatchObject({
    pruned: true,
    pruneheight: 23,
    size_on_disk: chain.blockBytes,
  });
  expect(chain.blockBytes).toBeGreaterThan(10_000);

  const { hash } = chain.headers.activeAt(22) as HeaderNode;
  expect(await error("getblock", hash)).toEqual(PRUNED);
  expect(await error("getblockstats", 22)).toEqual(PRUNED);
  const { hash: here } = chain.headers.activeAt(23) as HeaderNode;
  expect(await call("getblock", here, 0)).toMatch(/^[0-9a-f]+$/);
  expect(await call("getblockheader", hash)).toMatchObject({ nTx: 1, height: 22 });
  const rest = new RestServer({ rpc: server });
  const answer = await rest.answer({ uri: `/rest/block/${hash}.json` });
  expect(answer.status).toBe(404);
  expect(String(answer.body)).toContain(`${hash} not available (pruned data)`);
  expect(await error("getblockfrompeer", hash, 0)).toEqual([-1, "Peer does not exist"]);
});

test("a node that keeps its blocks prunes none", async () => {
  const { call, error } = await startHost();
  expect(await error("pruneblockchain", 1)).toEqual([
    -1,
    "Cannot prune blocks because node is not in prune mode.",
  ]);
  expect(await call("getblockchaininfo")).toMatchObject({ pruned: false });
});

test("a target is told", async () => {
  const { call } = await startHost({ prune: { target: 1e9 } });
  expect(await call("getblockchaininfo")).toMatchObject({
    pruned: true,
    automatic_pruning: true,
    prune_target_size: 1e9,
  });
});
