import type { ScriptHash, Txid } from "@chain/core";
import { type ChainLookup, scriptHashOf } from "@chain/indexes";
import { decodeAddress } from "@chain/wallet";
import { describeExtended } from "../describe/extended.ts";
import type { EsploraHost } from "../host.ts";
import { recommended } from "../routes/fees.ts";
import { adjustmentOf, projectedBlocks } from "../routes/v1.ts";
import { TrackedScript } from "./tracked.ts";

/** Blocks that a client gets at first. */
const FIRST_BLOCKS = 8;
/** Addresses that one client tracks. */
const MAX_TRACKED = 100;
/** Characters of a message. */
const MAX_MESSAGE = 64 * 1024;
/** Messages that wait to be answered: a client that sends more is cut off. */
const MAX_WAITING = 100;
const WANTED: ReadonlySet<unknown> = /* @__PURE__ */ (() =>
  new Set(["blocks", "mempool-blocks", "stats"]))();

/** A connection that carries texts. */
export interface TextConnection {
  /** Hands over a text. `false` asks to hold back until `onDrain`. */
  send(text: string): boolean;
  close(): void;
}

interface Tracked {
  readonly script: TrackedScript;
  readonly unsubscribe: () => void;
}

export interface SessionOptions {
  readonly host: EsploraHost;
  readonly lookup: ChainLookup;
  readonly connection: TextConnection;
  readonly onEnd: (session: SocketSession) => void;
}

/** The conversation with one client of mempool.space's WebSocket. It is told of the newest state, and not of each. */
export class SocketSession {
  readonly #options: SessionOptions;
  readonly #waiting: string[] = [];
  readonly #tracked = new Map<string, Tracked>();
  readonly #touched = new Set<string>();
  /** Whether changes of addresses are told by address, as they are to one that tracks several. */
  #tracksMany = false;
  #wanted: ReadonlySet<unknown> = new Set();
  #transaction: Txid | undefined;
  #isTipNew = false;
  #isMempoolNew = false;
  #isBusy = false;
  #isFull = false;
  #isOver = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  onMessage(text: string): void {
    if (this.#isOver) return;
    if (text.length > MAX_MESSAGE || this.#waiting.length >= MAX_WAITING) {
      this.end();
      return;
    }
    this.#waiting.push(text);
    void this.#work();
  }

  onDrain(): void {
    this.#isFull = false;
    void this.#work();
  }

  onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#track([]);
    this.#options.onEnd(this);
  }

  end(): void {
    if (this.#isOver) return;
    this.onClose();
    this.#options.connection.close();
  }

  tipChanged(): void {
    this.#isTipNew = true;
    this.#isMempoolNew = true;
    void this.#work();
  }

  mempoolChanged(): void {
    this.#isMempoolNew = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (!this.#isOver && !this.#isFull && (await this.#step()));
    } catch {
      // An index has stopped, or the chain is closed: there is nothing more to tell.
      this.end();
    } finally {
      this.#isBusy = false;
    }
  }

  /** Does one thing. @returns whether there was one */
  async #step(): Promise<boolean> {
    const message = this.#waiting.shift();
    if (message !== undefined) {
      await this.#answer(message);
      return true;
    }
    if (this.#isTipNew) {
      this.#isTipNew = false;
      await this.#tellTip();
      return true;
    }
    const [address] = this.#touched;
    if (address !== undefined) {
      this.#touched.delete(address);
      await this.#tellAddress(address);
      return true;
    }
    if (!this.#isMempoolNew) return false;
    this.#isMempoolNew = false;
    await this.#tellMempool();
    return true;
  }

  async #answer(text: string): Promise<void> {
    let message: Readonly<Record<string, unknown>>;
    try {
      message = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    } catch {
      this.#send({ error: "invalid JSON" });
      return;
    }
    const { action, data } = message;
    if (action === "ping") this.#send({ pong: true });
    if (action === "init") await this.#tellFirst();
    if (action === "want" && Array.isArray(data)) {
      this.#wanted = new Set(data.filter((each) => WANTED.has(each)));
      this.#isMempoolNew = true;
    }
    const { "track-address": one, "track-addresses": many, "track-tx": txid } = message;
    if (typeof one === "string") await this.#trackAddresses(one === "stop" ? [] : [one], false);
    if (Array.isArray(many)) await this.#trackAddresses(many, true);
    if (typeof txid === "string") {
      const isId = /^[0-9a-fA-F]{64}$/.test(txid);
      this.#transaction = isId ? (txid.toLowerCase() as Txid) : undefined;
      await this.#tellTransaction();
    }
  }

  async #trackAddresses(addresses: readonly unknown[], isMany: boolean): Promise<void> {
    const { host } = this.#options;
    if (addresses.length > MAX_TRACKED) {
      const most = `this connection supports tracking a maximum of ${MAX_TRACKED} addresses`;
      this.#send({ "track-addresses-error": `"too many addresses requested, ${most}"` });
      return;
    }
    const scripts: [string, ScriptHash][] = [];
    for (const address of addresses) {
      const decoded =
        typeof address === "string" ? decodeAddress(address, host.chain.params) : undefined;
      if (decoded?.ok === true) scripts.push([String(address), scriptHashOf(decoded.script)]);
    }
    this.#tracksMany = isMany;
    this.#track(scripts);
    // Only what comes from now on is told.
    for (const { script } of this.#tracked.values()) await script.look();
  }

  #track(scripts: readonly (readonly [string, ScriptHash])[]): void {
    for (const { unsubscribe } of this.#tracked.values()) unsubscribe();
    this.#tracked.clear();
    this.#touched.clear();
    const { host, lookup } = this.#options;
    for (const [address, hash] of scripts) {
      const script = new TrackedScript(hash, host, lookup);
      const unsubscribe = lookup.scripts.subscribe(hash, () => {
        this.#touched.add(address);
        void this.#work();
      });
      this.#tracked.get(address)?.unsubscribe();
      this.#tracked.set(address, { script, unsubscribe });
    }
  }

  async #tellAddress(address: string): Promise<void> {
    const change = await this.#tracked.get(address)?.script.look();
    if (change === undefined) return;
    const { mempool, confirmed, removed } = change;
    if (mempool.length + confirmed.length + removed.length === 0) return;
    if (this.#tracksMany) {
      this.#send({ "multi-address-transactions": { [address]: change } });
      return;
    }
    if (mempool.length > 0) this.#send({ "address-transactions": mempool });
    if (removed.length > 0) this.#send({ "address-removed-transactions": removed });
    if (confirmed.length > 0) this.#send({ "block-transactions": confirmed });
  }

  async #tellTransaction(): Promise<void> {
    const { lookup } = this.#options;
    const txid = this.#transaction;
    if (txid === undefined) return;
    const found = await lookup.atOneMoment(() => lookup.transaction(txid));
    if (found?.node === undefined) return;
    this.#transaction = undefined;
    this.#send({ txConfirmed: txid });
  }

  async #tellFirst(): Promise<void> {
    const blocks = await this.#lastBlocks(FIRST_BLOCKS);
    this.#send({
      blocks,
      ...(await this.#mempool()),
      transactions: [],
      backendInfo: { hostname: "", version: "", gitCommit: "", lightning: false },
      loadingIndicators: {},
      da: adjustmentOf(this.#options),
    });
  }

  async #tellTip(): Promise<void> {
    await this.#tellTransaction();
    if (!this.#wanted.has("blocks")) return;
    const [block] = await this.#lastBlocks(1);
    this.#send({ block, da: adjustmentOf(this.#options) });
  }

  async #tellMempool(): Promise<void> {
    if (!this.#wanted.has("mempool-blocks") && !this.#wanted.has("stats")) return;
    const { "mempool-blocks": blocks, ...stats } = await this.#mempool();
    this.#send({
      ...(this.#wanted.has("mempool-blocks") && { "mempool-blocks": blocks }),
      ...(this.#wanted.has("stats") && stats),
    });
  }

  async #mempool() {
    const { host, lookup } = this.#options;
    const [mempoolInfo, fees] = [await host.rpc("getmempoolinfo", []), await recommended(host)];
    const projected = await lookup.atOneMoment(async () => projectedBlocks({ host }));
    return { mempoolInfo, vBytesPerSecond: 0, fees, "mempool-blocks": projected };
  }

  /** The newest last, as mempool.space has them. */
  async #lastBlocks(count: number) {
    const { host, lookup } = this.#options;
    const { chain } = host;
    return lookup.atOneMoment(async () => {
      const described = [];
      let node = chain.tip as typeof chain.tip | undefined;
      for (; node !== undefined && described.length < count; node = node.parent) {
        const block = await chain.getBlock(node.hash);
        if (block === undefined) break;
        described.unshift(await describeExtended(block, node, lookup, chain.params));
      }
      return described;
    });
  }

  #send(message: unknown): void {
    if (this.#isOver) return;
    if (!this.#options.connection.send(JSON.stringify(message))) this.#isFull = true;
  }
}
