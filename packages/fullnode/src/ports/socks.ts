/** Connections through a SOCKS5 proxy, such as Tor's. RFC 1928, RFC 1929; Core: netbase.cpp, Socks5. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Milliseconds } from "@chain/core";
import type { PeerAddress } from "@chain/engine";
import { UserError } from "../errors.ts";

/** Where a SOCKS5 proxy listens: an address, or a Unix socket. */
export type ProxyAddress = PeerAddress | { readonly path: string };

/** A name and a password. Tor gives connections with different ones different circuits. */
export interface ProxyCredentials {
  readonly user: string;
  readonly password: string;
}

/** Longest wait for the proxy itself, and for what it says of the target. Core: SOCKS5_RECV_TIMEOUT. Milliseconds. */
const CONNECT_TIMEOUT: Milliseconds = 5_000;
const ANSWER_TIMEOUT: Milliseconds = 20_000;

const SOCKS5 = 5;
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const CONNECT = 1;
const IPV4 = 1;
const DOMAIN = 3;
const IPV6 = 4;
/** RFC 1928, part 6, and Tor's own. Core: Socks5ErrorString. */
const REPLIES = new Map([
  [1, "general failure"],
  [2, "connection not allowed"],
  [3, "network unreachable"],
  [4, "host unreachable"],
  [5, "connection refused"],
  [6, "TTL expired"],
  [7, "protocol error"],
  [8, "address type not supported"],
  [0xf0, "onion service descriptor can not be found"],
  [0xf1, "onion service descriptor is invalid"],
  [0xf2, "onion service introduction failed"],
  [0xf3, "onion service rendezvous failed"],
  [0xf4, "onion service missing client authorization"],
  [0xf5, "onion service wrong client authorization"],
  [0xf6, "onion service invalid address"],
  [0xf7, "onion service introduction timed out"],
]);

/**
 * Asks a proxy to connect to a host, whose name it looks up itself: nobody but the proxy learns it from us.
 * @param credentials are used where the proxy wants or takes them
 * @returns a paused socket whose next byte is the target's
 * @throws UserError `unreachable`, with the proxy's own reason
 */
export async function connectThrough(
  proxy: ProxyAddress,
  target: PeerAddress,
  credentials?: ProxyCredentials,
): Promise<Socket> {
  const socket = connect({ ...proxy, noDelay: true });
  // One that comes between two steps is seen by the next, which finds the socket closed.
  socket.on("error", () => {});
  const limit = deadline(socket, CONNECT_TIMEOUT, "the proxy does not answer");
  try {
    await once(socket, "connect");
    limit.set(ANSWER_TIMEOUT);
    await authenticate(socket, credentials);
    await ask(socket, target);
    return socket;
  } catch (error) {
    socket.destroy();
    if (error instanceof UserError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError("unreachable", `the proxy can't be reached: ${why}`, { cause: error });
  } finally {
    limit.end();
  }
}

/** Ends a socket with an error where something takes too long. */
function deadline(socket: Socket, time: Milliseconds, why: string) {
  const over = () => void socket.destroy(new UserError("unreachable", why));
  let timer = setTimeout(over, time);
  return {
    set: (next: Milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(over, next);
    },
    end: () => clearTimeout(timer),
  };
}

async function authenticate(socket: Socket, credentials?: ProxyCredentials): Promise<void> {
  const methods = [NO_AUTHENTICATION, ...(credentials === undefined ? [] : [USER_AND_PASSWORD])];
  socket.write(Uint8Array.of(SOCKS5, methods.length, ...methods));
  const [version, method] = await read(socket, 2);
  if (version !== SOCKS5) throw new UserError("unreachable", "the proxy does not speak SOCKS5");
  if (method === NO_AUTHENTICATION) return;
  if (method !== USER_AND_PASSWORD || credentials === undefined) {
    throw new UserError("unreachable", "the proxy wants another way to authenticate");
  }
  socket.write(
    Uint8Array.of(1, ...withLength(credentials.user), ...withLength(credentials.password)),
  );
  const [, status] = await read(socket, 2);
  if (status !== 0) throw new UserError("unreachable", "the proxy refuses the credentials");
}

async function ask(socket: Socket, { host, port }: PeerAddress): Promise<void> {
  socket.write(
    Uint8Array.of(SOCKS5, CONNECT, 0, DOMAIN, ...withLength(host), port >> 8, port & 0xff),
  );
  const [version, reply = 1, , kind] = await read(socket, 4);
  if (version !== SOCKS5) throw new UserError("unreachable", "the proxy does not speak SOCKS5");
  if (reply !== 0) {
    const why = REPLIES.get(reply) ?? `unknown reply ${reply}`;
    throw new UserError("unreachable", `the proxy says: ${why}`);
  }
  await read(socket, (await lengthOfAddress(socket, kind)) + 2);
}

async function lengthOfAddress(socket: Socket, kind: number | undefined): Promise<number> {
  if (kind === IPV4) return 4;
  if (kind === IPV6) return 16;
  if (kind !== DOMAIN) throw new UserError("unreachable", "the proxy gives a malformed answer");
  const [length = 0] = await read(socket, 1);
  return length;
}

/** Behind one byte for its length. */
function withLength(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 255) throw new UserError("usage", "a host name has at most 255 bytes");
  return Uint8Array.of(bytes.length, ...bytes);
}

/** Just as many bytes: those that follow stay in the socket, because they belong to the target. */
async function read(socket: Socket, length: number): Promise<Uint8Array> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    // All there is: a listener for `readable` is called again and again while something is left.
    const chunk: Buffer | null = socket.read();
    if (chunk === null) await more(socket);
    else bytes = Buffer.concat([bytes, chunk]);
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.subarray(0, length);
}

/** Waits for more bytes. */
function more(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd).off("error", settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onReadable = () => settle();
    const onEnd = () => settle(new UserError("unreachable", "the proxy closed the connection"));
    socket.on("readable", onReadable).on("end", onEnd).on("close", onEnd).on("error", settle);
    if (socket.destroyed) onEnd();
  });
}
