import { type BlockHash, type LocatedCoin, outpointKey } from "@chain/core";
import { type BlockRecord, type ChainUpdate, MemoryStore } from "@chain/storage";

/** Stands in a store for bytes that are shared. */
const ELSEWHERE = /* @__PURE__ */ new Uint8Array();

/**
 * Data that all nodes of a simulation store alike, once: a thousand copies of each block would be most of the memory. A hash
 * names one body, because bodies with spoilt witnesses are never stored, and, by its parent, one undo record.
 */
export class SharedData {
  readonly bodies: Map<BlockHash, Uint8Array> = new Map();
  readonly undo: Map<BlockHash, Uint8Array> = new Map();
  readonly #coins = new Map<string, LocatedCoin>();

  /** The one copy of a coin. In two branches it may lie at two heights, and then is two. */
  coin(located: LocatedCoin): LocatedCoin {
    const key = `${outpointKey(located.outpoint)} ${located.coin.height}`;
    const known = this.#coins.get(key);
    if (known !== undefined) return known;
    this.#coins.set(key, located);
    return located;
  }
}

/** The disk of a simulated node: it outlives the process that closes it. */
export class SharedStore extends MemoryStore {
  readonly #shared: SharedData;

  constructor(shared: SharedData) {
    super();
    this.#shared = shared;
  }

  override async writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    const { bodies } = this.#shared;
    const { hash } = record.header;
    if (!bodies.has(hash)) bodies.set(hash, raw.slice());
    await super.writeBlock(ELSEWHERE, record);
  }

  override async readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    const own = await super.readBlock(hash);
    return own?.length === 0 ? this.#shared.bodies.get(hash) : own;
  }

  override async commit(update: ChainUpdate): Promise<void> {
    const { undo } = this.#shared;
    for (const { hash, undo: bytes } of update.connected) {
      if (!undo.has(hash)) undo.set(hash, bytes.slice());
    }
    const { spent, created } = update.coins;
    await super.commit({
      ...update,
      connected: update.connected.map(({ hash }) => ({ hash, undo: ELSEWHERE })),
      coins: { spent, created: created.map((located) => this.#shared.coin(located)) },
    });
  }

  override async readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    return (await super.readUndo(hash)) && this.#shared.undo.get(hash);
  }

  override async close(): Promise<void> {}
}
