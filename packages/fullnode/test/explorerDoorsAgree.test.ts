/** Esplora and Electrum after reorganisations, and while the chain goes on: held to a history read out of the blocks. */
import { type Block, bytesToHex, type HeaderNode, sha256, type Transaction } from "@chain/core";
import { present } from "@chain/core/arguments";
import { scriptHashOf } from "@chain/indexes";
import { makeBlock, payment, type TestKey, testKey } from "@chain/testing/blockFactory";
import { expect, test } from "vitest";
import { agreeUnderLoad, type ExplorerDoors, startExplorerDoors } from "./support/explorerDoors.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of many kinds of answers
type Answer = any;

const [ALICE, BOB] = [testKey(1), testKey(2)];

type Started = ExplorerDoors;

/** The history of a script by definition: a walk over all blocks, and over the mempool. */
async function naiveHistory({ node: { chain } }: Started, script: Uint8Array) {
  const outputs = new Map<string, { readonly value: bigint; readonly height: number }>();
  const history: { readonly txid: string; readonly height: number }[] = [];
  const hex = bytesToHex(script);
  const take = ({ txid, inputs, outputs: made }: Transaction, height: number) => {
    const spent = inputs.filter(({ prevout }) => outputs.delete(`${prevout.txid}:${prevout.vout}`));
    const paid = [...made.entries()].filter(([, each]) => bytesToHex(each.scriptPubKey) === hex);
    for (const [vout, { value }] of paid) outputs.set(`${txid}:${vout}`, { value, height });
    if (spent.length > 0 || paid.length > 0) history.push({ txid, height });
  };
  for (let height = 0; height <= chain.tip.height; height++) {
    const { hash } = present(chain.headers.activeAt(height), "a header");
    const block = present(await chain.getBlock(hash), "a block");
    if (height > 0) for (const each of block.transactions) take(each, height);
  }
  for (const { transaction } of chain.mempool.entries()) take(transaction, 0);
  return { history, outputs };
}

/** Every answer about the scripts and the transactions is that of the blocks. */
async function expectTruth(started: Started, transactions: readonly Transaction[]): Promise<void> {
  const { node, text, get, client, host } = started;
  const { chain } = node;
  expect(await text("/blocks/tip/hash")).toBe(chain.tip.hash);
  const { height, hex } = await client.call("blockchain.headers.subscribe");
  expect([height, hex]).toEqual([chain.tip.height, bytesToHex(chain.tip.header.toBytes())]);
  expect(await host.rpc("getbestblockhash", [])).toBe(chain.tip.hash);
  for (const { script } of [ALICE, BOB]) {
    const { history, outputs } = await naiveHistory(started, script);
    const hash = scriptHashOf(script);
    const path = `/scripthash/${bytesToHex(sha256(script))}`;
    const told = await client.call("blockchain.scripthash.get_history", hash);
    const sorted = (list: readonly string[]) => [...list].sort();
    const short = (txid: string, at: number) => `${txid} ${Math.max(0, at)}`;
    expect(sorted(told.map((each: Answer) => short(each.tx_hash, each.height)))).toEqual(
      sorted(history.map((each) => short(each.txid, each.height))),
    );
    const shown = await get(`${path}/txs`);
    expect(
      sorted(shown.map(({ txid, status }: Answer) => short(txid, status.block_height ?? 0))),
    ).toEqual(sorted(history.map((each) => short(each.txid, each.height))));
    const unspent = [...outputs].map(([at, { value, height: made }]) => `${at} ${value} ${made}`);
    const listed = await client.call("blockchain.scripthash.listunspent", hash);
    const ofElectrum = listed.map(
      (each: Answer) => `${each.tx_hash}:${each.tx_pos} ${each.value} ${each.height}`,
    );
    const ofEsplora = (await get(`${path}/utxo`)).map(
      (each: Answer) => `${each.txid}:${each.vout} ${each.value} ${each.status.block_height ?? 0}`,
    );
    expect([sorted(ofElectrum), sorted(ofEsplora)]).toEqual([sorted(unspent), sorted(unspent)]);
    const balance = await client.call("blockchain.scripthash.get_balance", hash);
    const total = [...outputs.values()].reduce((sum, { value }) => sum + Number(value), 0);
    expect(balance.confirmed + balance.unconfirmed).toBe(total);
  }
  for (const transaction of transactions) await expectPlace(started, transaction);
}

