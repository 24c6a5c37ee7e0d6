/** Methods that describe PSBTs, and those that add to them. */
import {
  bytesToHex,
  hash160,
  hexToBytes,
  p2wpkhScript,
  regtest,
  sha256,
  Transaction,
} from "@chain/core";
import { payment } from "@chain/testing/blockFactory";
import { addressOfScript, PrivateKey, toWif } from "@chain/wallet";
import { formatPsbt, PSBT_IN, parsePsbt, psbtInput } from "@chain/wallet/psbt";
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

describe("decodepsbt", () => {
  test("shows what a PSBT holds, and the fee once all is known that it spends", async () => {
    const { call, error, mine, paid, psbt, chain } = await rich();
    const bare = await call<Record<string, object>>("decodepsbt", psbt);
    expect(bare).toMatchObject({
      tx: { txid: expect.any(String), vin: [{ txid: paid.txid, vout: 0 }] },
      global_xpubs: [],
      psbt_version: 0,
      proprietary: [],
      unknown: {},
      inputs: [{}],
      outputs: [{}],
    });
    expect(bare).not.toHaveProperty("fee");
    const unconfirmed = await call<string>("utxoupdatepsbt", psbt);
    expect(await call("decodepsbt", unconfirmed)).toMatchObject({
      inputs: [{ non_witness_utxo: { txid: paid.txid } }],
      fee: 0.0001,
    });
    await mine(1);
    const updated = await call<string>("utxoupdatepsbt", psbt, [descriptor]);
    const address = addressOfScript(script, chain.params);
    const derivation = {
      pubkey: bytesToHex(key.publicKey),
      master_fingerprint: bytesToHex(hash160(key.publicKey).subarray(0, 4)),
      path: "m",
    };
    expect(await call("decodepsbt", updated)).toMatchObject({
      inputs: [
        {
          witness_utxo: { amount: 49.9999, scriptPubKey: { address, type: "witness_v0_keyhash" } },
          bip32_derivs: [derivation],
        },
      ],
      outputs: [{ bip32_derivs: [derivation] }],
      fee: 0.0001,
    });
    expect((await error("decodepsbt", "x"))[0]).toBe(-22);
  });

  test("shows records of scripts, hashes, Taproot, and of types that nobody knows", async () => {
    const { call, psbt } = await rich();
    const parsed = parsePsbt(psbt);
    if (!parsed.ok) throw new RangeError(parsed.reason);
    const bytes = (count: number, value: number) => new Uint8Array(count).fill(value);
    const none = bytes(0, 0);
    const origin = Uint8Array.of(1, 2, 3, 4, 44, 0, 0, 0x80, 5, 0, 0, 0);
    const leaf = Uint8Array.of(0x51, 0xc0);
    const control = bytes(33, 0xc0);
    let map = parsed.psbt.inputs[0]!;
    for (const [type, keyData, value] of [
      [PSBT_IN.SIGHASH_TYPE, none, Uint8Array.of(0x81, 0, 0, 0)],
      [PSBT_IN.REDEEM_SCRIPT, none, Uint8Array.of(0x51)],
      [PSBT_IN.SHA256, sha256(bytes(3, 1)), bytes(3, 1)],
      [PSBT_IN.BIP32_DERIVATION, key.publicKey, origin],
      [PSBT_IN.TAP_LEAF_SCRIPT, control, leaf],
      [PSBT_IN.TAP_BIP32_DERIVATION, bytes(32, 1), new Uint8Array([1, ...bytes(32, 9), ...origin])],
      [PSBT_IN.TAP_INTERNAL_KEY, none, bytes(32, 1)],
      [0xfc, Uint8Array.of(2, 0x61, 0x62, 7, 8), Uint8Array.of(9)],
      [0x77, Uint8Array.of(1), Uint8Array.of(2)],
    ] as const) {
      map = map.set(type, keyData, value);
    }
    const decoded = await call("decodepsbt", formatPsbt(parsed.psbt.withInput(0, map)));
    const from = { master_fingerprint: "01020304", path: "m/44h/5" };
    expect(decoded).toMatchObject({
      inputs: [
        {
          sighash: "ALL|ANYONECANPAY",
          redeem_script: { asm: "1", hex: "51", type: "nonstandard" },
          sha256_preimages: { [bytesToHex(sha256(bytes(3, 1)))]: "010101" },
          bip32_derivs: [{ pubkey: bytesToHex(key.publicKey), ...from }],
          taproot_scripts: [
            { script: "51", leaf_ver: 0xc0, control_blocks: [bytesToHex(control)] },
          ],
          taproot_bip32_derivs: [
            { pubkey: "01".repeat(32), ...from, leaf_hashes: ["09".repeat(32)] },
          ],
          taproot_internal_key: "01".repeat(32),
          proprietary: [{ identifier: "6162", subtype: 7, key: "fc0261620708", value: "09" }],
          unknown: { "7701": "02" },
        },
      ],
    });
  });
});

describe("descriptorprocesspsbt", () => {
  const secret = `wpkh(${toWif(key, regtest)})`;

  test("adds what is known, signs with the keys of descriptors, and hands out the transaction", async () => {
    const { call, error, chain, psbt } = await rich();
    const done = await call<{ hex: string }>("descriptorprocesspsbt", psbt, [secret]);
    expect(done).toMatchObject({ complete: true, psbt: expect.any(String) });
    const { txid } = Transaction.fromBytes(hexToBytes(done.hex));
    expect(await call("sendrawtransaction", done.hex)).toBe(txid);
    expect(chain.mempool.get(txid)).toBeDefined();
    expect((await error("descriptorprocesspsbt", psbt, [secret], "x"))[0]).toBe(-8);
    expect((await error("descriptorprocesspsbt", "x", [secret]))[0]).toBe(-22);
    expect((await error("descriptorprocesspsbt", psbt, ["x"]))[0]).toBe(-5);
  });

  test("signs nothing without keys, finalizes and shows origins only where it is told to", async () => {
    const { call, psbt } = await rich();
    const unsigned = await call<{ psbt: string }>("descriptorprocesspsbt", psbt, [descriptor]);
    expect(unsigned).toMatchObject({ complete: false });
    expect(unsigned).not.toHaveProperty("hex");
    expect(inputOf(unsigned.psbt).derivations).toHaveLength(1);
    const more = ["ALL", false, false] as const;
    const signed = await call<{ psbt: string }>("descriptorprocesspsbt", psbt, [secret], ...more);
    // Core counts inputs as signed when they are assembled.
    expect(signed).toMatchObject({ complete: false });
    expect(signed).not.toHaveProperty("hex");
    const { derivations, partialSignatures, finalWitness } = inputOf(signed.psbt);
    expect([derivations.length, partialSignatures.length, finalWitness]).toEqual([0, 1, undefined]);
    // Origins that the caller gave stay.
    const again = await call<{ psbt: string }>(
      "descriptorprocesspsbt",
      unsigned.psbt,
      [secret],
      ...more,
    );
    expect(inputOf(again.psbt).derivations).toHaveLength(1);
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
