/** A process that attacks: `attackers.ts KIND PORT`. It says `ready` when the node has greeted each of its callers. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { regtest } from "@chain/core";
import { Deframer, frameMessage, frameRaw, netAddress, UNSPECIFIED_ADDRESS } from "@chain/wire";
import { ATTACKS, type Attack, type AttackKind } from "./attacks.ts";

const { magic } = regtest;

/** Greets, and resolves when the node has answered. From then on it reads, and answers pings. */
async function greet(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write(
    frameMessage(magic, {
      command: "version",
      protocolVersion: 70_016,
      services: 9n,
      timestamp: BigInt(Math.floor(Date.now() / 1000)),
      receiver: netAddress("127.0.0.1", port),
      sender: UNSPECIFIED_ADDRESS,
      nonce: 1n,
      userAgent: "/attacker:1/",
      startHeight: 0,
      relay: true,
    }),
  );
  socket.write(frameRaw(magic, "wtxidrelay", new Uint8Array()));
  socket.write(frameMessage(magic, { command: "verack" }));
  const deframer = new Deframer(magic);
  await new Promise<void>((resolve, reject) => {
    socket.once("close", () => reject(new TypeError("the node has ended the connection")));
    socket.on("data", (data) => {
      for (const event of deframer.push(data)) {
        if (event.type !== "message") continue;
        if (event.command === "verack") resolve();
        if (event.command === "ping") socket.write(frameRaw(magic, "pong", event.payload));
      }
    });
  });
  return socket;
}

/** Writes as fast as the node reads. Its answers are thrown away, or left where they are. */
async function run(socket: Socket, attack: Attack, { isDeaf = false }: AttackKind): Promise<void> {
  socket.removeAllListeners("data");
  if (isDeaf) socket.pause();
  else socket.on("data", () => {});
  let goOn: () => void = () => {};
  socket.on("drain", () => goOn()).on("close", () => goOn());
  while (!socket.destroyed) {
    await new Promise<void>((resolve) => {
      goOn = resolve;
      if (socket.write(attack())) setImmediate(resolve);
    });
  }
}

/** Calls, says one thing, and hangs up; for ever. */
async function runCalls(first: Socket, attack: Attack, port: number): Promise<void> {
  for (let socket = first; ; ) {
    socket.end(attack());
    socket = await greet(port).catch(() => wait(5).then(() => socket));
  }
}

const kinds = ATTACKS[process.argv[2] ?? ""] ?? [];
const port = Number(process.argv[3]);
const attackers = await Promise.all(
  kinds.map(async (kind) => ({ kind, attack: kind.make?.(), socket: await greet(port) })),
);
console.log("ready");
for (const { kind, attack, socket } of attackers) {
  if (attack === undefined) continue;
  void (kind.hangsUp === true ? runCalls(socket, attack, port) : run(socket, attack, kind));
}
