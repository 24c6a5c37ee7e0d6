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

/** Takes the texts of events. */
export interface EventSink {
  /** @returns false where the reader has enough until `drained` is called */
  write(text: string): boolean;
  /** The reader is so far behind that its next event is not kept any more. */
  lost(): void;
}

/** The place of a reader in the history. */
export interface Following {
  /** Writes on, because the reader has taken what was written. */
  drained(): void;
  stop(): void;
}

/**
 * Numbers what happens to the chain and to the mempool, writes it as events, and keeps the last ones. A slow reader
 * costs no copies of them: the history knows the number of its next event.
 */
export class EventHistory {
  readonly #chain: ChainManager;
  readonly #run: string;
  readonly #maxKept: number;
  readonly #kept: Kept[] = [];
  readonly #followers = new Set<Follower>();
  readonly #unsubscribe: () => void;
  #number = 0;
  #disconnected = 0;

  /**
   * @param run a word of digits and small letters that no other run of this node has
   * @param maxKept the history keeps at least so many events, and fewer than twice as many
   */
  constructor(chain: ChainManager, run: string, maxKept: number = MAX_KEPT) {
    this.#chain = chain;
    this.#run = run;
    this.#maxKept = maxKept;
    this.#unsubscribe = chain.subscribe((event) => this.#take(event));
  }

  stop(): void {
    this.#unsubscribe();
    this.#followers.clear();
  }

  /**
   * Hands the texts of events to a reader from now on, those that it has missed first.
   * @param lastId the id of the last event that it has; without it, it begins with the tip
   */
  follow(lastId: string | undefined, sink: EventSink): Following {
    const [, run, number, tip] = ID.exec(lastId ?? "") ?? [];
    const next = run === this.#run ? Number(number) + 1 : 0;
    const isKnown = next >= this.#oldest && next <= this.#number + 1;
    const follower = new Follower(sink, isKnown ? next : this.#number + 1);
    this.#followers.add(follower);
    if (!isKnown) follower.write(this.#reset(tip as BlockHash | undefined));
    follower.writeOf(this.#kept);
    return {
      drained: () => {
        if (!this.#followers.has(follower)) return;
        follower.isFull = false;
        follower.writeOf(this.#kept);
      },
      stop: () => void this.#followers.delete(follower),
    };
  }

  /** Number of the oldest event that is kept, or else of the next one. */
  get #oldest(): number {
    return this.#kept[0]?.number ?? this.#number + 1;
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
    if (this.#kept.length >= 2 * this.#maxKept) this.#kept.splice(0, this.#maxKept);
    for (const follower of [...this.#followers]) follower.writeOf(this.#kept);
  }

  #write(number: number, type: string, fields: Fields): string {
    const id = `${this.#run}-${number}-${this.#chain.tip.hash}`;
    return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(fields)}\n\n`;
  }
}

/** Writes events to one reader, as fast as it takes them. */
class Follower {
  isFull = false;
  readonly #sink: EventSink;
  /** Number of the event that it gets next. */
  #next: number;

  constructor(sink: EventSink, next: number) {
    this.#sink = sink;
    this.#next = next;
  }

  write(text: string): void {
    this.isFull = !this.#sink.write(text);
  }

  writeOf(kept: readonly Kept[]): void {
    const oldest = kept[0]?.number ?? this.#next;
    if (this.#next < oldest) {
      this.#sink.lost();
      return;
    }
    for (let each = kept[this.#next - oldest]; each !== undefined && !this.isFull; ) {
      this.#next++;
      this.write(each.text);
      each = kept[this.#next - oldest];
    }
  }
}
