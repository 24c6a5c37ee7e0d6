import type { Milliseconds } from "@chain/core";
import type { AddedPeer, PeerAddress } from "../../ports.ts";
import { isSameAddress } from "./connector.ts";

/** First wait before a peer is called again; doubles with each failure. Milliseconds. */
const FIRST_WAIT: Milliseconds = 500;
const LONGEST_WAIT: Milliseconds = 60_000;
/** A connection that has lasted so long was a good one: waits begin small again. Milliseconds. */
const LASTING: Milliseconds = 10_000;
/** After as many the wait grows no longer. */
const MOST_FAILURES = 7;

interface Target {
  readonly address: AddedPeer;
  state: "waiting" | "dialing" | "connected" | "given-up";
  failures: number;
  /** When the handshake was done; `undefined`: it is not. */
  readyAt: Milliseconds | undefined;
  /** When to try, on the stopwatch of the node. */
  nextTry: number;
}

/**
 * The peers that we were told to stay connected to, and when to call each: at once, then ever less often, for ever.
 * Core: CConnman::ThreadOpenAddedConnections.
 */
export class AddedNodes {
  #targets: readonly Target[] = [];
  readonly #jitter: () => number;

  /** @param jitter a random number from 0 to 1, so that nodes that lost the same peer don't all call it at once */
  constructor(addresses: readonly AddedPeer[], jitter: () => number) {
    this.#jitter = jitter;
    for (const address of addresses) this.add(address);
  }

  get addresses(): readonly AddedPeer[] {
    return this.#targets.map(({ address }) => address);
  }

  /** One more to stay connected to. @returns whether it is new */
  add(address: AddedPeer): boolean {
    if (this.#find(address) !== undefined) return false;
    this.#targets = [
      ...this.#targets,
      { address, state: "waiting", failures: 0, readyAt: undefined, nextTry: 0 },
    ];
    return true;
  }

  /** It is not called again; a connection that there is stays. @returns whether it was one of them */
  remove(address: PeerAddress): boolean {
    const target = this.#find(address);
    this.#targets = this.#targets.filter((other) => other !== target);
    return target !== undefined;
  }

  /** Whether it is one of those to stay connected to. */
  has(address: PeerAddress): boolean {
    return this.#find(address) !== undefined;
  }

  /** Those to call now; they count as called. */
  due(now: Milliseconds): readonly PeerAddress[] {
    const due = this.#targets.filter(({ state, nextTry }) => state === "waiting" && nextTry <= now);
    for (const target of due) target.state = "dialing";
    return due.map(({ address }) => address);
  }

  /** When the next of them is to be called; infinite: none is waited for. */
  get nextTry(): number {
    const waiting = this.#targets.filter(({ state }) => state === "waiting");
    return Math.min(...waiting.map(({ nextTry }) => nextTry));
  }

  connected(address: PeerAddress): void {
    const target = this.#find(address);
    if (target?.state === "dialing") target.state = "connected";
  }

  /** The handshake is done. A peer that disconnects right after it counts as one that has not answered. */
  established(address: PeerAddress, now: Milliseconds): void {
    const target = this.#find(address);
    if (target !== undefined) target.readyAt = now;
  }

  /** It broke a rule, or stalled: the next wait is the longest. */
  disappointed(address: PeerAddress): void {
    const target = this.#find(address);
    if (target === undefined) return;
    target.failures = MOST_FAILURES;
    target.readyAt = undefined;
  }

  /** The call failed or the connection ended. @returns milliseconds until the next try */
  failed(address: PeerAddress, now: Milliseconds): number | undefined {
    const target = this.#find(address);
    if (target === undefined || target.state === "given-up") return undefined;
    if (now - (target.readyAt ?? now) >= LASTING) target.failures = 0;
    target.readyAt = undefined;
    const wait = Math.min(FIRST_WAIT * 2 ** target.failures, LONGEST_WAIT);
    target.failures = Math.min(target.failures + 1, MOST_FAILURES);
    target.state = "waiting";
    const jittered = Math.round(wait * (0.5 + this.#jitter() / 2));
    target.nextTry = now + jittered;
    return jittered;
  }

  /** Never again: it turned out to be ourselves. */
  giveUp(address: PeerAddress): void {
    const target = this.#find(address);
    if (target !== undefined) target.state = "given-up";
  }

  #find(address: PeerAddress): Target | undefined {
    return this.#targets.find((target) => isSameAddress(target.address, address));
  }
}
