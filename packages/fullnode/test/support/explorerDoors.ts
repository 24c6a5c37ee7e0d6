/** A node in process with Esplora and Electrum on ports, and callers that ask all doors at once. */
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { bytesToHex, sha256 } from "@chain/core";
import { present } from "@chain/core/arguments";
import { scriptHashOf } from "@chain/indexes";
import { payment, testKey } from "@chain/testing/blockFactory";
import { type DoorNode, startDoorNode } from "@chain/testing/doorNode";
import { expect, onTestFinished } from "vitest";
import { startElectrum } from "../../src/doors/electrum.ts";
import { startEsplora } from "../../src/doors/esplora.ts";
import { ElectrumClient } from "./electrumClient.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of many kinds of answers
type Answer = any;

const ALICE = testKey(1);

export interface ExplorerDoors extends DoorNode {
  /** The text and the JSON of an address of Esplora. */
  readonly text: (path: string) => Promise<string>;
  readonly get: (path: string) => Promise<Answer>;
  readonly newClient: () => ElectrumClient;
  readonly client: ElectrumClient;
}

export async function startExplorerDoors(blocks: number): Promise<ExplorerDoors> {
  const door = await startDoorNode(blocks);
  const esplora = await startEsplora(door.host);
  const electrum = await startElectrum(door.host);
  onTestFinished(async () => {
    await esplora.close();
    await electrum.close();
  });
  const newClient = () => {
    const socket = connect({ host: "127.0.0.1", port: electrum.port });
    onTestFinished(() => void socket.destroy());
    return ElectrumClient.over(socket);
  };
  const text = async (path: string) => {
    const response = await fetch(`${esplora.url}${path}`);
    const body = await response.text();
    if (response.status !== 200) throw new RangeError(`${path}: ${response.status} ${body}`);
    return body;
  };
  const get = async (path: string): Promise<Answer> => JSON.parse(await text(path));
  return { ...door, text, get, newClient, client: newClient() };
}

/**
 * Pays and mines, while callers hold each door to another one: none shows less than one that was asked before.
 * @returns how often two were compared
 */
export async function agreeUnderLoad(rounds: number): Promise<number> {
  const started = await startExplorerDoors(101 + rounds);
  const { node, coins, mine, host, text, get, newClient } = started;
  const hash = scriptHashOf(ALICE.script);
  const path = `/scripthash/${bytesToHex(sha256(ALICE.script))}`;
  const [one, two] = [newClient(), newClient()];
  /** Counts of blocks and of payments, which only grow. */
  const heights = [
    async () => node.chain.tip.height,
    async () => Number(await host.rpc("getblockcount", [])),
    async () => Number(await text("/blocks/tip/height")),
    async () => (await one.call("blockchain.headers.subscribe")).height as number,
  ];
  const counts = [
    async () => {
      const stats = await get(path);
      return stats.chain_stats.tx_count + stats.mempool_stats.tx_count;
    },
    async () => (await get(`${path}/utxo`)).length,
    async () => (await two.call("blockchain.scripthash.get_history", hash)).length,
    async () => (await one.call("blockchain.scripthash.listunspent", hash)).length,
    async () => {
      const answer: Answer = await host.rpc("getscripthistory", [
        bytesToHex(ALICE.script),
        { limit: 1_000 } as never,
      ]);
      return answer.confirmed.length + answer.unconfirmed.length;
    },
  ];
  let [isOver, compared] = [false, 0];
  const chase = async (doors: readonly (() => Promise<number>)[], first: number) => {
    for (let i = first; !isOver; i++) {
      const before = await present(doors[i % doors.length], "a door")();
      const after = await present(doors[(i * 7 + 1) % doors.length], "a door")();
      expect(after).toBeGreaterThanOrEqual(before);
      compared++;
    }
  };
  onTestFinished(() => {
    isOver = true;
  });
  const chasers = Promise.all([0, 1, 2].flatMap((i) => [chase(heights, i), chase(counts, i)]));

  for (const coin of (await coins()).slice(0, rounds)) {
    const outputs = [{ value: coin.coin.value - 1_000n, scriptPubKey: ALICE.script }];
    const transaction = payment({ coins: [coin], key: started.key, outputs });
    const { txid } = transaction;
    let refused = "";
    const accepted = node.submit(transaction).then((verdict) => {
      if (!verdict.ok) refused = verdict.reason;
    });
    // As soon as the library has it, before the answer.
    while (node.chain.mempool.get(txid) === undefined && refused === "") await turn();
    expect(refused).toBe("");
    const [status, history, listed] = await Promise.all([
      get(`${path}/txs/mempool`),
      two.call("blockchain.scripthash.get_history", hash),
      host.rpc("getrawmempool", []),
    ]);
    expect(status.map((each: Answer) => each.txid)).toContain(txid);
    expect(history.map((each: Answer) => each.tx_hash)).toContain(txid);
    expect(listed).toContain(txid);
    await accepted;
    if (coin.coin.height % 2 === 0) continue;
    const [block] = await mine();
    const [found, tip] = await Promise.all([
      get(`/tx/${txid}/status`),
      one.call("blockchain.headers.subscribe"),
    ]);
    expect([found.block_hash, tip.height]).toEqual([block?.hash, node.chain.tip.height]);
  }
  isOver = true;
  await chasers;
  return compared;
}
