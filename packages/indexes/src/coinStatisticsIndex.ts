import {
  type BlockHash,
  blockSubsidy,
  bogoSize,
  bytesToHex,
  type ChainParams,
  coinElement,
  hexToBytes,
  idToBytes,
  isUnspendable,
  type LocatedCoin,
  MuHash,
  Reader,
  reversedHex,
  Writer,
} from "@chain/core";
import { present, requireFields, requireId } from "@chain/core/arguments";
import type { KeyValueStore } from "@chain/storage";
import type { ChainIndex, IndexedBlock, IndexRecords } from "./chainIndex.ts";
import { requireIndexing } from "./checks.ts";
import { IndexError } from "./errors.ts";
import { REPLACED } from "./replaced.ts";

const STATISTICS = 0x73; // s
/** The state of the hash, after the last block. */
const STATE_KEY: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x6d, 0x6d); // mm
const HASH_SIZE = 32;
const RECORD_SIZE = HASH_SIZE + 11 * 8;
const STATE_SIZE = 768;

/** The values that a block can't be spent of, in base units, by why. */
export interface UnspendableValues {
  /** Of a genesis block whose coins can't be spent. */
  readonly genesis: bigint;
  /** Of coinbases that were replaced (BIP-0030). */
  readonly replaced: bigint;
  /** Paid to scripts that nobody can satisfy, such as those of OP_RETURN. */
  readonly scripts: bigint;
  /** Subsidy and fees that the miner did not claim. */
  readonly unclaimed: bigint;
}

/** All coins after one block, and what that block did. Values are in base units. Core: CCoinsStats. */
export interface BlockCoinStatistics {
  /** `MuHash` of all coins, as Core writes it. */
  readonly muHash: string;
  /** How many coins there are. */
  readonly count: number;
  /** Their size, by a measure that no database changes. */
  readonly bogoSize: number;
  /** Sum of their values. */
  readonly total: bigint;
  /** Value that all blocks up to this one have created or left so that nobody can spend it. */
  readonly totalUnspendable: bigint;
  readonly block: {
    /** Of the coins that it spent. */
    readonly spent: bigint;
    /** Of the outputs of its coinbase that can be spent. */
    readonly coinbase: bigint;
    /** Of those of its other transactions. */
    readonly others: bigint;
    readonly unspendable: UnspendableValues;
  };
}

/** The coins that a block takes and makes. */
interface Movement {
  readonly spent: readonly LocatedCoin[];
  /** Without those that can't be spent. */
  readonly created: readonly LocatedCoin[];
  /** The value of outputs whose script nobody can satisfy. */
  readonly scripts: bigint;
}

/** Before the genesis block. */
const NOTHING: BlockCoinStatistics = {
  muHash: /* @__PURE__ */ reversedHex(/* @__PURE__ */ new MuHash().digest()),
  count: 0,
  bogoSize: 0,
  total: 0n,
  totalUnspendable: 0n,
  block: {
    spent: 0n,
    coinbase: 0n,
    others: 0n,
    unspendable: { genesis: 0n, replaced: 0n, scripts: 0n, unclaimed: 0n },
  },
};

/**
 * Statistics of all coins after each block: their number, values and hash, which no scan of the coins has to be made for.
 * They are kept by block, and those of blocks that the chain has left stay, because they are as good as ever. Core:
 * CoinStatsIndex.
 *
 *     s <block hash, 32>     hash, and eleven numbers of 8 bytes
 *     mm                     the state of the hash after the last block, 768 bytes
 *
 * @example
 * const records = new MemoryKeyValueStore();
 * const { index, caughtUp } = await followChain(new CoinStatisticsIndex(records, chain), { chain, records, log });
 * await caughtUp;
 * const { count } = await index.statistics(chain.tip.hash);
 * count === (await chain.coinStatistics("none")).count // true
 */
export class CoinStatisticsIndex implements ChainIndex {
  readonly name = "coinstatsindex";
  readonly #records: Pick<KeyValueStore, "get">;
  readonly #params: ChainParams;

  constructor(records: Pick<KeyValueStore, "get">, chain: { readonly params: ChainParams }) {
    requireFields(records, "records", { get: "function" });
    requireFields(chain, "chain", { params: "object" });

    this.#records = records;
    this.#params = chain.params;
  }

