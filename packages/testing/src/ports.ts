/** Ports of 127.0.0.1 for tests. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";

/** The RPC of devnet listens so far above the port for peers. */
const RPC_DISTANCE = 10_000;
const [FIRST, END] = [12_000, 21_000];
/** Each worker of a test run has ports of its own. */
const SLOTS = 10;
const SLOT_SIZE: number = (END - FIRST) / SLOTS;
/** Of networks: the guard takes a call of one for that of a node that was not told whom to call. */
const OF_NETWORKS = { from: 18_332, to: 18_445 };

/**
 * A port that nobody listens on now, with the one 10,000 above it, and that the system gives to no outgoing connection:
 * one of the range for those could be taken between this answer and its use.
 */
export function nextFreePort(): Promise<number> {
  return isBelowEphemeral(END + RPC_DISTANCE) ? search() : anyPort();
}

let next: number = Math.floor(Math.random() * SLOT_SIZE);

async function search(): Promise<number> {
  const slot = Number(process.env["VITEST_POOL_ID"] ?? process.pid) % SLOTS;
  for (let tries = 0; tries < SLOT_SIZE; tries++) {
    const port = FIRST + slot * SLOT_SIZE + (next++ % SLOT_SIZE);
    if (port >= OF_NETWORKS.from && port <= OF_NETWORKS.to) continue;
    if ((await isFree(port)) && (await isFree(port + RPC_DISTANCE))) return port;
  }
  throw new Error("no free port");
}

/** Linux says where outgoing connections get their ports from; elsewhere it is from 49,152 on (RFC 6335). */
function isBelowEphemeral(port: number): boolean {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    return port <= Number.parseInt(text, 10);
  } catch {
    return true;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  await once(server.close(), "close");
  return true;
}

async function anyPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}
