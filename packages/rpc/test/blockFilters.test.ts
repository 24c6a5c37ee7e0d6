/** Methods and resources that ask for filters of blocks, and for what scripts have to do with. */
import { blockFilter, bytesToHex, ZERO_FILTER_HEADER } from "@chain/core";
import { BlockFilterIndex, followChain } from "@chain/indexes";
import { MemoryKeyValueStore, StorageError } from "@chain/storage";
import { describe, expect, test } from "vitest";
import { RestServer } from "../src/rest/server.ts";
import { startHost } from "./support/host.ts";

const OFF = [-1, "Index is not enabled for filtertype basic"];

/** A chain of 102 blocks, the last with a payment, and the index of its filters. */
async function start() {
  const host = await startHost();
  await host.mine(101);
  const paid = await host.pay([await host.coin(1)], 10_000n);
  const [hash = ""] = await host.mine(1);
  const { chain } = host;
  const records = new MemoryKeyValueStore();
  const begin = async () => {
    const { log } = host.host;
    const running = await followChain(new BlockFilterIndex(records), { chain, records, log });
    Object.assign(host.host, { indexes: { blockFilters: running } });
    return running;
  };
  const descriptor = `raw(${bytesToHex(paid.outputs[0]?.scriptPubKey ?? expect.unreachable())})`;
  return { ...host, paid, hash, begin, descriptor, records };
}

describe("the filter of a block", () => {
  test("is what the block makes it, with the header over all before", async () => {
    const { begin, call, error, chain, mine } = await start();
    const genesis = chain.params.genesis.hash;
    expect(await error("getblockfilter", genesis)).toEqual(OFF);
    const running = await begin();
    expect(await error("getblockfilter", chain.tip.hash)).toEqual([
      -1,
      "Filter not found. Block filters are still in the process of being indexed.",
    ]);
    await running.caughtUp;
    expect(await call("getblockfilter", genesis)).toMatchObject({
      filter: bytesToHex(blockFilter(chain.params.genesis, [])),
    });
    expect(await error("getblockfilter", genesis, "unknown")).toEqual([-5, "Unknown filtertype"]);
    expect(await error("getblockfilter", "ab".repeat(32))).toEqual([-5, "Block not found"]);
    // That of a block which the chain has left is there still.
    const [left = ""] = await mine(1);
    const before = await call("getblockfilter", left);
    await chain.invalidateBlock(chain.tip);
    expect(await call("getblockfilter", left)).toEqual(before);
  });

  test("comes by REST as well", async () => {
    const { begin, server, call, chain } = await start();
    const rest = new RestServer({ rpc: server });
    const get = async (uri: string) => (await rest.answer({ uri: `/rest/${uri}` })).body;
    const { hash } = chain.tip;
    await (await begin()).caughtUp;
    const { filter, header } = await call<{ filter: string; header: string }>(
      "getblockfilter",
      hash,
    );
    expect(JSON.parse(String(await get(`blockfilter/basic/${hash}.json`)))).toEqual({ filter });
    const reversed = Buffer.from(hash, "hex").reverse().toString("hex");
    const size = (filter.length / 2).toString(16).padStart(2, "0");
    expect(await get(`blockfilter/basic/${hash}.hex`)).toBe(`00${reversed}${size}${filter}\n`);
    const headers = String(await get(`blockfilterheaders/basic/${hash}.json?count=5`));
    expect(JSON.parse(headers)).toEqual([header]);
    const from = chain.headers.activeAt(98)?.hash;
    const bytes = await get(`blockfilterheaders/basic/3/${from}.bin`);
    expect(bytes).toHaveLength(96);
    expect(String(await get(`blockfilter/basic/${"ab".repeat(32)}.json`))).toContain("not found");
    expect(header).not.toBe(ZERO_FILTER_HEADER);
  });
});

