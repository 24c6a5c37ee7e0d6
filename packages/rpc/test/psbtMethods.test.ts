/** Methods that describe PSBTs, and those that add to them. */
import { bytesToHex, hash160, p2wpkhScript } from "@chain/core";
import { payment } from "@chain/testing/blockFactory";
import { addressOfScript, PrivateKey } from "@chain/wallet";
import { parsePsbt, psbtInput } from "@chain/wallet/psbt";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

const key = new PrivateKey(new Uint8Array(32).fill(7));
const script = p2wpkhScript(hash160(key.publicKey));
const descriptor = `wpkh(${bytesToHex(key.publicKey)})`;

/** A node with a confirmed P2WPKH output and a PSBT that spends it. */
async function rich() {
  const host = await startHost();
  await host.mine(101);
  const coin = await host.coin(1);
  const outputs = [{ value: coin.coin.value - 10_000n, scriptPubKey: script }];
  const paid = payment({ coins: [coin], outputs });
  await host.chain.acceptTransaction(paid);
  const to = addressOfScript(script, host.chain.params) ?? "";
  const psbt = await host.call<string>(
    "createpsbt",
    [{ txid: paid.txid, vout: 0 }],
    [{ [to]: 49.9998 }],
  );
  return { ...host, paid, psbt };
}

const inputOf = (text: string) => {
  const parsed = parsePsbt(text);
  if (!parsed.ok) throw new RangeError(parsed.reason);
  return psbtInput(parsed.psbt.inputs[0]!);
};

describe("utxoupdatepsbt", () => {
  test("adds what the mempool, the chain and descriptors know", async () => {
    const { call, error, mine, paid, psbt } = await rich();
    // Unconfirmed, its whole transaction is there; confirmed, only the coin.
    const first = inputOf(await call<string>("utxoupdatepsbt", psbt));
    expect(first.previousTransaction?.txid).toBe(paid.txid);
    expect(first.derivations).toEqual([]);
    await mine(1);
    const updated = await call<string>("utxoupdatepsbt", psbt, [descriptor]);
    const second = inputOf(updated);
    expect(second.previousTransaction).toBeUndefined();
    expect(second.witnessUtxo).toEqual(paid.outputs[0]);
    expect(second.derivations).toHaveLength(1);
    expect(await call("utxoupdatepsbt", psbt, [{ desc: descriptor, range: 3 }])).toBe(updated);
    expect(await error("utxoupdatepsbt", "x")).toEqual([-22, expect.any(String)]);
    expect((await error("utxoupdatepsbt", psbt, ["x"]))[0]).toBe(-5);
    expect(await error("utxoupdatepsbt", psbt, [{}])).toEqual([
      -8,
      "Descriptor needs to be provided in scan object",
    ]);
  });
});

describe("analyzepsbt", () => {
  test("says what is missing, and the next role", async () => {
    const { call, error, mine, psbt } = await rich();
    await mine(1);
    expect(await call("analyzepsbt", psbt)).toEqual({
      inputs: [{ has_utxo: false, is_final: false, next: "updater" }],
      next: "updater",
    });
    const updated = await call<string>("utxoupdatepsbt", psbt, [descriptor]);
    const analysis = await call<{ estimated_vsize: number }>("analyzepsbt", updated);
    const { estimated_vsize: size } = analysis;
    expect(size).toBeGreaterThan(100);
    expect(analysis).toEqual({
      inputs: [
        {
          has_utxo: true,
          is_final: false,
          missing: { signatures: [bytesToHex(hash160(key.publicKey))] },
          next: "signer",
        },
      ],
      estimated_vsize: size,
      estimated_feerate: Math.floor((10_000 * 1000) / size) / 1e8,
      fee: 0.0001,
      next: "signer",
    });
    expect((await error("analyzepsbt", "x"))[0]).toBe(-22);
  });
});
