/** A node in process with the indexes and the RPC that Esplora's and Electrum's doors are made of. */
import type { Block, LocatedCoin, Transaction } from "@chain/core";
import { present } from "@chain/core/arguments";
import { type ChainManager, spendableCoins } from "@chain/engine";
import { createNode, type InProcessNode, systemTimers } from "@chain/fullnode";
import type { LookupIndexes } from "@chain/indexes";
import { METHODS, type RpcHost, RpcServer } from "@chain/rpc";
import { onTestFinished } from "vitest";
import { payment, type TestKey, testKey } from "./blockFactory.ts";

/** The host of a door. */
export interface DoorHost {
  readonly chain: ChainManager;
  readonly indexes: LookupIndexes;
  readonly rpc: (method: string, params: readonly unknown[]) => Promise<unknown>;
}

export interface DoorNode {
  readonly node: InProcessNode;
  readonly host: DoorHost;
  /** The key that its blocks pay to. */
  readonly key: TestKey;
  mine(count?: number): Promise<readonly Block[]>;
  /** Coins of the key that a block of now may spend, the oldest first. */
  coins(): Promise<readonly LocatedCoin[]>;
  /** Pays a coin to a script, less the fee, and hands the payment in. */
  pay(
    to: Uint8Array,
    options?: { readonly coin?: LocatedCoin; readonly fee?: bigint; readonly sequence?: number },
  ): Promise<Transaction>;
}

/**
 * @param blocks that are mined first, and pay the key
 * @param atEnd is told how to close the node
 */
export async function startDoorNode(
  blocks = 101,
  atEnd: (close: () => Promise<void>) => void = onTestFinished,
): Promise<DoorNode> {
  const kept = { transactions: true, spenders: true, scriptHistory: true };
  const node = await createNode({ indexes: kept });
  atEnd(() => node.close());
  const { chain, indexes } = node;
  const key = testKey(0);
  const mine = (count = 1) => node.mine(count, { to: key.script });
  await mine(blocks);
  const host = {
    ...{ chain, indexes, node: node.node, timers: systemTimers, log: () => {} },
    stopwatch: () => performance.now(),
    software: { chain: node.params.name, version: 310_100, subversion: "/Satoshi:31.1.0/" },
    mempool: { isLoaded: () => true, keep: async () => {} },
    fees: { fixed: {} },
    assembled: { block: undefined },
    mining: { mine: async (to: Uint8Array) => (await node.mine(1, { to }))[0]?.hash },
  };
  const server = new RpcServer({ host: host as unknown as RpcHost, methods: METHODS });
  const { transactions, spenders, scriptHistory } = indexes;
  const coins = async () => {
    const all = await spendableCoins(chain, key.script);
    return [...all].sort((a, b) => a.coin.height - b.coin.height);
  };
  return {
    node,
    host: {
      chain,
      indexes: {
        transactions: present(transactions, "an index"),
        spenders: present(spenders, "an index"),
        scriptHistory: present(scriptHistory, "an index"),
      },
      rpc: (method, params) => server.call(method, params as never),
    },
    key,
    mine,
    coins,
    async pay(to, { coin, fee = 1_000n, ...more } = {}) {
      const spent = coin ?? present((await coins())[0], "a coin to spend");
      const outputs = [{ value: spent.coin.value - fee, scriptPubKey: to }];
      const transaction = payment({ coins: [spent], key, outputs, ...more });
      const verdict = await node.submit(transaction);
      if (!verdict.ok) throw new RangeError(`the payment was refused: ${verdict.reason}`);
      return transaction;
    },
  };
}
