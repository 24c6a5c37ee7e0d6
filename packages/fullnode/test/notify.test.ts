/** Commands that a node runs. Core: feature_notifications.py. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChainEvent, ChainManager } from "@chain/engine";
import { testKey } from "@chain/testing/blockFactory";
import { mineTo, startTestNode } from "@chain/testing/nodes";
import { GENESIS, newIdentity, temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { createNode } from "../src/createNode.ts";
import { type NotifyCommands, startNotify } from "../src/notify/service.ts";
import { ZmqClient } from "./support/zmqClient.ts";

async function start(commands: NotifyCommands) {
  const node = await createNode();
  onTestFinished(() => node.close());
  const lines: string[] = [];
  const notify = startNotify(node.chain, commands, (level, _, text) => {
    lines.push(`${level} ${text}`);
  });
  return { node, notify, lines };
}

test("a command is run for each new tip, with its hash", async () => {
  const folder = await temporaryDirectory();
  const { node, notify } = await start({ block: `echo %s > '${folder}/%s'` });
  const hashes = (await node.mine(10)).map(({ hash }) => hash);
  await node.chain.invalidateBlock(node.chain.tip);
  await notify.stop();
  expect((await readdir(folder)).sort()).toEqual([...hashes].sort());
  expect(await readFile(join(folder, String(hashes[0])), "utf8")).toBe(`${hashes[0]}\n`);
  await node.mine(1, { to: Uint8Array.of(0x51, 0x51) });
  expect((await readdir(folder)).length).toBe(10);
});

test("commands are run at the start and at the end, which waits for them", async () => {
  const folder = await temporaryDirectory();
  const { notify } = await start({
    startup: `echo > '${folder}/up'`,
    shutdown: [`sleep 0.2; echo > '${folder}/down'`, `echo > '${folder}/down2'`],
  });
  expect(await readdir(folder)).toEqual([]);
  notify.ready();
  await notify.stop();
  expect((await readdir(folder)).sort()).toEqual(["down", "down2", "up"]);
});

test("a command that fails is told in the log, and others are run", async () => {
  const folder = await temporaryDirectory();
  const { notify, lines } = await start({
    startup: "exit 7",
    shutdown: [`no-such-program-of-ours 2>/dev/null`, "kill -9 $$", `echo > '${folder}/down'`],
  });
  notify.ready();
  await notify.stop();
  expect(existsSync(join(folder, "down"))).toBe(true);
  expect(lines.sort()).toEqual([
    "warn command exit 7: exit code 7",
    "warn command kill -9 $$: ended by SIGKILL",
    "warn command no-such-program-of-ours 2>/dev/null: exit code 127",
  ]);
});

test("an alert is one quoted argument, whatever it is about", async () => {
  const folder = await temporaryDirectory();
  let tell: (event: ChainEvent) => void = () => {};
  const chain = {
    initialDownload: false,
    subscribe: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
  } as unknown as ChainManager;
  const notify = startNotify(chain, { alert: `echo %s > '${folder}/alert'` }, () => {});
  tell({ type: "chain-stopped", why: `disk '; rm -rf "$HOME" \`x\` $(y) is full` });
  await notify.stop();
  expect(await readFile(join(folder, "alert"), "utf8")).toBe(
    "the node stops: disk ; rm -rf HOME x (y) is full\n",
  );
});

test("many commands wait for each other, a few run at a time", async () => {
  const folder = await temporaryDirectory();
  const { notify } = await start({
    shutdown: Array.from({ length: 40 }, (_, i) => {
      const name = `'${folder}/run.${i}'`;
      return `echo > ${name}; ls '${folder}' | grep -c run > '${folder}/seen.${i}'; rm ${name}`;
    }),
  });
  await notify.stop();
  const seen = (await readdir(folder)).filter((name) => name.startsWith("seen"));
  expect(seen.length).toBe(40);
  const counts = await Promise.all(seen.map((name) => readFile(join(folder, name), "utf8")));
  expect(Math.max(...counts.map(Number))).toBeLessThanOrEqual(4);
});

test("a node on TCP runs its commands and publishes by ZeroMQ, and ends both with itself", async () => {
  const folder = await temporaryDirectory();
  const identity = await newIdentity();
  const node = await startTestNode({
    identity,
    genesis: GENESIS,
    notify: {
      startup: `echo > '${folder}/up'`,
      block: `echo > '${folder}/%s'`,
      shutdown: [`echo > '${folder}/down'`],
    },
    zmq: { hashblock: [`ipc://${folder}/zmq`] },
    zmqHighWaterMarks: { hashblock: 7 },
  });
  const client = await ZmqClient.connect(`${folder}/zmq`, { topics: ["hashblock"] });
  await mineTo(node, testKey(0).script, 2);
  await client.until(() => client.received.length === 2);
  const { hash, parent } = node.chain.tip;
  const closed = new Promise((resolve) => client.socket.once("close", resolve));
  await node.stop();
  await closed;
  expect(client.received.map(({ body }) => body.toString("hex"))).toEqual([parent?.hash, hash]);
  expect((await readdir(folder)).sort()).toEqual(["down", "up", hash, parent?.hash].sort());
});
