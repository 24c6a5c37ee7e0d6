/** A SOCKS5 proxy that connects everything to one port of this machine, and says what it was asked. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { PeerAddress } from "@chain/engine";
import { onTestFinished } from "vitest";

interface Asked {
  /** As it came: the name and the port of the target. */
  readonly target: string;
  readonly user: string | undefined;
}

export interface SocksOptions {
  /** Port of this machine behind every target; `undefined`: it only answers. */
  readonly to?: number;
  /** Whether it wants a name and a password. */
  readonly authenticates?: boolean;
  /** Its reply to a request: 0 is success. */
  readonly reply?: number;
  /** The bytes with which it answers the first message, in place of an honest answer. */
  readonly greeting?: Uint8Array;
  /** Path of a Unix socket. Default: a port that the system chooses. */
  readonly path?: string;
  /** Follow the reply at once, as if the target spoke first. */
  readonly speech?: Uint8Array;
}

export interface SocksServer {
  readonly address: PeerAddress;
  readonly asked: readonly Asked[];
}

export async function socksServer(options: SocksOptions = {}): Promise<SocksServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    void serve(socket, options, asked).catch(() => socket.destroy());
  });
  server.listen(options.path ?? { host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
  return { address: { host: "127.0.0.1", port }, asked };
}

async function serve(socket: Socket, options: SocksOptions, asked: Asked[]): Promise<void> {
  const { to, authenticates = false, reply = 0, greeting, speech } = options;
  const [, count = 0] = await take(socket, 2);
  const methods = await take(socket, count);
  if (greeting !== undefined) {
    socket.end(greeting);
    return;
  }
  const method = authenticates && methods.includes(2) ? 2 : 0;
  socket.write(Uint8Array.of(5, method));
  const user = method === 2 ? await readCredentials(socket) : undefined;
  await take(socket, 4);
  const [length = 0] = await take(socket, 1);
  const name = (await take(socket, length)).toString();
  const port = (await take(socket, 2)).readUInt16BE();
  asked.push({ target: `${name}:${port}`, user });
  // One byte after the other, as a slow network may have it.
  for (const byte of [5, reply, 0, 1, 0, 0, 0, 0, 0]) socket.write(Uint8Array.of(byte));
  socket.write(Uint8Array.of(0, ...(speech ?? [])));
  if (to === undefined) return;
  const target = connect(to, "127.0.0.1");
  target.on("error", () => socket.destroy());
  socket.once("close", () => target.destroy());
  socket.pipe(target).pipe(socket);
}

async function readCredentials(socket: Socket): Promise<string> {
  const [, length = 0] = await take(socket, 2);
  const user = (await take(socket, length)).toString();
  const [size = 0] = await take(socket, 1);
  await take(socket, size);
  socket.write(Uint8Array.of(1, 0));
  return user;
}

async function take(socket: Socket, length: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) await once(socket, "readable");
    else bytes = Buffer.concat([bytes, chunk]);
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.subarray(0, length);
}
