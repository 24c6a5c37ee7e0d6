/** Where the first addresses come from. Core: net.cpp, ThreadDNSAddressSeed, and the seeds of ThreadOpenConnections. */
import type { Milliseconds, Seconds } from "@chain/core";
import { NODE_NETWORK, NODE_WITNESS, parseIp, type TimedAddress } from "@chain/wire";
import type { Log, PeerAddress, Random, Resolver } from "../../ports.ts";
import { ipOf, isUsable } from "../kit/addresses.ts";
import { uniform } from "../kit/chance.ts";
import type { AddressBook } from "./addressBook.ts";

/**
 * How long a seed that is asked for addresses, or the addresses that we have, may take to prove good before the next
 * seed is asked. Core: ADD_NEXT_SEEDNODE. Milliseconds.
 */
const ASK_INTERVAL: Milliseconds = 10_000;
/** How long the addresses that we have may take to prove good. Core: DNSSEEDS_DELAY_FEW_PEERS, …_MANY_PEERS. */
const DELAY: Milliseconds = 11_000;
const LONG_DELAY: Milliseconds = 5 * 60_000;
const MANY_ADDRESSES = 1_000;
/** With so many peers of our own choice there is no need for seeds. */
const ENOUGH_PEERS = 2;
/** Seeds that are asked at once. Core: DNSSEEDS_TO_QUERY_AT_ONCE. */
const AT_ONCE = 3;
/** Addresses that are taken of one seed. */
const MAX_ANSWERS = 32;
/** When nothing else has told of anybody. Milliseconds. */
const FIXED_SEEDS_AFTER: Milliseconds = 60_000;
const DAY: Seconds = 24 * 60 * 60;
/** The services that a seed is asked for, and that the nodes that it names are believed to offer. */
const WANTED = NODE_NETWORK | NODE_WITNESS;

export interface SeedingOptions {
  readonly book: AddressBook;
  readonly random: Random;
  /** Nodes to ask for addresses. */
  readonly seedNodes: readonly PeerAddress[];
  /** Host names that stand for some nodes of the network. */
  readonly dnsSeeds: readonly string[];
  readonly resolver: Resolver | undefined;
  /** Port of the nodes that a DNS seed names. */
  readonly port: number;
  /** Nodes that are known to last. */
  readonly fixedSeeds: readonly PeerAddress[];
  readonly log: Log;
}

/**
 * Asks the named nodes, then the DNS seeds, then takes the fixed ones, each only where the ones before have not helped:
 * the operator of a seed learns the addresses of those that ask, and could answer with its own nodes only.
 */
export class Seeding {
  readonly #options: SeedingOptions;
  readonly #nodes: PeerAddress[];
  readonly #names: string[];
  #startedAt: Milliseconds | undefined;
  #askAt: Milliseconds | undefined;
  #resolveAt: Milliseconds | undefined;
  #fixedTaken = false;

  constructor(options: SeedingOptions) {
    this.#options = options;
    this.#nodes = [...options.seedNodes];
    this.#names = options.resolver === undefined ? [] : [...options.dnsSeeds];
  }

  /**
   * The seeds to ask for addresses now.
   * @param peers of our own choice that we are connected to
   */
  due(peers: number, now: Milliseconds): readonly PeerAddress[] {
    this.#startedAt ??= now;
    this.#resolveDue(peers, now);
    this.#takeFixed(now);
    const { book, log, port } = this.#options;
    const isEmpty = book.size === 0;
    this.#askAt ??= isEmpty ? now : now + ASK_INTERVAL;
    if (now < this.#askAt || (!isEmpty && peers >= ENOUGH_PEERS)) return [];
    const node = this.#nodes.shift();
    if (node === undefined) return [];
    this.#askAt = now + ASK_INTERVAL;
    const name = node.port === port ? node.host : `${node.host}:${node.port}`;
    const why = isEmpty ? "no addresses are known" : "those that are known have not led to peers";
    const fields = { event: "seed-asked", seed: name, isEmpty };
    log("info", "net", `asking the seed node ${name} for addresses: ${why}`, fields);
    return [node];
  }

  #resolveDue(peers: number, now: Milliseconds): void {
    if (this.#names.length === 0 || peers >= ENOUGH_PEERS) return;
    const { size } = this.#options.book;
    const delay = size >= MANY_ADDRESSES ? LONG_DELAY : DELAY;
    this.#resolveAt ??= size === 0 && this.#nodes.length === 0 ? now : now + delay;
    if (now < this.#resolveAt) return;
    this.#resolveAt = now + delay;
    for (let i = 0; i < AT_ONCE; i++) {
      const at = Math.floor(uniform(this.#options.random, this.#names.length));
      const [name] = this.#names.splice(at, 1);
      if (name !== undefined) void this.#resolve(name, now);
    }
  }

  /** A seed that does not answer is no news: there are others. */
  async #resolve(name: string, now: Milliseconds): Promise<void> {
    const { resolver, book, random, port } = this.#options;
    const answers = await resolver?.resolve(`x${WANTED.toString(16)}.${name}`).catch(() => []);
    const addresses: TimedAddress[] = [];
    for (const text of (answers ?? []).slice(0, MAX_ANSWERS)) {
      const ip = parseIp(text);
      if (ip === undefined || !isUsable(ip)) continue;
      // Three to seven days old, so that addresses from peers come first.
      const age = Math.floor((3 + uniform(random, 4)) * DAY);
      addresses.push({ ip, port, services: WANTED, time: Math.floor(now / 1000) - age });
    }
    // All of one seed as if from one source, so that it fills no more than its share.
    const [first] = addresses;
    if (first !== undefined) book.add(addresses, first.ip, now, 0);
  }

  #takeFixed(now: Milliseconds): void {
    const { book, fixedSeeds } = this.#options;
    if (this.#fixedTaken || fixedSeeds.length === 0 || book.size > 0) return;
    const others = this.#nodes.length > 0 || this.#options.resolver !== undefined;
    if (others && now < (this.#startedAt ?? now) + FIXED_SEEDS_AFTER) return;
    this.#fixedTaken = true;
    const time = Math.floor(now / 1000) - 7 * DAY;
    for (const { host, port } of fixedSeeds) {
      const ip = ipOf(host);
      if (isUsable(ip)) book.add([{ ip, port, services: WANTED, time }], ip, now, 0);
    }
  }
}
