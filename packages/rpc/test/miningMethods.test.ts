/** Blocks that callers make, and what they make them of. */
import { Block, BlockHeader, bytesToHex, regtest } from "@chain/core";
import { MINER, makeBlock } from "@chain/testing/blockFactory";
import { encodeAddress } from "@chain/wallet";
import { describe, expect, test } from "vitest";
import { outputOf, START, startHost } from "./support/host.ts";

describe("a block that is handed in", () => {
  test("is taken, known, stored or refused", async () => {
    const { call, error, chain, mine } = await startHost();
    const make = (options: object = {}) =>
      makeBlock({ parent: chain.tip, params: chain.params, ...options });
    const block = make();
    const hex = bytesToHex(block.toBytes());
    expect(await call("submitblock", hex, "whatever")).toBeNull();
    expect(chain.tip.hash).toBe(block.hash);
    expect(await call("submitblock", hex)).toBe("duplicate");
    const genesis = chain.headers.genesis;
    const side = makeBlock({ parent: genesis, params: chain.params, extra: 3 });
    expect(await call("submitblock", bytesToHex(side.toBytes()))).toBe("inconclusive");
    const greedy = make({ reward: 5_000_000_001n });
    expect(await call("submitblock", bytesToHex(greedy.toBytes()))).toBe("bad-cb-amount");
    // Bytes after a block are not read.
    expect(await call("submitblock", `${hex}00`)).toBe("duplicate");
    for (const bad of ["", "00", "xx", hex.slice(0, -2)]) {
      expect(await error("submitblock", bad)).toEqual([-22, "Block decode failed"]);
    }
    await mine(1);
    expect(chain.tip.height).toBe(2);
  });

  test("may be its header alone", async () => {
    const { call, error, chain } = await startHost();
    const block = makeBlock({ parent: chain.tip, params: chain.params });
    const hex = bytesToHex(block.header.toBytes());
    expect(await call("submitheader", hex)).toBeNull();
    expect(chain.bestHeader.hash).toBe(block.hash);
    expect(await call("submitheader", `${hex}00`)).toBeNull();
    const { height, time, bits } = chain.tip;
    const unknown = { hash: "ab".repeat(32), height, time, bits };
    const orphan = makeBlock({
      parent: unknown as never,
      params: chain.params,
    });
    expect(await error("submitheader", bytesToHex(orphan.header.toBytes()))).toEqual([
      -25,
      `Must submit previous header (${"ab".repeat(32)}) first`,
    ]);
    const early = makeBlock({ parent: chain.tip, params: chain.params, header: { time: 1 } });
    expect(await error("submitheader", bytesToHex(early.header.toBytes()))).toEqual([
      -25,
      "time-too-old",
    ]);
    expect(await error("submitheader", "00")).toEqual([-22, "Block header decode failed"]);
  });
});