/** Where a transaction is, by all doors. */
async function expectPlace({ node: { chain }, get, client, host }: Started, { txid }: Transaction) {
  let place: { readonly node: HeaderNode; readonly at: number } | undefined;
  for (let height = chain.tip.height; height > 0 && place === undefined; height--) {
    const node = present(chain.headers.activeAt(height), "a header");
    const block = await chain.getBlock(node.hash);
    const at = block?.transactions.findIndex((each) => each.txid === txid) ?? -1;
    if (at >= 0) place = { node, at };
  }
  const waits = chain.mempool.get(txid) !== undefined;
  const status = await get(`/tx/${txid}/status`);
  if (place === undefined) {
    expect(status).toEqual({ confirmed: false });
    const found = await client.call("blockchain.transaction.get", txid).then(
      () => true,
      () => false,
    );
    const byRpc = await host.rpc("getrawtransaction", [txid, 1]).then(
      () => true,
      () => false,
    );
    expect([found, byRpc]).toEqual([waits, waits]);
    return;
  }
  const { node, at } = place;
  expect(waits).toBe(false);
  const { hash: block_hash, height: block_height, time: block_time } = node;
  expect(status).toEqual({ confirmed: true, block_height, block_hash, block_time });
  const proof = await get(`/tx/${txid}/merkle-proof`);
  expect(proof).toMatchObject({ block_height, pos: at });
  const merkle = await client.call("blockchain.transaction.get_merkle", txid, block_height);
  expect(merkle).toEqual(proof);
  expect(await host.rpc("getrawtransaction", [txid, 1])).toMatchObject({ blockhash: block_hash });
}

/** Blocks on a block that is not the tip, each with its transactions: the last makes the chain go over to them. */
async function branch(
  { node }: Started,
  from: HeaderNode,
  contents: readonly (readonly Transaction[])[],
): Promise<void> {
  let parent = from;
  for (const transactions of contents) {
    const options = { parent, params: node.params, transactions, commit: true, extra: 7 };
    const block: Block = makeBlock({ ...options, payTo: testKey(9).script });
    const verdict = await node.submit(block);
    if (!verdict.ok) throw new RangeError(`a block was refused: ${verdict.reason}`);
    parent = present(node.chain.headers.get(block.hash), "a header");
  }
  expect(node.chain.tip.hash).toBe(parent.hash);
}

test("after each of the five hard reorganisations, all doors have what the blocks have", async () => {
  const started = await startExplorerDoors(112);
  const { node, coins, mine, newClient } = started;
  const watcher = newClient();
  for (const { script } of [ALICE, BOB]) {
    await watcher.call("blockchain.scripthash.subscribe", scriptHashOf(script));
  }
  const spendable = await coins();
  let next = 0;
  const pay = (to: TestKey, value = 1_0000_0000n, coin = spendable[next++]) => {
    const spent = present(coin, "a coin");
    const outputs = [{ value, scriptPubKey: to.script }];
    return payment({ coins: [spent], key: started.key, outputs });
  };
  const submit = async (transaction: Transaction) => {
    const verdict = await node.submit(transaction);
    expect(verdict).toMatchObject({ ok: true });
    return transaction;
  };
  const fork = () => present(node.chain.tip, "a tip");
  const all: Transaction[] = [];

  // The same height, at another place in the block.
  let base = fork();
  const [first, second] = [await submit(pay(ALICE)), await submit(pay(BOB))];
  all.push(first, second);
  await mine();
  await expectTruth(started, all);
  const mined = present(await node.chain.getBlock(node.chain.tip.hash), "a block");
  const reversed = mined.transactions.slice(1).reverse();
  await branch(started, base, [reversed, []]);
  await expectTruth(started, all);

  // Another height.
  base = fork();
  const third = await submit(pay(ALICE, 2_0000_0000n));
  all.push(third);
  await mine();
  await expectTruth(started, all);
  await branch(started, base, [[], [third]]);
  await expectTruth(started, all);

  // It vanishes from the chain, and waits again.
  base = fork();
  const fourth = await submit(pay(BOB, 3_0000_0000n));
  all.push(fourth);
  await mine();
  await expectTruth(started, all);
  await branch(started, base, [[], []]);
  expect(node.chain.mempool.get(fourth.txid)).toBeDefined();
  await expectTruth(started, all);
  await mine();

  // Its coin is spent by another one.
  base = fork();
  const coin = spendable[next++];
  const fifth = await submit(pay(ALICE, 4_0000_0000n, coin));
  const rival = pay(BOB, 5_0000_0000n, coin);
  all.push(fifth, rival);
  await mine();
  await expectTruth(started, all);
  await branch(started, base, [[rival], []]);
  expect(node.chain.mempool.get(fifth.txid)).toBeUndefined();
  await expectTruth(started, all);

  // Ten blocks deep, with a payment in most of them; of those the new branch has some.
  base = fork();
  const deep: Transaction[] = [];
  for (let i = 0; i < 10; i++) {
    if (i % 3 !== 2)
      deep.push(await submit(pay(i % 2 === 0 ? ALICE : BOB, BigInt(6 + i) * 1_0000_0000n)));
    await mine();
  }
  all.push(...deep);
  await expectTruth(started, all);
  const kept = deep.filter((_, i) => i % 2 === 0);
  await branch(started, base, [[], kept, ...Array.from({ length: 9 }, () => [])]);
  await expectTruth(started, all);
  for (const { script } of [ALICE, BOB]) {
    const status = await watcher.call("blockchain.scripthash.subscribe", scriptHashOf(script));
    const fresh = await newClient().call("blockchain.scripthash.subscribe", scriptHashOf(script));
    expect(status).toBe(fresh);
  }
});

test("once any door has shown a change, every other shows it, while the chain goes on", async () => {
  expect(await agreeUnderLoad(12)).toBeGreaterThan(12);
});
