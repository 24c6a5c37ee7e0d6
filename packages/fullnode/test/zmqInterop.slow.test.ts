/**
 * The ZMQ publishers and the npm package `zeromq`, which is libzmq, as a subscriber. It is installed from the registry
 * into a temporary folder, without its install script: its binaries are in the package.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Block, bytesToHex } from "@chain/core";
import { withRegistry } from "@chain/testing/loopback";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { createNode } from "../src/createNode.ts";
import { silentLog } from "../src/ports/silentLog.ts";
import { ZMQ_TOPICS } from "../src/zmq/notifier.ts";
import { startZmq } from "../src/zmq/service.ts";

/** The part of `zeromq` that is used. */
interface ZeroMq {
  readonly Subscriber: new (options?: {
    readonly receiveHighWaterMark?: number;
  }) => {
    connect(address: string): void;
    subscribe(...prefixes: readonly string[]): void;
    receive(): Promise<readonly Buffer[]>;
    close(): void;
  };
}

const folder = await mkdtemp(join(tmpdir(), "chain-zeromq-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const isInstalled = await install();

async function install(): Promise<boolean> {
  const manifest = { private: true, dependencies: { zeromq: "6.8.0" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const options = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    const env = withRegistry("zeromq");
    await promisify(execFile)("npm", options, { cwd: folder, env, timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!isInstalled).each(["tcp", "ipc"])(
  "libzmq hears all topics over %s in order (skipped without registry)",
  async (protocol) => {
    const { Subscriber } = createRequire(join(folder, "package.json"))("zeromq") as ZeroMq;
    const given = protocol === "tcp" ? "tcp://127.0.0.1:0" : `ipc://${join(folder, "publisher")}`;
    const node = await createNode();
    const publications = ZMQ_TOPICS.map((topic) => ({ topic, address: given }));
    const zmq = await startZmq(node.chain, publications, silentLog);
    const subscriber = new Subscriber({ receiveHighWaterMark: 0 });
    onTestFinished(async () => {
      subscriber.close();
      await zmq.stop();
      await node.close();
    });
    subscriber.connect(protocol === "tcp" ? `tcp://127.0.0.1:${zmq.portOf(given)}` : given);
    subscriber.subscribe("hashblock", "rawblock", "hashtx", "rawtx");
    subscriber.subscribe("sequence");

    // A subscription takes effect at some time: blocks are mined until one is heard of. Core: setup_zmq_test.
    let isHeard = false;
    const first = subscriber.receive().then((parts) => {
      isHeard = true;
      return parts;
    });
    while (!isHeard) await node.mine(1);
    await first;
    let last = 0;
    const topics: string[] = [];
    const next = async () => {
      const [topic, body, number] = await subscriber.receive();
      return { topic: String(topic), body: body as Buffer, count: number?.readUInt32LE(0) };
    };
    // Up to the end of what is there.
    const tip = node.chain.tip.hash;
    for (let each = await next(); ; each = await next()) {
      if (each.topic === "rawblock" && Block.fromBytes(each.body).hash === tip) break;
    }
    const blocks = await node.mine(300);
    for (const block of blocks) {
      const coinbase = block.transactions[0];
      const received = [await next(), await next(), await next(), await next(), await next()];
      topics.push(...received.map(({ topic }) => topic));
      expect(received.map(({ body }) => body.toString("hex"))).toEqual([
        coinbase?.txid,
        bytesToHex(coinbase?.toBytes() ?? new Uint8Array(0)),
        `${block.hash}43`,
        block.hash,
        bytesToHex(block.toBytes()),
      ]);
      const counts = new Set(received.map((each) => each.count));
      expect(counts.size).toBe(1);
      const [number = 0] = counts;
      expect(number).toBeGreaterThan(last);
      last = number;
    }
    expect(new Set(topics)).toEqual(
      new Set(["hashtx", "rawtx", "sequence", "hashblock", "rawblock"]),
    );
  },
);
