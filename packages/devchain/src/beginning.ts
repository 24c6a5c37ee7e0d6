/** The first blocks of a chain, whose rewards are mature when it opens. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  blockSubsidy,
  type ChainParams,
  CoinsOverlay,
  checkProofOfWork,
  connectBlock,
  encodeUndo,
  type HeaderNode,
  HeaderTree,
  type Seconds,
} from "@chain/core";
import { assembleBlock } from "@chain/engine";
import { type BlockRecord, type ChainUpdate, MemoryStore } from "@chain/storage";
import { DevChainError } from "./errors.ts";
import { FAUCET_SCRIPT } from "./faucet.ts";

/** Bitcoin's. */
const BLOCK_INTERVAL: Seconds = 600;
/** The funds of the faucet, besides those of the accounts: 500 coins. */
const RESERVE = 500_0000_0000n;
/** No more blocks than these, each of which takes time when a chain is made; regtest's rewards are nearly used up then. */
const MAX_BLOCKS = 2_000;

/**
 * How many blocks it takes until so much can be spent in the next one.
 * @throws DevChainError `usage` where there are not so many coins
 */
export function blocksFor(amount: bigint, params: ChainParams): number {
  let mature = -RESERVE;
  let height = 0;
  while (mature < amount) {
    height++;
    mature += blockSubsidy(height, params);
    if (height + params.coinbaseMaturity > MAX_BLOCKS) {
      const why = `regtest has no more than 15,000 coins, of which the faucet keeps 500`;
      throw new DevChainError("usage", `${why}: choose fewer accounts, or a smaller balance`);
    }
  }
  return height + params.coinbaseMaturity - 1;
}

/** The first blocks, as a store takes them. */
interface FirstBlocks {
  readonly count: number;
  /** Of the last of them. */
  readonly time: Seconds;
  readonly blocks: readonly { readonly raw: Uint8Array; readonly record: BlockRecord }[];
  readonly update: ChainUpdate;
}

/** The blocks that were made last: chains that are made within ten minutes have the same. */
const made: { last: FirstBlocks | undefined } = { last: undefined };

/**
 * A store with a chain of blocks, one in ten minutes, that ends less than ten minutes before `time`; their rewards are
 * the faucet's. All rules are kept, so that any node can download them; but this one does not check them again, which
 * takes longer than to make them.
 */
export async function storeWith(
  count: number,
  time: Seconds,
  params: ChainParams,
): Promise<MemoryStore> {
  const last = Math.floor((time - 1) / BLOCK_INTERVAL) * BLOCK_INTERVAL;
  if (last - count * BLOCK_INTERVAL <= params.genesis.header.time) {
    const least = params.genesis.header.time + (count + 2) * BLOCK_INTERVAL;
    throw new DevChainError("usage", `time is ${least} at least: the genesis block is of 2011`);
  }
  if (made.last?.count !== count || made.last.time !== last) {
    made.last = makeFirst(count, last, params);
  }
  const { blocks, update } = made.last;
  const store = new MemoryStore();
  await store.initialize(params.genesis.toBytes());
  for (const { raw, record } of blocks) await store.writeBlock(raw, record);
  await store.commit(update);
  return store;
}

function makeFirst(count: number, time: Seconds, params: ChainParams): FirstBlocks {
  const { genesis } = params;
  const tree = new HeaderTree(genesis.header);
  const coins = new CoinsOverlay({ get: () => undefined });
  const connected: { hash: BlockHash; undo: Uint8Array }[] = [];
  const connect = (block: Block, parent: HeaderNode | undefined): BlockRecord => {
    const verdict = connectBlock(block, { parent, params }, coins);
    if (!verdict.ok) throw new DevChainError("refused", `the first blocks: ${verdict.reason}`);
    coins.apply(verdict.changes);
    connected.push({ hash: block.hash, undo: encodeUndo(verdict.undo) });
    const height = connected.length - 1;
    const { header, transactions } = block;
    const transactionCount = transactions.length;
    return { header, height, status: "connected", hasBody: true, transactionCount };
  };
  const first = connect(genesis, undefined);
  const blocks: { raw: Uint8Array; record: BlockRecord }[] = [];
  let parent = tree.genesis;
  for (let height = 1; height <= count; height++) {
    const options = { payTo: FAUCET_SCRIPT, time: time - (count - height) * BLOCK_INTERVAL };
    const block = solved(assembleBlock(parent, [], params, options), params);
    blocks.push({ raw: block.toBytes(), record: connect(block, parent) });
    parent = tree.add(block.header);
  }
  const records = [first, ...blocks.map(({ record }) => record)];
  const update = { tip: parent.hash, connected, coins: coins.changes(), records, durable: false };
  return { count, time, blocks, update };
}

/** With a nonce: regtest asks for two tries. */
function solved({ header, transactions }: Block, params: ChainParams): Block {
  for (let nonce = 0; ; nonce++) {
    const tried = new BlockHeader({ ...header, nonce });
    if (checkProofOfWork(tried.hash, tried.bits, params)) return new Block(tried, transactions);
  }
}
