import type { Milliseconds } from "@chain/core";

/** Where something is and how fast its line is. */
export interface HostOptions {
  /** An IPv4 address. */
  readonly ip: string;
  /** On a map of side 1. */
  readonly position: { readonly x: number; readonly y: number };
  /** Bytes a second that it can send, to all others together. */
  readonly upload: number;
}

/**
 * A machine in the simulated network: one line to it, shared by all its connections.
 * @example
 * const host = new Host({ ip: "10.0.0.1", position: { x: 0, y: 0 }, upload: 1_000_000 });
 * host.transmit(500_000, 0) // 500: milliseconds until the last byte has left
 */
export class Host {
  readonly ip: string;
  readonly position: HostOptions["position"];
  bytesSent = 0;
  bytesReceived = 0;
  readonly #upload: number;
  #lineFreeAt: Milliseconds = 0;
  #lastPort = 32_767;

  constructor({ ip, position, upload }: HostOptions) {
    this.ip = ip;
    this.position = position;
    this.#upload = upload;
  }

  /** @returns when the last of so many bytes has left, behind all that waits for the line. Milliseconds. */
  transmit(count: number, now: Milliseconds): number {
    this.#lineFreeAt = Math.max(this.#lineFreeAt, now) + (count / this.#upload) * 1000;
    return this.#lineFreeAt;
  }

  /** The port that the next call comes from. */
  nextPort(): number {
    this.#lastPort = this.#lastPort >= 65_535 ? 32_768 : this.#lastPort + 1;
    return this.#lastPort;
  }
}
