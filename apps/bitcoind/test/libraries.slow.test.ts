/**
 * bitcoinjs-lib and @scure/btc-signer pay by chain-bitcoind, on real ports: coins of every kind are funded, signed for,
 * broadcast by the RPC, mined and read back.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesToHex, sha256 } from "@chain/core";
import { createRpcClient, type RpcClient } from "@chain/rpc/client";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { isTaproot, SIGNERS } from "@chain/testing/signers";
import { pubECDSA, signECDSA } from "@scure/btc-signer/utils.js";
import * as bitcoinjs from "bitcoinjs-lib";
import { expect, onTestFinished, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../../bin/chain-bitcoind", import.meta.url));
/** Anybody can spend it. */
const OPEN = "raw(51)";

async function start(): Promise<RpcClient> {
  const [datadir, port, rpcPort] = [await temporaryDirectory(), await freePort(), await freePort()];
  const own = [`-datadir=${datadir}`, `-port=${port}`, `-rpcport=${rpcPort}`];
  const args = [PROGRAM, "-regtest", ...own, "-connect=0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  });
  for await (const text of child.stdout.setEncoding("utf8")) {
    if (String(text).includes("Done loading")) break;
  }
  const cookie = await readFile(join(datadir, "regtest", ".cookie"), "utf8");
  const [user = "", password = ""] = cookie.split(":");
  return createRpcClient({ url: `http://127.0.0.1:${rpcPort}`, user, password });
}

/** Mines a block with a transaction that spends the reward of a block and pays to these scripts. */
async function fund(
  client: RpcClient,
  height: number,
  outputs: readonly { readonly scriptPubKey: Uint8Array; readonly value: bigint }[],
): Promise<Uint8Array> {
  const { tx } = await client.getBlock(await client.getBlockHash(height), 1);
  const made = new bitcoinjs.Transaction();
  made.addInput(Uint8Array.from(Buffer.from(tx[0] ?? "", "hex")).reverse(), 0);
  for (const { scriptPubKey, value } of outputs) made.addOutput(scriptPubKey, value);
  await client.generateBlock(OPEN, [bytesToHex(made.toBuffer())]);
  return made.toBuffer();
}

test("coins of every kind are spent by both libraries, and read back", async () => {
  const client = await start();
  await client.generateToDescriptor(110, OPEN);
  const cases = SIGNERS.flatMap((signer) => signer.kinds.map((kind) => ({ signer, kind })));
  const spent = cases.map(({ signer, kind }) => signer.build(kind, 1).spent);
  const raw = await fund(client, 1, spent.flat());
  const funding = bitcoinjs.Transaction.fromBuffer(raw).getId();
  const paid: { readonly id: string; readonly weight: number; readonly at: number }[] = [];
  for (const [at, { signer, kind }] of cases.entries()) {
    const signed = signer.build(kind, isTaproot(kind) ? 0 : 1, { raw, first: 2 * at });
    expect(await client.getTxOut(funding, 2 * at)).not.toBeNull();
    const id = await client.sendRawTransaction(bytesToHex(signed.raw));
    expect(id, `${signer.name}: ${kind}`).toBe(signed.id);
    paid.push({ id, weight: signed.weight, at });
  }
  expect(await client.getRawMempool()).toHaveLength(cases.length);
  const [block = ""] = await client.generateToDescriptor(1, OPEN);
  expect(await client.getRawMempool()).toEqual([]);
  const change = await client.getRawTransaction(paid[0]?.id ?? "", 2, block);
  const script = change.vout[0]?.scriptPubKey.hex ?? "";
  for (const { id, weight, at } of paid) {
    const read = await client.getRawTransaction(id, 2, block);
    expect(read).toMatchObject({ txid: id, weight, confirmations: 1, fee: 0.00001 });
    const prevouts = read.vin.map(({ prevout }) => [prevout?.value, prevout?.scriptPubKey.hex]);
    expect(prevouts).toEqual(
      spent[at]?.map(({ value, scriptPubKey }) => [Number(value) / 1e8, bytesToHex(scriptPubKey)]),
    );
    expect(await client.getTxOut(funding, 2 * at)).toBeNull();
    expect(await client.getTxOut(id, 1)).toMatchObject({ value: 0.0001, confirmations: 1 });
  }
  const scan = await client.call("scantxoutset", ["start", [`raw(${script})`]]);
  const found = scan as { readonly unspents: readonly { readonly txid: string }[] };
  expect(found.unspents.map(({ txid }) => txid).sort()).toEqual(
    paid.flatMap(({ id }) => [id, id]).sort(),
  );
}, 120_000);

const KEY = sha256(Uint8Array.of(7));
const PUBLIC_KEY = pubECDSA(KEY);

test.each([
  ["OP_CHECKLOCKTIMEVERIFY", "height", "non-final"],
  ["OP_CHECKSEQUENCEVERIFY", "age", "non-BIP68-final"],
  [undefined, "nLockTime alone", "non-final"],
] as const)(
  "%s: refused before its %s is reached, and taken then",
  async (lock, _, reason) => {
    const client = await start();
    await client.generateToDescriptor(101, OPEN);
    const isAge = lock === "OP_CHECKSEQUENCEVERIFY";
    const until = isAge ? 4 : 105;
    const { compile, number } = bitcoinjs.script;
    const { opcodes } = bitcoinjs;
    const locked =
      lock === undefined ? [] : [number.encode(until), opcodes[lock] as number, opcodes["OP_DROP"]];
    const script = compile([...locked, PUBLIC_KEY, opcodes["OP_CHECKSIG"]] as (
      | number
      | Uint8Array
    )[]);
    const { output } = bitcoinjs.payments.p2wsh({ redeem: { output: script } });
    const value = 100_000n;
    const raw = await fund(client, 1, [{ scriptPubKey: output as Uint8Array, value }]);
    const made = new bitcoinjs.Transaction();
    made.version = 2;
    made.locktime = isAge ? 0 : until;
    const hash = bitcoinjs.Transaction.fromBuffer(raw).getHash();
    made.addInput(hash, 0, isAge ? until : 0xffff_fffe);
    made.addOutput(bitcoinjs.payments.p2wpkh({ pubkey: PUBLIC_KEY }).output as Uint8Array, 90_000n);
    const digest = made.hashForWitnessV0(0, script, value, bitcoinjs.Transaction.SIGHASH_ALL);
    made.setWitness(0, [Uint8Array.of(...signECDSA(digest, KEY), 1), script]);
    const hex = bytesToHex(made.toBuffer());
    const before = { code: -26, message: expect.stringContaining(reason) };
    await expect(client.sendRawTransaction(hex)).rejects.toMatchObject(before);
    // The next block is the first that may hold it: the coin is at height 102.
    await client.generateToDescriptor(2, OPEN);
    await expect(client.sendRawTransaction(hex)).rejects.toMatchObject(before);
    await client.generateToDescriptor(1, OPEN);
    const id = await client.sendRawTransaction(hex);
    const [block = ""] = await client.generateToDescriptor(1, OPEN);
    expect(await client.getRawTransaction(id, 1, block)).toMatchObject({ confirmations: 1 });
  },
  60_000,
);
