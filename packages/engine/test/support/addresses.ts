/** Addresses of made-up nodes, at a fixed time. */
import { type NetAddress, NODE_NETWORK, netAddress, type TimedAddress } from "@chain/wire";

export const NOW = 1_700_000_000_000;

export const SECONDS: number = NOW / 1000;

export const at = (host: string, port = 8333): NetAddress => netAddress(host, port, NODE_NETWORK);

export const heard = (host: string, port = 8333, age = 0): TimedAddress => ({
  ...at(host, port),
  time: SECONDS - age,
});

/** Addresses in as many networks of their own. */
export const hosts = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, i) => {
    const n = first + i;
    return `${20 + (n % 50)}.${Math.floor(n / 50) % 200}.${Math.floor(n / 10_000)}.1`;
  });