describe("mining", () => {
  test("gives each of two callers for one script blocks of its own", async () => {
    const { call, chain } = await startHost();
    const args = ["generatetodescriptor", 5, "raw(51)"] as const;
    const both = await Promise.all([call<string[]>(...args), call<string[]>(...args)]);
    expect(new Set(both.flat()).size).toBe(10);
    expect(chain.tip.height).toBe(10);
  });

  test("ends with the tries that it was given", async () => {
    const { call, chain } = await startHost();
    expect(await call("generatetoaddress", 5, address, 0)).toEqual([]);
    expect(await call("generatetodescriptor", 5, "raw(51)", 0)).toEqual([]);
    // A hundred tries make some fifty blocks on regtest, and never all of these.
    const hashes = await call<string[]>("generatetodescriptor", 1000, "raw(51)", 100);
    expect(hashes.length).toBeGreaterThan(0);
    expect(hashes.length).toBeLessThan(1000);
    expect(chain.tip.height).toBe(hashes.length);
    expect(await call("generatetodescriptor", 2, "raw(51)", -1)).toHaveLength(2);
  });

  const address = encodeAddress({ type: "p2pkh", hash: MINER.script.subarray(3, 23) }, regtest);

  test("makes so many blocks for an address", async () => {
    const { call, error, chain } = await startHost();
    const hashes = await call<string[]>("generatetoaddress", 3, address);
    expect(hashes).toEqual([1, 2, 3].map((height) => chain.headers.activeAt(height)?.hash));
    expect(await call("generatetoaddress", 0, address)).toEqual([]);
    expect(await call("generatetoaddress", -1, address)).toEqual([]);
    expect(await error("generatetoaddress", 0, "x")).toEqual([-5, "Error: Invalid address"]);
  });

  test("makes blocks for several callers at once", async () => {
    const { call, chain, mine } = await startHost();
    await mine(1);
    const calls = Array.from({ length: 5 }, () => call("generateblock", address, []));
    const mixed = [...calls, call("generatetoaddress", 3, address)];
    expect(await Promise.all(mixed)).toHaveLength(6);
    expect(chain.tip.height).toBeGreaterThanOrEqual(4);
  });

  test("tells of the block that was last assembled", async () => {
    const { call, mine, coin, pay } = await startHost();
    await mine(101);
    const info = () => call("getmininginfo");
    expect(await info()).not.toHaveProperty("currentblocktx");
    const { weight } = await pay([await coin(1)], 10_000n);
    await call("getblocktemplate", { rules: ["segwit"] });
    expect(await info()).toMatchObject({ currentblocktx: 1, currentblockweight: 8000 + weight });
    await call("generateblock", address, []);
    expect(await info()).toMatchObject({ currentblocktx: 0, currentblockweight: 8000 });
    await call("generatetoaddress", 1, address);
    expect(await info()).toMatchObject({ currentblocktx: 1, currentblockweight: 8000 + weight });
  });

  test("makes a block of exactly what is wanted", async () => {
    const { call, error, chain, mine, coin, pay } = await startHost();
    await mine(103);
    const [one, two] = [await pay([await coin(1)], 10_000n), await pay([await coin(2)], 10_000n)];
    const made = await call<{ hash: string }>("generateblock", address, [two.txid]);
    expect(made).toEqual({ hash: chain.tip.hash });
    const block = await chain.getBlock(chain.tip.hash);
    expect(block?.transactions.map(({ txid }) => txid).slice(1)).toEqual([two.txid]);
    expect(block?.transactions[0]?.outputs[0]?.value).toBe(5_000_000_000n);
    const raw = bytesToHex(one.toBytes());
    const kept = await call<{ hash: string; hex: string }>("generateblock", address, [raw], false);
    expect(chain.tip.hash).toBe(made.hash);
    expect(await call("submitblock", kept.hex)).toBeNull();
    expect(chain.tip.hash).toBe(kept.hash);
    expect(await error("generateblock", address, [one.txid])).toEqual([
      -5,
      `Transaction ${one.txid} not in mempool.`,
    ]);
    expect(await error("generateblock", address, [raw])).toEqual([
      -25,
      expect.stringMatching(/^TestBlockValidity failed: bad-txns/),
    ]);
    expect(await error("generateblock", address, ["00"])).toEqual([
      -22,
      "Transaction decode failed for 00. Make sure the tx has at least one input.",
    ]);
    expect(await error("generateblock", "x", [])).toEqual([
      -5,
      "Error: Invalid address or descriptor",
    ]);
  });

  test("tells of work and rates", async () => {
    const { call, error, chain, mine, setTime } = await startHost();
    expect(await call("getnetworkhashps")).toBe(0);
    for (let i = 1; i <= 4; i++) {
      setTime(START + i * 10_000);
      await mine(1);
    }
    // Four blocks of two hashes each; the first is at the start.
    expect(await call("getnetworkhashps", 3)).toBe(6 / 30);
    expect(await call("getnetworkhashps", 2, 3)).toBe(4 / 20);
    expect(await call("getnetworkhashps", -1)).toBe(8 / (chain.tip.time - 1296688602));
    expect(await error("getnetworkhashps", 0)).toEqual([
      -8,
      "Invalid nblocks. Must be a positive number or -1.",
    ]);
    expect(await error("getnetworkhashps", 1, 5)).toEqual([
      -8,
      "Block does not exist at specified height",
    ]);
    expect(await call("getmininginfo")).toMatchObject({
      blocks: 4,
      bits: "207fffff",
      difficulty: 4.656542373906925e-10,
      pooledtx: 0,
      chain: "regtest",
      next: { height: 5, bits: "207fffff" },
      warnings: [],
    });
  });
});

