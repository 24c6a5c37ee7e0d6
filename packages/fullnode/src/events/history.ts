/** The last events of chain and mempool, as server-sent events that a reader can resume. No sockets. */
import type { BlockHash } from "@chain/core";
import type { ChainEvent, ChainManager } from "@chain/engine";

/** Events that are kept for readers who come back. */
const MAX_KEPT = 10_000;
/** The form of an id: which run of the node, the number of the event in it, the tip after it. */
const ID = /^([0-9a-z]{1,16})-(\d{1,15})-([0-9a-f]{64})$/;

type Fields = Readonly<Record<string, string | number>>;

interface Kept {
  readonly number: number;
  readonly text: string;
}

/** Numbers what happens to the chain and to the mempool, writes it as events, and keeps the last ones. */
export class EventHistory {
  readonly #chain: ChainManager;
  readonly #run: string;
  readonly #kept: Kept[] = [];
  readonly #listeners = new Set<(text: string) => void>();
  readonly #unsubscribe: () => void;
  #number = 0;
  #disconnected = 0;

  /** @param run a word of digits and small letters that no other run of this node has */
  constructor(chain: ChainManager, run: string) {
    this.#chain = chain;
    this.#run = run;
    this.#unsubscribe = chain.subscribe((event) => this.#take(event));
  }

  stop(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  /**
   * Hands the texts of events to a listener from now on, those that it has missed first.
   * @param lastId the id of the last event that it has; without it, it begins with the tip
   * @returns a function that ends it
   */
  follow(lastId: string | undefined, listener: (text: string) => void): () => void {
    for (const text of this.#missed(lastId)) listener(text);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #missed(lastId: string | undefined): readonly string[] {
    const [, run, number, tip] = ID.exec(lastId ?? "") ?? [];
    const next = Number(number) + 1;
    const [oldest] = this.#kept;
    const isKept = oldest === undefined ? next === this.#number + 1 : next >= oldest.number;
    if (run === this.#run && isKept && next <= this.#number + 1) {
      return this.#kept.filter((each) => each.number >= next).map(({ text }) => text);
    }
    return [this.#reset(tip as BlockHash | undefined)];
  }

  /** Tells where the chain ends, and the last block that is still in it where the reader has told one. */
  #reset(known: BlockHash | undefined): string {
    const { headers, tip } = this.#chain;
    const node = known === undefined ? undefined : headers.get(known);
    const fork = node === undefined ? undefined : headers.forkPoint(node, tip);
    return this.#write(this.#number, "tip", {
      hash: tip.hash,
      height: tip.height,
      ...(fork !== undefined && { fork_hash: fork.hash, fork_height: fork.height }),
    });
  }

  #take(event: ChainEvent): void {
    switch (event.type) {
      case "block-disconnected":
        this.#disconnected++;
        this.#add("block-disconnected", { hash: event.block.hash, height: event.height });
        return;
      case "block-connected": {
        const { block, height } = event;
        const { transactions, header } = block;
        const about = { transactions: transactions.length, time: header.time };
        this.#add("block-connected", { hash: block.hash, height, ...about });
        return;
      }
      case "tip-changed": {
        const { hash, height, forkHeight } = event;
        const disconnected = this.#disconnected;
        this.#disconnected = 0;
        if (disconnected > 0) {
          this.#add("reorganisation", { hash, height, fork_height: forkHeight, disconnected });
        }
        this.#add("tip", { hash, height });
        return;
      }
      case "transaction-added": {
        const { txid, wtxid, virtualSize: vsize } = event.transaction;
        this.#add("transaction", { txid, wtxid, vsize });
        return;
      }
      case "transaction-removed":
        this.#add("transaction-removed", { txid: event.txid, why: event.why });
        return;
    }
  }

  #add(type: string, fields: Fields): void {
    const number = ++this.#number;
    const text = this.#write(number, type, fields);
    this.#kept.push({ number, text });
    // By halves, because taking the first of an array moves all others.
    if (this.#kept.length >= 2 * MAX_KEPT) this.#kept.splice(0, MAX_KEPT);
    for (const listener of [...this.#listeners]) listener(text);
  }

  #write(number: number, type: string, fields: Fields): string {
    const id = `${this.#run}-${number}-${this.#chain.tip.hash}`;
    return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(fields)}\n\n`;
  }
}
