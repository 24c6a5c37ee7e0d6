/** A light node over TCP with Bitcoin Core's family serving filters: Bitcoin Knots 29 where that is `bitcoind`. */
import { bytesToHex, hash160, p2pkhScript, regtest, type Txid } from "@chain/core";
import { LightNode, MemoryLightStore, verifyInclusion } from "@chain/light";
import { addressOfScript, buildPayment, PrivateKey, signTransaction } from "@chain/wallet";
import { expect, onTestFinished, test } from "vitest";
import { systemClock, systemRandom, systemTimers } from "../src/ports/system.ts";
import { tcpDialer } from "../src/ports/tcp.ts";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const daemon: Daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const FILTERS = ["-blockfilterindex=1", "-peerblockfilters=1"];
const patience = { timeout: 90_000, interval: 200 };
const BLOCKS = 1_000;

test.skipIf(versionOf(daemon) === undefined)(
  "a light node has the balance that bitcoind has, pays by it, and follows its reorganisations",
  async () => {
    const key = new PrivateKey(systemRandom.bytes(32));
    const script = p2pkhScript(hash160(key.publicKey));
    const ours = addressOfScript(script, regtest) ?? "";
    const other = addressOfScript(p2pkhScript(new Uint8Array(20).fill(7)), regtest) ?? "";
    const core = await CoreNode.start(daemon, ...FILTERS);
    await core.mine(3, ours);
    await core.mine(BLOCKS - 4, other);
    await core.mine(1, ours);

    const store = new MemoryLightStore();
    const node = await LightNode.open({
      params: regtest,
      store,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      dialer: tcpDialer(),
      log: () => {},
      userAgent: "/light:1/",
      connect: [{ host: "127.0.0.1", port: core.port }],
    });
    onTestFinished(() => node.stop());
    const fetched: number[] = [];
    node.subscribe((event) => {
      if (event.type === "transaction-confirmed") fetched.push(event.found.height);
    });
    node.watch([script], { height: 0 });
    node.start();

    /** The coins of the script, as bitcoind has them. */
    const balance = async () => {
      const told = await core.call<{ total_amount: number }>("scantxoutset", "start", [
        `raw(${bytesToHex(script)})`,
      ]);
      return BigInt(Math.round(told.total_amount * 1e8));
    };
    const caughtUp = async () => {
      const tip = await core.tip();
      await expect.poll(() => node.balance.isCurrent && node.tip.hash === tip, patience).toBe(true);
      const { confirmed, immature } = node.balance;
      expect(confirmed + immature).toBe(await balance());
    };
    await caughtUp();
    // A reward after six halvings.
    expect(node.balance).toMatchObject({ height: BLOCKS, immature: 78_125_000n });
    expect(fetched).toEqual([1, 2, 3, BLOCKS]);
    expect((await store.readHeaders()).length).toBe(80 * BLOCKS);
    expect(((await store.readState()) ?? []).length).toBeLessThan(20_000);

    // It pays, and is told what bitcoind makes of it.
    const coins = node.coins.map(({ outpoint, spent: _, ...coin }) => ({ outpoint, coin }));
    const request = { coins, to: p2pkhScript(new Uint8Array(20)), changeScript: script };
    const fee = { type: "amount", amount: 10_000n } as const;
    const terms = { fee, params: regtest, spendHeight: BLOCKS + 1 };
    const payment = buildPayment({ ...request, ...terms, amount: 100_000_000n });
    if (!payment.ok) expect.fail(payment.reason);
    const signed = signTransaction(payment.transaction, payment.coins, () => key);
    if (!signed.ok) expect.fail(signed.reason);
    const { txid } = signed.transaction;
    node.broadcast(signed.transaction);
    await expect.poll(() => node.fate(txid), patience).toBe("seen");
    expect(await core.call<Txid[]>("getrawmempool")).toEqual([txid]);
    await core.mine(1, other);
    await caughtUp();
    expect(node.fate(txid)).toBe("confirmed");
    const found = node.transaction(txid);
    const header = found && node.header(found.height);
    if (found === undefined || header === undefined) expect.fail("it is not found");
    expect(verifyInclusion(found.transaction, found.proof, header)).toBe(true);

    // One that bitcoind refuses, because it pays too little for its place.
    const cheap = buildPayment({
      ...request,
      ...terms,
      fee: { type: "amount", amount: 1n },
      coins: node.coins.map(({ outpoint, spent: _, ...coin }) => ({ outpoint, coin })),
      amount: 1_000n,
    });
    if (!cheap.ok) expect.fail(cheap.reason);
    const refused = signTransaction(cheap.transaction, cheap.coins, () => key);
    if (!refused.ok) expect.fail(refused.reason);
    node.broadcast(refused.transaction);
    await expect.poll(() => node.fate(refused.transaction.txid), patience).toBe("refused");

    // A reorganisation that leaves out both the payment and the last reward.
    await core.call("invalidateblock", node.header(BLOCKS)?.hash);
    const invalid = await core.tip();
    expect(invalid).toBe(node.header(BLOCKS - 1)?.hash);
    for (let n = 0; n < 4; n++) await core.call("generateblock", other, []);
    await caughtUp();
    expect(node.balance).toMatchObject({ height: BLOCKS + 3, immature: 0n });
    expect(node.transaction(txid)).toBeUndefined();
  },
);
