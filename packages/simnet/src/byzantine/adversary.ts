import type { Milliseconds } from "@chain/core";
import type { Message } from "@chain/wire";
import type { Host } from "../host.ts";
import type { SeededRandom } from "../seededRandom.ts";
import type { SimNode } from "../simNode.ts";
import type { Simulation } from "../simulation.ts";
import { WirePeer } from "./wirePeer.ts";

/** How soon it calls again after it was disconnected or refused. Milliseconds. */
const AGAIN: Milliseconds = 20_000;

/**
 * A hostile peer, which harms nodes by what it sends or withholds. It knows all that its victim knows, calls again each
 * time it is disconnected, and follows no rule but those of a subclass.
 * @example
 * class Mute extends Adversary {
 *   ready() {} // the handshake is done; it says nothing
 * }
 * const mute = new Mute(simulation, "mute").attack(nodes);
 * await simulation.run(10_000);
 * mute.connections > 0
 */
export abstract class Adversary {
  readonly host: Host;
  protected readonly simulation: Simulation;
  protected readonly random: SeededRandom;
  readonly #peers = new Map<WirePeer, SimNode>();
  #active = true;
  #connections = 0;
  #refusals = 0;

  constructor(simulation: Simulation, name: string, host: Host = simulation.addHost()) {
    this.simulation = simulation;
    this.random = simulation.random(name);
    this.host = host;
  }

  /** Connections that came about. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections that came to an end, or never had a handshake. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#peers.size;
  }

  /** Calls these, and begins. */
  attack(victims: readonly SimNode[]): this {
    for (const victim of victims) this.#call(victim);
    return this;
  }

  stop(): void {
    this.#active = false;
    for (const link of [...this.simulation.network.linksOf(this.host)]) link.end("stopped");
  }

  #call(victim: SimNode): void {
    if (!this.#active) return;
    const { network, time } = this.simulation;
    const again = (): void => {
      time.after(AGAIN, () => this.#call(victim));
    };
    network
      .dialerOf(this.host)
      .dial(victim.address, (connection) => {
        this.#connections++;
        const peer = new WirePeer({
          direction: "outbound",
          magic: this.simulation.params.magic,
          time,
          random: this.random,
          connection,
          onReady: (ready) => this.ready(ready, victim),
          onMessage: (from, message) => this.heard(from, victim, message),
          onClose: () => {
            this.#refusals++;
            this.#peers.delete(peer);
            again();
          },
        });
        this.#peers.set(peer, victim);
        time.after(0, () => this.connected(peer));
        return peer;
      })
      .catch(again);
  }

  /** The connection is open. */
  protected connected(peer: WirePeer): void {
    peer.begin();
  }

  /** The handshake is done. */
  protected abstract ready(peer: WirePeer, victim: SimNode): void;

  /** A message of the victim has come. The answer to `getheaders` is that there are none. */
  protected heard(peer: WirePeer, _victim: SimNode, message: Message): void {
    if (message.command === "getheaders") peer.send({ command: "headers", headers: [] });
  }

  /** Does something again and again for as long as a connection lasts and the victim runs. */
  protected repeat(
    peer: WirePeer,
    victim: SimNode,
    interval: Milliseconds,
    what: () => void,
  ): void {
    if (!peer.open || !victim.running || !this.#active) return;
    what();
    this.simulation.time.after(interval, () => this.repeat(peer, victim, interval, what));
  }
}
