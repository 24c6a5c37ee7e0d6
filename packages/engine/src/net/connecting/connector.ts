/** Opens connections to addresses and host names, one to each address. Core: net.cpp, ConnectNode. */

import { formatIp, parseIp } from "@chain/wire";
import { EngineError } from "../../errors.ts";
import type { Connection, ConnectionHandler, Dialer, PeerAddress } from "../../ports.ts";
import { requireAddress } from "../../requireOptions.ts";
import { keyOf } from "../kit/addresses.ts";

/** Addresses of one name that are tried. Core: ConnectNode. */
const MAX_ADDRESSES = 256;

export interface ConnectorOptions {
  readonly dialer: Dialer;
  /** Whether there is a connection with just this address, or one that was opened by this name. */
  readonly isConnected: (address: PeerAddress) => boolean;
}

/**
 * One address has many names (`localhost`, `127.0.0.1`, `::ffff:127.0.0.1`), and a second connection would give one
 * peer two of our places. So a name is resolved first and not called while any of its addresses is connected or called.
 */
export class Connector {
  readonly #options: ConnectorOptions;
  /** Addresses that are being called. */
  readonly #underWay = new Set<string>();

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /**
   * Connects to the first address of a peer that answers, then calls `attach` as a dialer does.
   * @throws EngineError `already-connected`; the error of the dialer where no address answers
   */
  async call(
    peer: PeerAddress,
    attach: (connection: Connection) => ConnectionHandler,
  ): Promise<void> {
    const { dialer, isConnected } = this.#options;
    const targets = await this.#addressesOf(peer);
    const keys = targets.map(nameOf);
    if (
      isConnected(peer) ||
      targets.some(isConnected) ||
      keys.some((key) => this.#underWay.has(key))
    ) {
      throw new EngineError("already-connected", "it is connected already");
    }
    for (const key of keys) this.#underWay.add(key);
    try {
      await dialFirst(dialer, targets, attach);
    } finally {
      for (const key of keys) this.#underWay.delete(key);
    }
  }

  /** The name itself where the dialer looks up none. */
  async #addressesOf({ host, port }: PeerAddress): Promise<readonly PeerAddress[]> {
    const { dialer } = this.#options;
    if (dialer.resolve === undefined || parseIp(host) !== undefined) {
      return [{ host: plainHost(host), port }];
    }
    const hosts = (await dialer.resolve(host)).slice(0, MAX_ADDRESSES).map(plainHost);
    return [...new Set(hosts)].map((each) => ({ host: each, port }));
  }
}

/** Calls one after the other until one answers. @throws the failure of the last */
async function dialFirst(
  dialer: Dialer,
  targets: readonly PeerAddress[],
  attach: (connection: Connection) => ConnectionHandler,
): Promise<void> {
  let failure: unknown = new EngineError("unknown-host", "no such host");
  for (const target of targets) {
    try {
      return await dialer.dial(target, attach);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * Whether two texts name one address and port. Names are not resolved.
 * @example isSameAddress({ host: "::1", port: 1 }, { host: "0:0:0:0:0:0:0:1", port: 1 }) // true
 */
export function isSameAddress(a: PeerAddress, b: PeerAddress): boolean {
  requireAddress(a, "a");
  requireAddress(b, "b");

  return a.port === b.port && (a.host === b.host || nameOf(a) === nameOf(b));
}

/** The same text for all ways to write one IP address. */
function nameOf({ host, port }: PeerAddress): string {
  const ip = parseIp(host);
  return ip === undefined ? `${host.toLowerCase()}:${port}` : keyOf({ ip, port });
}

function plainHost(host: string): string {
  const ip = parseIp(host);
  return ip === undefined ? host : formatIp(ip);
}
