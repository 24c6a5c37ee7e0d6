/** Esplora and Electrum on ports of a node that runs alone: over HTTP, TCP, WebSocket and TLS. */
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { scriptHashOf } from "@chain/indexes";
import { testKey } from "@chain/testing/blockFactory";
import { mineTo, payAll, startTestNode } from "@chain/testing/nodes";
import { GENESIS, newIdentity, temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { createNode } from "../src/createNode.ts";
import type { DoorsConfig } from "../src/doors/service.ts";
import { CERTIFICATE, KEY } from "./support/certificate.ts";
import { ElectrumClient } from "./support/electrumClient.ts";

const ANY = { host: "127.0.0.1", port: 0 };
const HASH = scriptHashOf(testKey(1).script);

async function start(doors: DoorsConfig) {
  const node = await startTestNode({ identity: await newIdentity(), genesis: GENESIS, doors });
  return {
    node,
    urls: node.doors.map(({ url }) => url),
    ports: node.doors.map(({ port }) => port),
  };
}

function tcpClient(port = 0): ElectrumClient {
  const socket = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void socket.destroy());
  return ElectrumClient.over(socket);
}

test("all are open at once, and show what the node has answered", async () => {
  const folder = await temporaryDirectory();
  const [tlsCertificate, tlsKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await writeFile(tlsCertificate, CERTIFICATE);
  await writeFile(tlsKey, KEY);
  const { node, urls, ports } = await start({
    ...{ esplora: ANY, electrum: ANY, electrumWs: ANY, electrumTls: ANY },
    ...{ tlsCertificate, tlsKey },
  });
  expect(urls.map((url) => url.replace(/\d+(?=\/|$)/g, "N"))).toEqual(
    ["http", "tcp", "ws", "tls"].map((scheme) =>
      `${scheme}://127.N.N.1:N${scheme === "http" ? "/api" : ""}`.replace("127.N.N", "127.0.0"),
    ),
  );
  const overTls = connectTls({
    host: "127.0.0.1",
    port: ports[3],
    ca: CERTIFICATE,
    servername: "localhost",
  });
  onTestFinished(() => void overTls.destroy());
  const webSocket = new WebSocket(urls[2] ?? "", { origin: "https://wallet.example" });
  onTestFinished(() => webSocket.terminate());
  await new Promise((resolve) => webSocket.once("open", resolve));
  const overWebSocket = new ElectrumClient((line) => webSocket.send(line));
  webSocket.on("message", (data, isBinary) => {
    expect(isBinary).toBe(false);
    overWebSocket.hear(String(data));
  });
  const clients = [tcpClient(ports[1]), overWebSocket, ElectrumClient.over(overTls)];
  for (const client of clients) {
    const [software, version] = await client.call("server.version", "me", ["1.4", "1.6"]);
    expect([software, version]).toEqual([expect.stringMatching(/^chain-node \d/), "1.6"]);
    expect(await client.call("blockchain.scripthash.subscribe", HASH)).toBeNull();
  }
  await mineTo(node, testKey(0).script, 1);
  const spend = await payAll(node, { less: 1_000n });
  expect((await node.chain.acceptTransaction(spend)).ok).toBe(true);
  for (const client of clients) {
    const { params } = await client.notified("blockchain.scripthash.subscribe");
    expect(params[0]).toBe(HASH);
    const [only] = await client.call("blockchain.scripthash.get_history", HASH);
    expect(only).toMatchObject({ tx_hash: spend.txid, height: 0 });
  }
  const explorer = new WebSocket(`${urls[0]?.replace("http", "ws")}/v1/ws`);
  onTestFinished(() => explorer.terminate());
  await new Promise((resolve) => explorer.once("open", resolve));
  explorer.send('{"action":"init"}');
  const [first] = await new Promise<readonly unknown[]>((resolve) => {
    explorer.once("message", (...message) => resolve(message));
  });
  expect(JSON.parse(String(first)).blocks.at(-1).id).toBe(node.chain.tip.hash);
  const elsewhere = new WebSocket(`${urls[0]?.replace("http", "ws")}/v1/other`);
  await new Promise((resolve) => elsewhere.once("error", resolve));
  const get = async (path: string) => (await fetch(`${urls[0]}${path}`)).text();
  expect(await get("/blocks/tip/height")).toBe("1");
  expect(JSON.parse(await get(`/tx/${spend.txid}`)).status).toEqual({ confirmed: false });
  await node.stop();
  await expect(fetch(`${urls[0]}/blocks/tip/height`)).rejects.toThrow();
});

test("a node in process has them as well", async () => {
  const node = await createNode({ doors: { esplora: ANY, electrum: ANY } });
  onTestFinished(() => node.close());
  const [esplora, electrum] = node.doors;
  await node.mine(2);
  const tip = await fetch(`${esplora?.url}/blocks/tip/height`);
  expect([esplora?.name, await tip.text()]).toEqual(["Esplora", "2"]);
  const fees = await fetch(`${esplora?.url}/v1/fees/recommended`);
  expect(await fees.json()).toMatchObject({ minimumFee: 1 });
  const { height } = await tcpClient(electrum?.port).call("blockchain.headers.subscribe");
  expect(height).toBe(2);
});

test("a transaction is handed in over HTTP, and strange requests are refused", async () => {
  const { node, urls, ports } = await start({ esplora: ANY });
  await mineTo(node, testKey(0).script, 1);
  const spend = await payAll(node, { less: 1_000n });
  const body = Buffer.from(spend.toBytes()).toString("hex");
  const posted = await fetch(`${urls[0]}/tx`, { method: "POST", body });
  expect([posted.status, await posted.text()]).toEqual([200, spend.txid]);
  expect(node.chain.mempool.get(spend.txid)).toBeDefined();
  const preflight = await fetch(`${urls[0]}/tx`, { method: "OPTIONS" });
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  const large = await fetch(`${urls[0]}/tx`, { method: "POST", body: "0".repeat(17_000_000) });
  expect(large.status).toBe(413);
  const status = (method: string, path: string) =>
    new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: ports[0], method, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  expect(await status("GET", "http://elsewhere/api/blocks/tip/height")).toBe(404);
  expect(await status("TRACE", "/api/blocks/tip/height")).toBe(400);
  expect(await status("GET", "//")).toBe(404);
  expect(await status("GET", "/api/blocks/tip/height?x=%ff")).toBe(200);
});

test("a node says what keeps a door closed", async () => {
  const { ports } = await start({ electrum: ANY });
  const taken = start({ electrum: { host: "127.0.0.1", port: ports[0] ?? 0 } });
  await expect(taken).rejects.toMatchObject({ code: "in-use" });
  const tls = { electrumTls: ANY, tlsCertificate: "/nowhere/cert.pem", tlsKey: "/nowhere/key.pem" };
  await expect(start(tls)).rejects.toMatchObject({ code: "io" });
  await expect(start({ electrumTls: ANY })).rejects.toMatchObject({ code: "usage" });
});
