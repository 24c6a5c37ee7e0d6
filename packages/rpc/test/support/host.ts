/** A node in memory for tests: the engine as it is, without peers, sockets or files. */
import {
  type BlockHash,
  BlockHeader,
  type ChainParams,
  checkHeader,
  type LocatedCoin,
  nobleVerifier,
  regtest,
  SEQUENCE_FINAL,
  type Transaction,
  type TxOutput,
} from "@chain/core";
import {
  ChainManager,
  Miner,
  Node,
  type ProofOfWorkSearch,
  type PruneSettings,
} from "@chain/engine";
import { MemoryStore } from "@chain/storage";
import { accepted, MINER, payment } from "@chain/testing/blockFactory";
import { onTestFinished } from "vitest";
import type { RpcHost } from "../../src/host.ts";
import type { Json } from "../../src/json/parse.ts";
import { parseJson } from "../../src/json/parse.ts";
import { toJson } from "../../src/json/write.ts";
import { METHODS } from "../../src/methods/table.ts";
import { RpcServer, type RpcServerOptions } from "../../src/server.ts";

/** Milliseconds since 1970: after the genesis block of regtest. */
export const START = 1_700_000_000_000;

export interface TestHost {
  readonly host: RpcHost;
  readonly server: RpcServer;
  readonly chain: ChainManager;
  readonly lines: readonly string[];
  /** Whether the node was asked to stop. */
  readonly stopped: () => boolean;
  readonly setTime: (milliseconds: number) => void;
  /** Mines so many blocks that pay `MINER`. */
  mine(count: number, payTo?: Uint8Array): Promise<BlockHash[]>;
  /** The coinbase output at a height of the best chain, which pays `MINER`. */
  coin(height: number): Promise<LocatedCoin>;
  /** Pays coins of `MINER` to it, less the fee, and hands the payment in. */
  pay(coins: readonly LocatedCoin[], fee: bigint, sequence?: number): Promise<Transaction>;
  /** The result of a call, as its JSON is read. @throws RpcError */
  call<Result = unknown>(method: string, ...params: readonly Json[]): Promise<Result>;
  /** The error of a call: code and message. */
  error(
    method: string,
    ...params: readonly Json[]
  ): Promise<readonly [code: number, message: string]>;
}

/** Two tries on average. */
function easySearch(params: ChainParams): ProofOfWorkSearch {
  return {
    async search(header, _, maxTries = Number.POSITIVE_INFINITY) {
      for (let nonce = 0; nonce < maxTries; nonce++) {
        const tried = new BlockHeader({ ...header, nonce });
        if (checkHeader(tried, params).ok) return tried;
      }
      return undefined;
    },
  };
}

export async function startHost(
  options: {
    readonly params?: ChainParams;
    readonly prune?: PruneSettings;
    readonly parts?: Partial<RpcHost>;
  } & Partial<Omit<RpcServerOptions, "host" | "methods">> = {},
): Promise<TestHost> {
  const { params = regtest, prune, parts = {}, ...serverOptions } = options;
  const lines: string[] = [];
  let now = START;
  let stopped = false;
  const clock = { now: () => now };
  const timers = {
    after: (milliseconds: number, callback: () => void) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  };
  const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
  const log = (level: string, category: string, message: string) => {
    lines.push(`${level} ${category} ${message}`);
  };
  const chain = await ChainManager.open({
    params,
    store: new MemoryStore(),
    verifier: nobleVerifier,
    clock,
    timers,
    log,
    prune,
  });
  const node = new Node({
    chain,
    clock,
    timers,
    random,
    dialer: { dial: () => Promise.reject(new RangeError("this test has no network")) },
    log,
    userAgent: "/chain:test/",
  });
  node.start();
  const search = easySearch(params);
  let made = 0;
  const mining = { chain, search, clock, timers, log, extraNonce: () => made++ };
  const mineOne: RpcHost["mining"]["mine"] = async (payTo, signal, maxTries) =>
    (await new Miner({ ...mining, payTo }).mineOne(signal, maxTries)).hash;
  const host: RpcHost = {
    chain,
    node,
    timers,
    random,
    log,
    stopwatch: () => performance.now(),
    startedAt: now,
    software: {
      chain: "regtest",
      version: 310_100,
      subversion: "/Satoshi:31.1.0(chain:test)/",
      signatures: "noble",
    },
    mining: { mine: mineOne, search },
    mempool: { isLoaded: () => true, keep: async () => {} },
    scans: { current: undefined },
    assembled: { block: undefined },
    control: {
      stop: () => {
        stopped = true;
      },
      keepBans: async () => {},
      logPath: "",
    },
    mocking: {
      setTime: (time) => {
        now = time ?? START;
        node.clockSet();
      },
      forwardSchedule: (by) => node.forwardSchedule(by),
      isRegtest: true,
    },
    process: { node_id: 3000, network: "regtest", role: "central", pid: 7 },
    ...parts,
  };
  const server = new RpcServer({ host, methods: METHODS, ...serverOptions });
  onTestFinished(async () => {
    await node.stop();
    await chain.close();
  });
  const call = async (name: string, ...given: readonly Json[]) => {
    const text = toJson(await server.call(name, parseJson(JSON.stringify(given)) ?? []));
    return checked(name, JSON.parse(text));
  };
  return {
    host,
    server,
    chain,
    lines,
    stopped: () => stopped,
    setTime: (milliseconds) => {
      now = milliseconds;
    },
    async mine(count, payTo = MINER.script) {
      const hashes: BlockHash[] = [];
      for (let i = 0; i < count; i++) hashes.push(await mineOne(payTo, { aborted: false }));
      return hashes;
    },
    async coin(height) {
      const block = await chain.getBlock(chain.headers.activeAt(height)?.hash as BlockHash);
      const [coinbase] = block?.transactions ?? [];
      if (coinbase === undefined) throw new RangeError(`no block at height ${height}`);
      const { txid, outputs } = coinbase;
      return {
        outpoint: { txid, vout: 0 },
        coin: { ...(outputs[0] as TxOutput), height, coinbase: true },
      };
    },
    async pay(coins, fee, sequence = SEQUENCE_FINAL) {
      const total = coins.reduce((sum, { coin }) => sum + coin.value, 0n);
      const outputs = [{ value: total - fee, scriptPubKey: MINER.script }];
      const transaction = payment({ coins, outputs, sequence });
      accepted(await chain.acceptTransaction(transaction));
      return transaction;
    },
    call,
    async error(method, ...given) {
      try {
        await call(method, ...given);
      } catch (error) {
        const { code, message } = error as { code: number; message: string };
        return [code, message];
      }
      throw new RangeError(`${method} was executed`);
    },
  };
}

/** A result that one of the schemas of its method holds for. */
function checked<Result>(name: string, result: Result): Result {
  const method = METHODS.find((each) => each.name === name);
  const outcomes = (method?.results ?? []).map(({ schema }) => schema.safeParse(result));
  if (outcomes.some(({ success }) => success)) return result;
  const problems = outcomes.map(({ error }) => error?.message).join("\n");
  throw new RangeError(`${name} answered what its schemas don't have: ${problems}`);
}

/** The only output of a payment, as a coin to spend. */
export function outputOf(transaction: Transaction): LocatedCoin {
  const output = transaction.outputs[0] as TxOutput;
  const outpoint = { txid: transaction.txid, vout: 0 };
  return { outpoint, coin: { ...output, height: 0, coinbase: false } };
}
