/** The methods of a light node, over headers and payments that stand still. */
import {
  type Block,
  bytesToHex,
  hexToBytes,
  regtest,
  type Transaction,
  type Txid,
} from "@chain/core";
import {
  decodeMerkleBlock,
  type Fate,
  type FoundTransaction,
  inclusionProof,
  type LightEvent,
  type WatchedCoin,
} from "@chain/light";
import {
  easyDevnet,
  MINER,
  makeBlock,
  payment,
  TestChain,
  testKey,
} from "@chain/testing/blockFactory";
import { expect, test } from "vitest";
import {
  LIGHT_METHODS,
  type LightHost,
  type Method,
  RpcError,
  RpcServer,
  toJson,
} from "../src/index.ts";
import { startHost } from "./support/host.ts";

const PAYEE = testKey(1);
const SCRIPT = bytesToHex(PAYEE.script);

/** A light node that knows a payment of block 2 to PAYEE, and what becomes of what it hands out. */
async function lightNode(
  parts: { fate?: Fate; isCurrent?: boolean; isTipCurrent?: boolean; peers?: number } = {},
) {
  const { fate: nextFate = "seen", isCurrent = true, isTipCurrent = true, peers = 1 } = parts;
  const chain = new TestChain(easyDevnet());
  chain.mine();
  const coin = chain.coinbaseCoin(0);
  const paid = payment({
    coins: [coin],
    outputs: [{ value: 500_000_000n, scriptPubKey: PAYEE.script }],
  });
  const block: Block = makeBlock({ parent: chain.tip, params: chain.params, transactions: [paid] });
  chain.connect(block);
  const found: FoundTransaction = {
    transaction: paid,
    height: chain.tip.height,
    proof: inclusionProof(block, paid.txid),
    transactionCount: block.transactions.length,
  };
  const outpoint = { txid: paid.txid, vout: 0 };
  const coins: WatchedCoin[] = [
    {
      outpoint,
      value: 500_000_000n,
      scriptPubKey: PAYEE.script,
      height: found.height,
      coinbase: false,
    },
  ];
  const watched = new Map<string, Uint8Array>();
  const starts: (number | undefined)[] = [];
  const pending: Transaction[] = [];
  const fates = new Map<Txid, Fate>();
  const listeners = new Set<(event: LightEvent) => void>();
  const { host, setTime } = await startHost();
  const light: LightHost["light"] = {
    balance: {
      ...{ confirmed: 500_000_000n, immature: 0n, leaving: 0n, isCurrent },
      height: isCurrent ? chain.tip.height : 1,
    },
    peers: Array.from({ length: peers }, () => ({ servesFilters: true })) as never,
    ...{ pending, isTipCurrent },
    watched: {
      coins,
      get scripts() {
        return [...watched.values()];
      },
      isWatched: (script) => watched.has(bytesToHex(script)),
    },
    watch: (scripts, options) => {
      for (const script of scripts) watched.set(bytesToHex(script), script);
      starts.push(options?.height);
    },
    fate: (txid) => fates.get(txid) ?? "unknown",
    transaction: (txid) => (txid === paid.txid ? found : undefined),
    broadcast: (transaction) => {
      pending.push(transaction);
      host.timers.after(0, () => {
        fates.set(transaction.txid, nextFate);
        for (const listener of listeners) {
          listener({ type: "fate-changed", txid: transaction.txid, fate: nextFate });
        }
      });
    },
    forget: (txid) => pending.splice(0, pending.length, ...pending.filter((p) => p.txid !== txid)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  let stopwatch = 0;
  const { tree: headers, params } = chain;
  const lightHost: LightHost = {
    ...host,
    // Each look at it is a second later, so that a test of a wait is over at once.
    stopwatch: () => (stopwatch += 1_000),
    timers: { after: (_, then) => host.timers.after(0, then) },
    chain: {
      ...{ params, headers, now: host.chain.now },
      get tip() {
        return chain.tip;
      },
      get bestHeader() {
        return chain.tip;
      },
    },
    light,
    warnings: () => [],
  };
  const server = new RpcServer<LightHost>({ host: lightHost, methods: LIGHT_METHODS });
  /** The result, once it has the form that help promises. */
  const call = async <Result>(name: string, params: object = []): Promise<Result> => {
    const result: unknown = JSON.parse(toJson(await server.call(name, params as never)));
    const { results } = server.methods.get(name) as Method<LightHost>;
    const forms = results.map(({ schema }) => schema.safeParse(result));
    expect(
      forms.some(({ success }) => success),
      `${name}: ${JSON.stringify(forms)}`,
    ).toBe(true);
    return result as Result;
  };
  const error = async (name: string, params: object = []) => {
    const failed = await server.call(name, params as never).catch((thrown: unknown) => thrown);
    if (!(failed instanceof RpcError)) throw new Error(`${name} did not fail: ${String(failed)}`);
    return [failed.code, failed.message] as const;
  };
  return { call, error, server, chain, block, paid, coins, pending, starts, fates, setTime };
}

/** Spends the payment of block 2. */
function spend(coins: readonly WatchedCoin[], fee: bigint): Transaction {
  const [{ outpoint, ...coin } = {} as WatchedCoin] = coins;
  return payment({
    coins: [{ outpoint, coin }],
    outputs: [
      { value: coin.value - fee - 1_000n, scriptPubKey: PAYEE.script },
      { value: 1_000n, scriptPubKey: MINER.script },
    ],
    key: PAYEE,
  });
}

test("a light node describes itself, in the forms of a full node", async () => {
  const { call, chain } = await lightNode();
  const { hash } = chain.tip;
  expect(await call("getnodeinfo")).toMatchObject({ height: 2, headers: 2, bestblockhash: hash });
  expect(await call("getblockcount")).toBe(2);
  expect(await call("getbestblockhash")).toBe(hash);
  expect(await call("getblockhash", [2])).toBe(hash);
  expect(await call("getblockheader", [hash])).toMatchObject({ height: 2, confirmations: 1 });
  expect(await call("getblockchaininfo")).toMatchObject({ blocks: 2, initialblockdownload: false });
  expect(await call("getnetworkinfo")).toMatchObject({ connections: 1, localservicesnames: [] });
  expect(await call("getmempoolinfo")).toMatchObject({ loaded: false, size: 0 });
  expect(await call("getconnectioncount")).toBe(1);
  expect(await call("uptime")).toBe(0);
  expect(await call("validateaddress", ["none"])).toMatchObject({ isvalid: false });
});

test("what needs the chain is refused with the reason, and stands in no list", async () => {
  const { call, error } = await lightNode();
  const why =
    "getblock: a light node keeps headers and the payments of its scripts, and not the chain: ask a full node";
  expect(await error("getblock", ["00"])).toEqual([-1, why]);
  expect(await error("generatetoaddress", [])).toMatchObject([
    -1,
    expect.stringContaining("chain"),
  ]);
  const list = await call<string>("help");
  expect(list).toContain("listunspentbyscript");
  expect(list).not.toContain("gettxoutsetinfo");
});

test("scripts are watched from their birthday, and tell their coins once the chain is searched", async () => {
  const { call, error, starts, coins, chain } = await lightNode();
  const params = { script: SCRIPT };
  expect(await error("listunspentbyscript", params)).toEqual([
    -8,
    "the script is not watched: see watchscripts",
  ]);
  expect(await call("watchscripts", { scripts: [SCRIPT] })).toEqual({ height: 0, watched: 1 });
  const born = chain.tip.time + 7_201;
  const later = bytesToHex(testKey(2).script);
  expect(await call("watchscripts", { scripts: [SCRIPT, later], timestamp: born })).toEqual({
    height: 3,
    watched: 2,
  });
  expect(starts).toEqual([0, 3]);
  expect(await error("watchscripts", { scripts: ["xyz"] })).toMatchObject([-8, expect.anything()]);
  const [{ outpoint } = {} as WatchedCoin] = coins;
  expect(await call("listunspentbyscript", params)).toEqual({
    height: 2,
    coins: [{ ...outpoint, amount: 5, height: 2, coinbase: false, pending: false }],
  });
});

test("a birthday that is after all headers waits for them, as it may be that of any block to come", async () => {
  const { error, starts, chain } = await lightNode({ isTipCurrent: false });
  const watch = { scripts: [SCRIPT], timestamp: chain.tip.time + 7_201 };
  expect(await error("watchscripts", watch)).toEqual([
    -10,
    "headers are known up to block 2, and the scripts are younger: the search goes on",
  ]);
  expect(starts).toEqual([]);
});

test("a birthday after a gap is that of a block's own time, because the medians lag behind", async () => {
  const { call, chain } = await lightNode();
  const born = chain.tip.time + 100_000;
  chain.mine({ header: { time: born } });
  expect(chain.tip.medianTimePast).toBeLessThan(born - 7_200);
  const watch = { scripts: [SCRIPT], timestamp: born };
  expect(await call("watchscripts", watch)).toEqual({ height: 3, watched: 1 });
});

test("a balance that could be wrong is not told", async () => {
  const { call, error } = await lightNode({ isCurrent: false });
  await call("watchscripts", { scripts: [SCRIPT] });
  expect(await error("listunspentbyscript", { script: SCRIPT })).toEqual([
    -10,
    "the chain is searched up to block 1 of 2: the search goes on",
  ]);
});

test("a payment is accepted once a peer shows it; its change can be spent, and its coins can't", async () => {
  const { call, error, coins, pending } = await lightNode();
  await call("watchscripts", { scripts: [SCRIPT] });
  const transaction = spend(coins, 300n);
  const hexstring = bytesToHex(transaction.toBytes());
  expect(await call("submitpayment", { hexstring })).toBe(transaction.txid);
  expect(pending).toEqual([transaction]);
  expect(await call("getrawmempool")).toEqual([transaction.txid]);
  expect(await call("getrawtransaction", [transaction.txid])).toBe(hexstring);
  const { coins: left } = await call<{ coins: object[] }>("listunspentbyscript", {
    script: SCRIPT,
  });
  expect(left).toMatchObject([
    { txid: transaction.txid, vout: 0, amount: 4.999987, pending: true },
  ]);
  expect(await error("submitpayment", { hexstring })).toEqual([-26, "txn-already-in-mempool"]);
  expect(await call("sendrawtransaction", { hexstring })).toBe(transaction.txid);
});

test("a second payment of the same coin is refused while the first may be in a block", async () => {
  const { call, error, coins, pending } = await lightNode();
  const [first, second] = [300n, 400n].map((fee) => spend(coins, fee));
  await call("submitpayment", { hexstring: bytesToHex(first?.toBytes() ?? new Uint8Array()) });
  const hexstring = bytesToHex(second?.toBytes() ?? new Uint8Array());
  for (const method of ["submitpayment", "sendrawtransaction"]) {
    expect(await error(method, { hexstring })).toEqual([-26, "txn-mempool-conflict"]);
  }
  expect(pending).toEqual([first]);
});

test("a payment that no peer can take, keeps, or answers for is told apart", async () => {
  const alone = await lightNode({ peers: 0 });
  const hexstring = bytesToHex(spend(alone.coins, 300n).toBytes());
  expect(await alone.error("submitpayment", { hexstring })).toMatchObject([-9, expect.anything()]);
  expect(alone.pending).toEqual([]);
  const refused = await lightNode({ fate: "refused" });
  const other = { hexstring: bytesToHex(spend(refused.coins, 300n).toBytes()) };
  expect(await refused.error("submitpayment", other)).toMatchObject([-26, expect.anything()]);
  expect(refused.pending).toEqual([]);
  const silent = await lightNode({ fate: "unknown" });
  const third = { hexstring: bytesToHex(spend(silent.coins, 300n).toBytes()) };
  expect(await silent.error("submitpayment", third)).toMatchObject([-1, expect.anything()]);
  expect(silent.pending).toHaveLength(1);
});

test("a payment that never can be in a block is refused at once, with Core's reason", async () => {
  const { call, error, coins, paid, pending } = await lightNode();
  const confirmed = { hexstring: bytesToHex(paid.toBytes()) };
  expect(await error("submitpayment", confirmed)).toEqual([
    -27,
    "Transaction outputs already in utxo set",
  ]);
  const greedy = { hexstring: bytesToHex(spend(coins, 300_000_000n).toBytes()) };
  expect(await error("submitpayment", greedy)).toMatchObject([-25, expect.stringMatching(/^Fee/)]);
  const below = { hexstring: bytesToHex(spend(coins, -10n).toBytes()) };
  expect(await error("submitpayment", below)).toEqual([-26, "bad-txns-in-belowout"]);
  const late = spend(coins, 300n);
  const [first] = coins;
  if (first !== undefined) coins[0] = { ...first, spent: { txid: paid.txid, height: 2 } };
  const rawtx = bytesToHex(late.toBytes());
  expect(await error("sendrawtransaction", { hexstring: rawtx })).toEqual([
    -26,
    "bad-txns-inputs-missingorspent",
  ]);
  const rawtxs = [
    rawtx,
    confirmed.hexstring,
    bytesToHex(regtest.genesis.transactions[0]?.toBytes() ?? new Uint8Array()),
  ];
  expect(await call("testmempoolaccept", { rawtxs })).toMatchObject([
    { allowed: false, "reject-reason": "missing-inputs" },
    { allowed: false, "reject-reason": "txn-already-known" },
    { txid: regtest.genesis.transactions[0]?.txid },
  ]);
  expect(pending).toEqual([]);
});

test("the proof of a payment leads to the root in its header, and a full node takes it", async () => {
  const { call, error, block, paid } = await lightNode();
  const proof = await call<string>("gettxoutproof", { txids: [paid.txid] });
  const path = decodeMerkleBlock(hexToBytes(proof));
  expect(path).toMatchObject({ txid: paid.txid, index: 1, transactionCount: 2 });
  expect(path?.header.hash).toBe(block.hash);
  const missing = { txids: ["11".repeat(32)] };
  expect(await error("gettxoutproof", missing)).toMatchObject([-5, expect.anything()]);
  const elsewhere = { txids: [paid.txid], blockhash: "22".repeat(32) };
  expect(await error("gettxoutproof", elsewhere)).toMatchObject([-5, expect.anything()]);
  expect(await error("gettxoutproof", { txids: [] })).toMatchObject([-8, expect.anything()]);
});