describe("templates", () => {
  const rules = { rules: ["segwit"] };

  test("are what a miner needs", async () => {
    const { call, chain, mine, coin, pay } = await startHost();
    await mine(102);
    const parent = await pay([await coin(1)], 10_000n);
    const child = await pay([outputOf(parent)], 50_000n);
    const template = await call<Template>("getblocktemplate", rules);
    expect(template).toMatchObject({
      capabilities: ["proposal"],
      rules: ["csv", "!segwit", "taproot"],
      vbavailable: {},
      vbrequired: 0,
      previousblockhash: chain.tip.hash,
      transactions: [
        { txid: parent.txid, depends: [], fee: 10_000, sigops: 4, weight: parent.weight },
        { txid: child.txid, depends: [1], fee: 50_000, data: bytesToHex(child.toBytes()) },
      ],
      coinbaseaux: {},
      coinbasevalue: 5_000_060_000,
      mutable: ["time", "transactions", "prevblock"],
      noncerange: "00000000ffffffff",
      sigoplimit: 80_000,
      sizelimit: 4_000_000,
      weightlimit: 4_000_000,
      bits: "207fffff",
      height: 103,
      default_witness_commitment: expect.stringMatching(/^6a24aa21a9ed/),
    });
    expect(template.longpollid.startsWith(chain.tip.hash)).toBe(true);
  });

  test("are not for those who don't know the rules", async () => {
    const { error } = await startHost();
    const segwit =
      'getblocktemplate must be called with the segwit rule set (call with {"rules": ["segwit"]})';
    expect(await error("getblocktemplate", {})).toEqual([-8, segwit]);
    expect(await error("getblocktemplate", { mode: "x" })).toEqual([-8, "Invalid mode"]);
    expect(await error("getblocktemplate", { mode: 1 })).toEqual([-8, "Invalid mode"]);
    const shared = await startHost({ parts: { mocking: undefined as never } });
    expect(await shared.error("getblocktemplate", rules)).toEqual([
      -9,
      "Bitcoin Core is not connected!",
    ]);
  });

  test("are waited for until the tip is another", async () => {
    const { call, error, mine, chain } = await startHost();
    for (const bad of ["x", "", `${"0".repeat(63)}g`]) {
      expect(await error("getblocktemplate", { ...rules, longpollid: bad })).toEqual([
        -8,
        expect.stringMatching(/^longpollid must be (of length 64 \(not|hexadecimal string \(not)/),
      ]);
    }
    const { longpollid } = await call<Template>("getblocktemplate", rules);
    const next = call<Template>("getblocktemplate", { ...rules, longpollid });
    await mine(1);
    expect((await next).previousblockhash).toBe(chain.tip.hash);
  });

  test("of others are judged", async () => {
    const { call, error, chain, mine } = await startHost();
    await mine(1);
    const propose = (block: Block) =>
      call("getblocktemplate", { mode: "proposal", data: bytesToHex(block.toBytes()) });
    const block = makeBlock({ parent: chain.tip, params: chain.params });
    const draft = new Block(
      new BlockHeader({ ...block.header, nonce: 0x1234_5678 }),
      block.transactions,
    );
    expect(await propose(draft)).toBeNull();
    expect(chain.tip.height).toBe(1);
    const greedy = makeBlock({ parent: chain.tip, params: chain.params, reward: 5_000_000_001n });
    expect(await propose(greedy)).toBe("bad-cb-amount");
    const early = makeBlock({ parent: chain.headers.genesis, params: chain.params, extra: 4 });
    expect(await propose(early)).toBe("inconclusive-not-best-prevblk");
    const tip = (await chain.getBlock(chain.tip.hash)) as Block;
    expect(await propose(tip)).toBe("duplicate");
    expect(await error("getblocktemplate", { mode: "proposal" })).toEqual([
      -3,
      "Missing data String key for proposal",
    ]);
    expect(await error("getblocktemplate", { mode: "proposal", data: "00" })).toEqual([
      -22,
      "Block decode failed",
    ]);
  });
});

interface Template {
  readonly longpollid: string;
  readonly previousblockhash: string;
}
