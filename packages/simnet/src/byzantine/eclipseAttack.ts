import type { Milliseconds } from "@chain/core";
import type { Connection, ConnectionHandler } from "@chain/engine";
import { type Message, netAddress, type TimedAddress } from "@chain/wire";
import type { Host } from "../host.ts";
import { PORT, type SimNode } from "../simNode.ts";
import type { Simulation } from "../simulation.ts";
import { Adversary } from "./adversary.ts";
import { WirePeer } from "./wirePeer.ts";

/** How often each of them tells the victim of others. Milliseconds. */
const GOSSIP: Milliseconds = 30_000;
const ADDRESSES = 1_000;

/**
 * An attacker with many machines in a few networks: each calls the victim and stays, tells it of the others, and answers
 * when it calls them. None of them ever says anything about blocks. (Heilman et al., "Eclipse Attacks on Bitcoin's
 * Peer-to-Peer Network", 2015.)
 * @example
 * const attack = new EclipseAttack(simulation, 8, 2); // eight machines in two networks
 * attack.attack(nodes[0]);
 * await simulation.run(60_000);
 * attack.sybils.length // 8
 */
export class EclipseAttack {
  readonly sybils: readonly Sybil[];

  /** @param networks /16 networks that the machines are spread over */
  constructor(simulation: Simulation, count: number, networks: number) {
    const hosts = Array.from({ length: count }, (_, n) => {
      const ip = `66.${n % networks}.${Math.floor(n / networks / 250)}.${1 + (Math.floor(n / networks) % 250)}`;
      return simulation.addHost({ ip });
    });
    this.sybils = hosts.map((host, n) => new Sybil(simulation, `sybil ${n}`, host, hosts));
  }

  attack(victim: SimNode): void {
    for (const sybil of this.sybils) sybil.attack([victim]);
  }

  stop(): void {
    for (const sybil of this.sybils) sybil.stop();
  }

  /** Whether the peer of a node is one of them. */
  has(ip: string): boolean {
    return this.sybils.some(({ host }) => host.ip === ip);
  }
}

class Sybil extends Adversary {
  readonly #hosts: readonly Host[];

  constructor(simulation: Simulation, name: string, host: Host, hosts: readonly Host[]) {
    super(simulation, name, host);
    this.#hosts = hosts;
    simulation.network.listen(host, PORT, (connection) => this.#accept(connection));
  }

  #accept(connection: Connection): ConnectionHandler {
    const peer = new WirePeer({
      direction: "inbound",
      magic: this.simulation.params.magic,
      time: this.simulation.time,
      random: this.random,
      connection,
      onReady: () => peer.send({ command: "addr", addresses: this.#others() }),
      onMessage: (from, message) => this.#answer(from, message),
      onClose: () => {},
    });
    peer.begin();
    return peer;
  }

  #answer(peer: WirePeer, message: Message): void {
    if (message.command === "getheaders") peer.send({ command: "headers", headers: [] });
    if (message.command === "getaddr") peer.send({ command: "addr", addresses: this.#others() });
  }

  protected override ready(peer: WirePeer, victim: SimNode): void {
    this.repeat(peer, victim, GOSSIP, () => {
      peer.send({ command: "addr", addresses: this.#others() });
    });
  }

  #others(): readonly TimedAddress[] {
    const time = Math.floor(this.simulation.time.now() / 1000);
    const chosen = this.random.shuffle(this.#hosts).slice(0, ADDRESSES);
    return chosen.map(({ ip }) => ({ ...netAddress(ip, PORT, 9n), time }));
  }
}