  async connect(block: IndexedBlock, records: IndexRecords): Promise<void> {
    requireIndexing(block, records);

    const before = await this.#before(block, records);
    const hash = await stateBefore(block, records);
    const { spent, created, scripts } = this.#movement(block);
    for (const coin of spent) hash.remove(coinElement(coin));
    for (const coin of created) hash.add(coinElement(coin));

    const ofCoinbase = created.filter(({ coin }) => coin.coinbase);
    const sums = { spent: sum(spent), coinbase: sum(ofCoinbase) };
    const others = sum(created) - sums.coinbase;
    const subsidy = blockSubsidy(block.height, this.#params);
    const genesis = this.#isBarren(block) ? subsidy : 0n;
    const replaced = REPLACED.has(block.hash) ? subsidy : 0n;
    const known = others + sums.coinbase + genesis + replaced + scripts;
    const unclaimed = sums.spent + subsidy - known;
    const after: BlockCoinStatistics = {
      muHash: reversedHex(hash.digest()),
      count: before.count + created.length - spent.length,
      bogoSize: before.bogoSize + size(created) - size(spent),
      total: before.total + others + sums.coinbase - sums.spent,
      totalUnspendable: before.totalUnspendable + genesis + replaced + scripts + unclaimed,
      block: { ...sums, others, unspendable: { genesis, replaced, scripts, unclaimed } },
    };
    records.put(keyOf(block.hash), encode(after));
    records.put(STATE_KEY, hash.encode());
  }

  async disconnect(block: IndexedBlock, records: IndexRecords): Promise<void> {
    requireIndexing(block, records);

    const before = await this.#before(block, records);
    const hash = await stateOf(records);
    const { spent, created } = this.#movement(block);
    for (const coin of created) hash.remove(coinElement(coin));
    for (const coin of spent) hash.add(coinElement(coin));
    if (reversedHex(hash.digest()) !== before.muHash) {
      throw new IndexError("damaged", `without block ${block.hash} the coins have another hash`);
    }
    records.put(STATE_KEY, hash.encode());
  }

  /**
   * The coins after a block.
   * @returns undefined where the block was not in the best chain, as far as the index has come
   * @throws StorageError; IndexError `damaged`
   */
  async statistics(hash: BlockHash): Promise<BlockCoinStatistics | undefined> {
    requireId(hash, "hash");

    const stored = await this.#records.get(keyOf(hash));
    return stored && decode(stored);
  }

  async #before(
    { block, hash, height }: IndexedBlock,
    records: IndexRecords,
  ): Promise<BlockCoinStatistics> {
    if (height === 0) return NOTHING;
    const stored = await records.get(keyOf(block.header.previousHash));
    if (stored !== undefined) return decode(stored);
    throw new IndexError("damaged", `the statistics of the block before ${hash} are missing`);
  }

  #movement(block: IndexedBlock): Movement {
    const created: LocatedCoin[] = [];
    let scripts = 0n;
    const isDropped = this.#isBarren(block) || REPLACED.has(block.hash);
    for (const [i, { txid, outputs }] of block.block.transactions.entries()) {
      const coinbase = i === 0;
      if (coinbase && isDropped) continue;
      for (const [vout, output] of outputs.entries()) {
        if (isUnspendable(output.scriptPubKey)) scripts += output.value;
        else {
          const coin = { ...output, height: block.height, coinbase };
          created.push({ outpoint: { txid, vout }, coin });
        }
      }
    }
    return { spent: spentBy(block), created, scripts };
  }

  /** Whether it is a genesis block whose coins can't be spent. */
  #isBarren({ height }: IndexedBlock): boolean {
    return height === 0 && !this.#params.genesisSpendable;
  }
}

function spentBy({ block, undo }: IndexedBlock): readonly LocatedCoin[] {
  return block.transactions.slice(1).flatMap(({ inputs }, i) =>
    inputs.map(({ prevout }, j) => ({
      outpoint: prevout,
      coin: present(undo[i]?.[j], "a coin"),
    })),
  );
}

function sum(coins: readonly LocatedCoin[]): bigint {
  return coins.reduce((total, { coin }) => total + coin.value, 0n);
}

function size(coins: readonly LocatedCoin[]): number {
  return coins.reduce((total, { coin }) => total + bogoSize(coin.scriptPubKey), 0);
}

async function stateBefore({ height }: IndexedBlock, records: IndexRecords): Promise<MuHash> {
  return height === 0 ? new MuHash() : stateOf(records);
}

/** @throws IndexError `damaged` */
async function stateOf(records: IndexRecords): Promise<MuHash> {
  const stored = await records.get(STATE_KEY);
  if (stored?.length === STATE_SIZE) return MuHash.decode(stored);
  throw new IndexError("damaged", "the hash of all coins is missing");
}

function encode(statistics: BlockCoinStatistics): Uint8Array {
  const { muHash, count, bogoSize: bytes, total, totalUnspendable, block } = statistics;
  const { genesis, replaced, scripts, unclaimed } = block.unspendable;
  const writer = new Writer(RECORD_SIZE).bytes(hexToBytes(muHash));
  writer.u64(BigInt(count)).u64(BigInt(bytes)).u64(total).u64(totalUnspendable);
  writer.u64(block.spent).u64(block.coinbase).u64(block.others);
  return writer.u64(genesis).u64(replaced).u64(scripts).u64(unclaimed).finish();
}

/** @throws IndexError `damaged` */
function decode(bytes: Uint8Array): BlockCoinStatistics {
  if (bytes.length !== RECORD_SIZE) {
    throw new IndexError("damaged", `statistics have ${RECORD_SIZE} bytes, not ${bytes.length}`);
  }
  const reader = new Reader(bytes);
  return {
    muHash: bytesToHex(reader.take(HASH_SIZE)),
    count: Number(reader.u64()),
    bogoSize: Number(reader.u64()),
    total: reader.u64(),
    totalUnspendable: reader.u64(),
    block: {
      spent: reader.u64(),
      coinbase: reader.u64(),
      others: reader.u64(),
      unspendable: {
        genesis: reader.u64(),
        replaced: reader.u64(),
        scripts: reader.u64(),
        unclaimed: reader.u64(),
      },
    },
  };
}

function keyOf(hash: BlockHash): Uint8Array {
  const key = new Uint8Array(1 + HASH_SIZE);
  key[0] = STATISTICS;
  key.set(idToBytes(hash), 1);
  return key;
}
