import { connect, createServer, type Socket } from "node:net";
import { Transaction } from "@chain/core";
import { payment, testKey } from "@chain/testing/blockFactory";
import { payAll, startTestNode } from "@chain/testing/nodes";
import { freePort, newChain, OTHER_GENESIS } from "@chain/testing/place";
import { describe, expect, it, onTestFinished } from "vitest";
import { handIn } from "../src/handIn.ts";
import type { RunningNode } from "../src/node/start.ts";

const HERE = "127.0.0.1";

async function central(): Promise<RunningNode> {
  return startTestNode({ identity: await newChain(), role: "central" });
}

function give({ port, params }: RunningNode, transaction: Transaction) {
  return handIn({ address: { host: HERE, port }, params, transaction });
}

/** Somebody on a port who does as he likes. */
async function stranger(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
  return (server.address() as { readonly port: number }).port;
}

describe("handing in a transaction", () => {
  it("reports success when it is in the mempool, once or twice", async () => {
    const node = await central();
    const transaction = await payAll(node);
    const accepted = { accepted: true, peerAgent: expect.stringMatching(/^\/chain-node:/) };
    expect(await give(node, transaction)).toEqual(accepted);
    expect(node.chain.mempool.get(transaction.txid)).toBeDefined();
    expect(await give(node, transaction)).toEqual(accepted);
    expect(node.chain.mempool.count).toBe(1);
  });

  it("tells why it was refused", async () => {
    const node = await central();
    const first = await payAll(node);
    const rival = await payAll(node, { to: testKey(5) });
    const forged = await payAll(node, { from: { ...testKey(0), secretKey: testKey(9).secretKey } });
    const greedy = await payAll(node, { less: -1n });
    const coin = { value: 1n, scriptPubKey: testKey(0).script, height: 0, coinbase: false };
    const ghost = payment({
      coins: [{ outpoint: { txid: rival.txid, vout: 0 }, coin }],
      outputs: [{ value: 1n, scriptPubKey: testKey(1).script }],
    });
    const [input] = first.inputs;
    const twice = new Transaction({ ...first, inputs: input ? [input, input] : [] });
    const refused = async (transaction: Transaction, reason: unknown) =>
      expect(await give(node, transaction)).toEqual({ accepted: false, reason });
    await refused(forged, expect.stringContaining("script-verify-flag-failed"));
    await refused(greedy, "bad-txns-in-belowout");
    await refused(twice, "bad-txns-inputs-duplicate");
    expect(await give(node, first)).toMatchObject({ accepted: true });
    await refused(rival, "txn-mempool-conflict");
    // An orphan is kept for when its parent comes, but it is not accepted.
    expect(await give(node, ghost)).toMatchObject({ accepted: false });
    expect([...node.chain.mempool.entries()]).toHaveLength(1);
  });

  it("names the address where nobody is", async () => {
    const node = await central();
    const transaction = await payAll(node);
    const port = await freePort();
    await expect(
      handIn({ address: { host: HERE, port }, params: node.params, transaction }),
    ).rejects.toMatchObject({
      name: "UserError",
      code: "unreachable",
      message: `no connection to ${HERE}:${port} (connection refused): nothing was sent; is a node of this chain there?`,
    });
  });

  it("gets nothing from a node of another chain, and does no harm there", async () => {
    const node = await central();
    const other = await startTestNode({ identity: await newChain(undefined, OTHER_GENESIS) });
    const transaction = await payAll(node);
    await expect(
      handIn({ address: { host: HERE, port: other.port }, params: node.params, transaction }),
    ).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("nothing was sent"),
    });
    expect(other.chain.mempool.count).toBe(0);
  });

  it.each<[string, (socket: Socket) => void]>([
    ["never speaks", () => {}],
    ["hangs up", (socket) => socket.end()],
    ["resets", (socket) => socket.resetAndDestroy()],
    ["speaks HTTP", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    [
      "sends garbage without an end",
      (socket) => {
        const more = () => {
          while (socket.writable && socket.write(Buffer.alloc(65_536, 0xaa)));
        };
        socket.on("drain", more);
        more();
      },
    ],
    ["echoes", (socket) => socket.pipe(socket)],
  ])("is not held up by somebody who %s", async (_, behave) => {
    const port = await stranger(behave);
    const node = await central();
    const transaction = await payAll(node);
    await expect(
      handIn({ address: { host: HERE, port }, params: node.params, transaction, timeoutMs: 300 }),
    ).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^[^\n]+nothing was sent/),
    });
  });

  it("says so where a node gets the transaction and then falls silent", async () => {
    const node = await central();
    const transaction = await payAll(node);
    // Speaks for the node, up to the moment that the transaction has been sent.
    const port = await stranger((socket) => {
      const upstream = connect(node.port, HERE);
      onTestFinished(() => void upstream.destroy());
      upstream.on("data", (bytes) => socket.write(bytes));
      socket.on("data", (bytes: Buffer) => {
        if (bytes.includes("tx\0\0\0\0\0\0\0\0\0\0")) upstream.destroy();
        else upstream.write(bytes);
      });
    });
    await expect(
      handIn({ address: { host: HERE, port }, params: node.params, transaction, timeoutMs: 1_000 }),
    ).rejects.toMatchObject({
      code: "uncertain",
      message: expect.stringContaining("whether it has taken the transaction is not known"),
    });
  });
});
