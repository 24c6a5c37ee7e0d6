/** An index on disk of the simplest kind, as a program of someone else might have it: at which height a transaction is. */
import type { BlockHash } from "@chain/core";
import type { ChainChange, ChainFollower, ChainPosition } from "@chain/engine";
import { ClassicLevel } from "classic-level";

const POSITION = "position";

export class HeightIndex implements ChainFollower {
  readonly name = "height index";
  readonly #database: ClassicLevel<string, string>;
  readonly #onApply: () => Promise<void>;

  /** @param onApply hears before changes are written, and may hold them up */
  constructor(path: string, onApply: () => Promise<void> = async () => {}) {
    this.#onApply = onApply;
    this.#database = new ClassicLevel(path);
  }

  async position(): Promise<ChainPosition | undefined> {
    const text = await this.#database.get(POSITION);
    if (text === undefined) return undefined;
    const [hash = "", height] = text.split(" ");
    return { hash: hash as BlockHash, height: Number(height) };
  }

  async apply(changes: readonly ChainChange[], { hash, height }: ChainPosition): Promise<void> {
    await this.#onApply();
    const batch = this.#database.batch();
    for (const change of changes) {
      if (change.type === "block-connected") {
        for (const { txid } of change.block.transactions) batch.put(txid, String(change.height));
      } else if (change.type === "block-disconnected") {
        for (const { txid } of change.block.transactions) batch.del(txid);
      }
    }
    batch.put(POSITION, `${hash} ${height}`);
    await batch.write();
  }

  /** All of it, without its position. */
  async entries(): Promise<Map<string, number>> {
    const entries = new Map<string, number>();
    for await (const [key, height] of this.#database.iterator()) {
      if (key !== POSITION) entries.set(key, Number(height));
    }
    return entries;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