describe("scanblocks", () => {
  test("finds the blocks that a script has to do with, between two heights", async () => {
    const { begin, call, error, chain, hash, descriptor } = await start();
    expect(await error("scanblocks", "start", [descriptor])).toEqual(OFF);
    await (await begin()).caughtUp;
    // All blocks but the first pay to it.
    const relevant = Array.from({ length: 102 }, (_, i) => chain.headers.activeAt(i + 1)?.hash);
    const found = { from_height: 0, to_height: 102, completed: true, relevant_blocks: relevant };
    const options = { filter_false_positives: true };
    expect(await call("scanblocks", "start", [descriptor], 0, 102, "basic", options)).toEqual(
      found,
    );
    expect(await call("scanblocks", "start", [descriptor], 102)).toMatchObject({
      from_height: 102,
      relevant_blocks: [hash],
    });
    const before = await call("scanblocks", "start", [descriptor], 0, 0, "basic", options);
    expect(before).toMatchObject({ to_height: 0, relevant_blocks: [] });
    for (const first of [103, -1]) {
      expect(await error("scanblocks", "start", [descriptor], first)).toEqual([
        -1,
        "Invalid start_height",
      ]);
    }
    for (const last of [9, 103]) {
      expect(await error("scanblocks", "start", [descriptor], 10, last)).toEqual([
        -1,
        "Invalid stop_height",
      ]);
    }
  });

  test("leaves no block out: it is refused while filters are missing", async () => {
    const { begin, call, error, mine, records, descriptor } = await start();
    const write = records.write.bind(records);
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    records.write = async (changes) => {
      await waiting;
      await write(changes);
    };
    const running = await begin();
    const behind = "Block filters are still in the process of being indexed.";
    expect(await error("scanblocks", "start", [descriptor])).toEqual([
      -1,
      `Filter not found. ${behind}`,
    ]);
    expect(await call("scanblocks", "status")).toBeNull();
    goOn();
    await running.caughtUp;
    records.write = () => Promise.reject(new StorageError("io", "no room"));
    const [hash = ""] = await mine(1);
    const failed = [-1, "Filter not found. The basic block filter index has failed: no room"];
    expect(await error("scanblocks", "start", [descriptor])).toEqual(failed);
    expect(await error("getblockfilter", hash)).toEqual(failed);
    // The blocks that it holds can be scanned still.
    const found = await call("scanblocks", "start", [descriptor], 0, 102);
    expect(found).toMatchObject({ to_height: 102, completed: true });
  });

  test("tells of a filter that was lost", async () => {
    const { begin, call, error, chain, records, descriptor } = await start();
    await (await begin()).caughtUp;
    const getMany = records.getMany.bind(records);
    records.getMany = async (keys) =>
      (await getMany(keys)).map((each, i) => (i === 9 ? undefined : each));
    expect(await error("scanblocks", "start", [descriptor])).toEqual([
      -32603,
      "Filter not found. This error is unexpected and indicates index corruption.",
    ]);
    expect(await call("scanblocks", "start", [descriptor], 102)).toMatchObject({
      relevant_blocks: [chain.tip.hash],
    });
  });

  test("tells a filter that only looks as if it matched, where it is asked to", async () => {
    const { begin, call, chain } = await start();
    await (await begin()).caughtUp;
    // Core's rpc_scanblocks.py: for the genesis block of regtest its hash is that of the coinbase's script.
    const lookalike = "raw(001400000000000000000000000000000000000cadcb)";
    const scan = (exact: boolean) =>
      call("scanblocks", "start", [lookalike], 0, 0, "basic", { filter_false_positives: exact });
    expect(await scan(false)).toMatchObject({ relevant_blocks: [chain.params.genesis.hash] });
    expect(await scan(true)).toMatchObject({ relevant_blocks: [] });
  });

  test("is one at a time, tells how far it is, and can be ended", async () => {
    const { begin, call, error, descriptor } = await start();
    await (await begin()).caughtUp;
    expect(await call("scanblocks", "status")).toBeNull();
    expect(await call("scanblocks", "abort")).toBe(false);
    const running = call("scanblocks", "start", [descriptor]);
    expect(await call("scanblocks", "status")).toEqual({ progress: 0, current_height: 0 });
    expect(await error("scanblocks", "start", [descriptor])).toEqual([
      -8,
      'Scan already in progress, use action "abort" or "status"',
    ]);
    expect(await call("scanblocks", "abort")).toBe(true);
    expect(await running).toMatchObject({ completed: false, to_height: 0 });
    expect(await call("scanblocks", "status")).toBeNull();
  });
});

test("getdescriptoractivity tells what comes and goes, in blocks and in the mempool", async () => {
  const { call, error, chain, hash, paid, pay, descriptor } = await start();
  const output = { ...paid.outputs[0], height: 102, coinbase: false };
  const coin = { outpoint: { txid: paid.txid, vout: 0 }, coin: output as never };
  const spender = await pay([coin], 20_000n);
  const answer = await call<{ activity: unknown[] }>(
    "getdescriptoractivity",
    [hash, hash],
    [descriptor],
  );
  const place = { blockhash: hash, height: 102 };
  const received = { type: "receive", ...place, txid: paid.txid, vout: 0 };
  const spent = { type: "spend", spend_txid: spender.txid, spend_vin: 0, prevout_txid: paid.txid };
  expect(answer.activity).toContainEqual(expect.objectContaining(received));
  expect(answer.activity).toContainEqual(expect.objectContaining(spent));
  const confirmed = await call<{ activity: unknown[] }>(
    "getdescriptoractivity",
    [hash],
    [descriptor],
    false,
  );
  expect(confirmed.activity).not.toContainEqual(expect.objectContaining(spent));
  await chain.invalidateBlock(chain.tip);
  expect(await error("getdescriptoractivity", [hash], [descriptor])).toEqual([
    -8,
    "Block is not in main chain",
  ]);
});
