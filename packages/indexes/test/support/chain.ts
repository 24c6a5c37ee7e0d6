/** A chain in memory that indexes follow. */
import type { Block, HeaderNode, SignatureVerifier, Transaction } from "@chain/core";
import { ChainManager } from "@chain/engine";
import { type KeyValueStore, MemoryKeyValueStore, MemoryStore } from "@chain/storage";
import {
  accepted,
  easyDevnet,
  GENESIS_TIME,
  MINER,
  makeBlock,
  payment,
} from "@chain/testing/blockFactory";
import { onTestFinished } from "vitest";

/** Takes every signature: these tests are about something else. */
const trustingVerifier: SignatureVerifier = {
  name: "no-op",
  verifyEcdsa: () => true,
  verifySchnorr: () => true,
  checkTaprootTweak: () => true,
};

export interface TestChain {
  readonly chain: ChainManager;
  readonly lines: readonly string[];
  readonly log: (level: string, category: string, message: string) => void;
  /** A block on top of a parent, or of the tip. Each `extra` makes another one. */
  add(
    transactions?: readonly Transaction[],
    parent?: HeaderNode,
    extra?: number,
  ): Promise<{ readonly block: Block; readonly node: HeaderNode }>;
  /** So many empty blocks on top of the tip. */
  grow(count: number): Promise<readonly Block[]>;
}

export async function openChain(): Promise<TestChain> {
  const params = easyDevnet();
  const lines: string[] = [];
  const log = (level: string, _: string, message: string) => void lines.push(`${level} ${message}`);
  const chain = await ChainManager.open({
    params,
    store: new MemoryStore(),
    verifier: trustingVerifier,
    clock: { now: () => (GENESIS_TIME + 1_000_000) * 1000 },
    timers: {
      after: (milliseconds, then) => {
        const timer = setTimeout(then, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    log,
  });
  onTestFinished(() => chain.close());
  const add: TestChain["add"] = async (transactions = [], parent = chain.tip, extra = 0) => {
    const block = makeBlock({ parent, params, transactions, extra });
    const { node } = accepted(await chain.acceptBlock(block, { requested: true }));
    return { block, node };
  };
  const grow = async (count: number) => {
    const blocks: Block[] = [];
    while (blocks.length < count) blocks.push((await add()).block);
    return blocks;
  };
  return { chain, lines, log, add, grow };
}

/** A copy of all records, as a disk that was set back would have them. */
export async function copyOf(records: KeyValueStore): Promise<MemoryKeyValueStore> {
  const all = { from: Uint8Array.of(0, 0), end: new Uint8Array(64).fill(0xff) };
  const copy = new MemoryKeyValueStore();
  await copy.write(await records.range(all, Number.MAX_SAFE_INTEGER));
  return copy;
}

/** A transaction that spends the coinbase output of a block, which is at this height. */
export function spending(block: Block, height: number, value = 1n): Transaction {
  const [coinbase] = block.transactions;
  const [output] = coinbase?.outputs ?? [];
  if (coinbase === undefined || output === undefined) throw new RangeError("no coinbase output");
  const outpoint = { txid: coinbase.txid, vout: 0 };
  const coins = [{ outpoint, coin: { ...output, height, coinbase: true } }];
  return payment({ coins, outputs: [{ value, scriptPubKey: MINER.script }] });
}

/** A transaction that spends the first output of another unconfirmed one. */
export function spendingOutput(parent: Transaction, value: bigint): Transaction {
  const [output] = parent.outputs;
  if (output === undefined) throw new RangeError("no output");
  const outpoint = { txid: parent.txid, vout: 0 };
  const coins = [{ outpoint, coin: { ...output, height: 0, coinbase: false } }];
  return payment({ coins, outputs: [{ value, scriptPubKey: Uint8Array.of(0x51) }] });
}
