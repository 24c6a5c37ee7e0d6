import { randomInt } from "node:crypto";
import type { Connection, ConnectionHandler, Dialer, PeerAddress } from "@chain/engine";
import { formatPeerAddress } from "@chain/engine";
import { UserError } from "../errors.ts";
import { tcpDialer } from "../ports/tcp.ts";
import { link } from "./link.ts";

/** A node of this process that others of it can call. */
export interface Callable {
  /** Its name among the nodes of this process. */
  readonly address: PeerAddress;
  /** Whether it takes calls. */
  readonly isOpen: () => boolean;
  readonly accept: (connection: Connection) => ConnectionHandler;
}

/** An address that never leaves this machine, for a node that listens nowhere: a name for logs and for the engine. */
export function inProcessAddress(): PeerAddress {
  const host = ["127", randomInt(1, 255), randomInt(0, 256), randomInt(1, 255)].join(".");
  return { host, port: randomInt(1024, 65_536) };
}

/** Calls the nodes of this process that it was told of directly, and all others over TCP. */
export class Links implements Dialer {
  readonly #own: PeerAddress;
  readonly #known = new Map<string, Callable>();
  readonly #tcp: Dialer = tcpDialer();
  readonly #failures = new Map<string, unknown>();

  /** @param own the address of the node that calls */
  constructor(own: PeerAddress) {
    this.#own = own;
  }

  add(node: Callable): void {
    this.#known.set(formatPeerAddress(node.address), node);
  }

  resolve(host: string): Promise<readonly string[]> {
    return this.#tcp.resolve?.(host) ?? Promise.resolve([]);
  }

  /** Why the last call failed, if the last one did. */
  failureOf(address: PeerAddress): unknown {
    return this.#failures.get(formatPeerAddress(address));
  }

  async dial(
    address: PeerAddress,
    attach: (connection: Connection) => ConnectionHandler,
  ): Promise<void> {
    const name = formatPeerAddress(address);
    const known = this.#known.get(name);
    this.#failures.delete(name);
    try {
      if (known === undefined) await this.#tcp.dial(address, attach);
      else if (!known.isOpen()) throw new UserError("unreachable", "that node is closed");
      else link({ address: this.#own, attach }, { address: known.address, attach: known.accept });
    } catch (error) {
      this.#failures.set(name, error);
      throw error;
    }
  }
}
