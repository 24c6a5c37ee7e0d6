import { idFromBytes, Transaction, type Txid, type Wtxid } from "@chain/core";
import { MSG_WTX, netAddress, type TimedAddress } from "@chain/wire";
import type { SimNode } from "../simNode.ts";
import { Adversary } from "./adversary.ts";
import type { WirePeer } from "./wirePeer.ts";

/** Of each kind of junk, in each burst. */
const TRANSACTIONS = 20;
const ANNOUNCEMENTS = 1_000;
const ADDRESSES = 1_000;
const UNKNOWN = 50;

/**
 * Says all there is to say, and none of it is true: each second, more than anybody should have to read.
 * @example
 * const spammer = new Spammer(simulation, "spammer").attack(nodes);
 * await simulation.run(5_000);
 * spammer.connections > 0 // true: until now it has broken no rule
 */
export class Spammer extends Adversary {
  protected override ready(peer: WirePeer, victim: SimNode): void {
    this.repeat(peer, victim, 1_000, () => {
      for (let n = 0; n < TRANSACTIONS; n++) {
        peer.send({ command: "tx", transaction: this.#orphan() });
      }
      const items = Array.from({ length: ANNOUNCEMENTS }, () => {
        return { type: MSG_WTX, hash: idFromBytes<Wtxid>(this.random.bytes(32)) };
      });
      peer.send({ command: "inv", items });
      const addresses = Array.from({ length: ADDRESSES }, () => this.#address());
      peer.send({ command: "addr", addresses });
      for (let n = 0; n < UNKNOWN; n++) peer.sendRaw("gossip", this.random.bytes(200));
    });
  }

  /** Well-formed, and spends what never was. */
  #orphan(): Transaction {
    const prevout = { txid: idFromBytes<Txid>(this.random.bytes(32)), vout: 0 };
    const scriptSig = this.random.bytes(100);
    return new Transaction({
      version: 2,
      inputs: [{ prevout, scriptSig, sequence: 0xffff_ffff, witness: [] }],
      outputs: [{ value: 1n, scriptPubKey: this.random.bytes(25) }],
      lockTime: 0,
    });
  }

  #address(): TimedAddress {
    const [a = 0, b = 0, c = 0, d = 0] = this.random.bytes(4);
    const address = netAddress(`${1 + (a % 220)}.${b}.${c}.${d}`, 8333, 1n);
    return { ...address, time: Math.floor(this.simulation.time.now() / 1000) };
  }
}
