/** mempool.space's WebSocket, on a chain in memory. */
import { present } from "@chain/core/arguments";
import { testKey } from "@chain/testing/blockFactory";
import { startDoorNode } from "@chain/testing/doorNode";
import { addressOfScript } from "@chain/wallet";
import { expect, onTestFinished, test } from "vitest";
import { EsploraSockets } from "../src/webSocket/server.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of many kinds of messages
type Message = any;
const OTHER = testKey(1).script;

async function start() {
  const door = await startDoorNode(103);
  const sockets = new EsploraSockets(door.host);
  onTestFinished(() => sockets.close());
  const address = present(addressOfScript(OTHER, door.node.params), "an address");
  const open = () => {
    const received: Message[] = [];
    let [isClosed, takes] = [false, true];
    let tell = () => {};
    const handler = sockets.accept({
      send: (text) => {
        received.push(JSON.parse(text));
        tell();
        return takes;
      },
      close: () => {
        isClosed = true;
      },
    });
    const next = async (field: string): Promise<Message> => {
      for (;;) {
        const at = received.findIndex((each) => field in each);
        if (at >= 0) return received.splice(at, 1)[0][field];
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
    };
    const send = (message: unknown) => handler.onMessage(JSON.stringify(message));
    const setTakes = (value: boolean) => {
      takes = value;
    };
    return { handler, received, next, send, setTakes, isClosed: () => isClosed };
  };
  return { ...door, sockets, address, open };
}

test("an address that is tracked is told of from the mempool to the chain and back", async () => {
  const { open, address, pay, mine, node } = await start();
  await pay(OTHER);
  const client = open();
  client.send({ "track-address": address });
  client.send({ action: "ping" });
  await client.next("pong");
  const { txid } = await pay(OTHER);
  // None of those that were there before.
  const [came, ...others] = await client.next("address-transactions");
  expect([came.txid, came.status, others]).toEqual([txid, { confirmed: false }, []]);
  await mine();
  const confirmed = await client.next("block-transactions");
  expect(confirmed.map((each: Message) => each.txid)).toContain(txid);
  await node.chain.invalidateBlock(node.chain.tip);
  expect((await client.next("address-transactions")).length).toBe(2);
  await node.chain.invalidateBlock(present(node.chain.headers.activeAt(99), "a block"));
  expect((await client.next("address-removed-transactions")).length).toBe(2);
  client.send({ "track-address": "stop" });
  client.send({ action: "ping" });
  await client.next("pong");
  expect(client.received).toEqual([]);
});

test("several addresses are told of by name", async () => {
  const { open, address, pay, mine, sockets } = await start();
  const client = open();
  client.send({ "track-addresses": [address, "nonsense", 7] });
  client.send({ action: "ping" });
  await client.next("pong");
  const { txid } = await pay(OTHER);
  const told = await client.next("multi-address-transactions");
  expect(told).toMatchObject({ [address]: { mempool: [{ txid }], confirmed: [], removed: [] } });
  await mine();
  const later = await client.next("multi-address-transactions");
  expect(later).toMatchObject({ [address]: { mempool: [], confirmed: [{ txid }], removed: [] } });
  client.send({ "track-addresses": Array.from({ length: 101 }, () => address) });
  expect(await client.next("track-addresses-error")).toContain("maximum of 100 addresses");
  client.handler.onClose();
  expect(sockets.sessions).toBe(0);
});

test("blocks, the mempool and a transaction are told of where they are wanted", async () => {
  const { open, pay, mine, node } = await start();
  const [client, other] = [open(), open()];
  client.send({ action: "init" });
  const blocks = await client.next("blocks");
  expect([blocks.length, blocks.at(-1).id]).toEqual([8, node.chain.tip.hash]);
  client.send({ action: "want", data: ["blocks", "mempool-blocks", "stats", "nothing"] });
  expect(await client.next("mempool-blocks")).toEqual([]);
  const { txid } = await pay(OTHER);
  const projected = await client.next("mempool-blocks");
  expect(projected).toMatchObject([{ nTx: 1 }]);
  client.send({ "track-tx": txid });
  await mine();
  expect(await client.next("txConfirmed")).toBe(txid);
  expect(await client.next("block")).toMatchObject({ id: node.chain.tip.hash, tx_count: 2 });
  expect(other.received).toEqual([]);
});

test("strange messages are let be, and one that floods or does not read is no burden", async () => {
  const { open, mine, sockets } = await start();
  const client = open();
  for (const text of ["{", "7", "null", "[]", '{"action":{}}', '{"track-address":{"a":1}}']) {
    client.handler.onMessage(text);
  }
  expect(await client.next("error")).toBe("invalid JSON");
  client.send({ action: "ping" });
  await client.next("pong");
  client.send({ action: "want", data: ["blocks"] });
  client.setTakes(false);
  client.send({ action: "ping" });
  await client.next("pong");
  await mine(3);
  expect(client.received).toEqual([]);
  client.setTakes(true);
  client.handler.onDrain();
  expect((await client.next("block")).height).toBe(106);
  expect(client.received).toEqual([]);
  client.handler.onMessage("x".repeat(70_000));
  expect([client.isClosed(), sockets.sessions]).toEqual([true, 0]);
});
