/** Transactions, PSBTs and messages that are signed, and multisig addresses, without a wallet. */
import { bytesToHex, hash160, p2wpkhScript, regtest, Transaction } from "@chain/core";
import { addressOfScript, encodeAddress, PrivateKey, toWif } from "@chain/wallet";
import {
  createPsbt,
  formatPsbt,
  parsePsbt,
  SigningProvider,
  signPsbt,
  updatePsbt,
} from "@chain/wallet/psbt";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

const [alice, bob] = [1, 2].map((n) => new PrivateKey(new Uint8Array(32).fill(n))) as [
  PrivateKey,
  PrivateKey,
];
const [aliceWif, bobWif] = [alice, bob].map((key) => toWif(key, regtest)) as [string, string];
const [aliceKey, bobKey] = [alice, bob].map((key) => bytesToHex(key.publicKey)) as [string, string];
const DESTINATION = addressOfScript(p2wpkhScript(hash160(alice.publicKey)), regtest) ?? "";
const TXID = "ab".repeat(32);

interface Multisig {
  readonly address: string;
  readonly redeemScript: string;
}
interface Signed {
  readonly hex: string;
  readonly complete: boolean;
  readonly errors?: readonly { readonly error: string }[];
}

describe("messages", () => {
  const address = encodeAddress({ type: "p2pkh", hash: hash160(alice.publicKey) }, regtest);

  test("are signed and verified", async () => {
    const { call } = await startHost();
    const signature = await call<string>("signmessagewithprivkey", aliceWif, "hello");
    expect(await call("verifymessage", address, signature, "hello")).toBe(true);
    expect(await call("verifymessage", address, signature, "hello!")).toBe(false);
    expect(await call("verifymessage", address, "AAAA", "hello")).toBe(false);
  });

  test("are refused in Core's words", async () => {
    const { error } = await startHost();
    expect(await error("signmessagewithprivkey", "L1", "hello")).toEqual([
      -5,
      "Invalid private key",
    ]);
    expect(await error("verifymessage", "nobody", "AAAA", "m")).toEqual([-5, "Invalid address"]);
    const noKey = "Address does not refer to key";
    expect(await error("verifymessage", DESTINATION, "AAAA", "m")).toEqual([-3, noKey]);
    const malformed = "Malformed base64 encoding";
    expect(await error("verifymessage", address, "?", "m")).toEqual([-3, malformed]);
  });
});

describe("multisig", () => {
  test.each([
    ["legacy", /^sh\(multi\(2,/],
    ["p2sh-segwit", /^sh\(wsh\(multi\(2,/],
    ["bech32", /^wsh\(multi\(2,/],
  ])("has an address of type %s", async (type, descriptor) => {
    const { call } = await startHost();
    expect(await call("createmultisig", 2, [aliceKey, bobKey], type)).toEqual({
      address: expect.any(String),
      redeemScript: `5221${aliceKey}21${bobKey}52ae`,
      descriptor: expect.stringMatching(descriptor),
    });
  });

  test.each([
    [[0, [aliceKey]], -8, "a multisignature address must require at least one key to redeem"],
    [[2, [aliceKey]], -8, "not enough keys supplied (got 1 keys, but need at least 2 to redeem)"],
    [[1, ["0g"]], -5, 'Pubkey "0g" must be a hex string'],
    [[1, ["02"]], -5, 'Pubkey "02" must have a length of either 33 or 65 bytes'],
    [
      [1, [`02${"ff".repeat(32)}`]],
      -5,
      `Pubkey "02${"ff".repeat(32)}" must be cryptographically valid.`,
    ],
    [[1, [aliceKey], "bech32m"], -5, "createmultisig cannot create bech32m multisig addresses"],
    [[1, [aliceKey], "other"], -5, "Unknown address type 'other'"],
  ])("%j is refused", async (params, code, message) => {
    const { error } = await startHost();
    expect(await error("createmultisig", ...params)).toEqual([code, message]);
  });
});

describe("raw transactions", () => {
  const pay = [{ [DESTINATION]: 0.5 }];

  test("get the signatures of two keys one by one, and all of them in one, for coins of the chain", async () => {
    const { call, mine, chain } = await startHost();
    const { redeemScript, address } = await call<Multisig>("createmultisig", 2, [aliceKey, bobKey]);
    const { scriptPubKey } = await call<{ scriptPubKey: string }>("validateaddress", address);
    await call("generatetoaddress", 1, address);
    await mine(100);
    const block = await chain.getBlock(chain.headers.activeAt(1)?.hash as never);
    const txid = block?.transactions[0]?.txid ?? "";
    const unsigned = await call<string>("createrawtransaction", [{ txid, vout: 0 }], pay);
    const previous = [{ txid, vout: 0, scriptPubKey, redeemScript }];
    const half = (key: string) =>
      call<Signed>("signrawtransactionwithkey", unsigned, [key], previous);
    const [first, second] = [await half(aliceWif), await half(bobWif)];
    expect(first).toMatchObject({ complete: false, errors: [{ txid, vout: 0, witness: [] }] });
    const combined = await call<string>("combinerawtransaction", [first.hex, second.hex]);
    const both = await call<Signed>(
      "signrawtransactionwithkey",
      unsigned,
      [aliceWif, bobWif],
      previous,
      "ALL",
    );
    expect(both).toEqual({ hex: combined, complete: true });
    expect(await call("testmempoolaccept", [combined], 0)).toMatchObject([{ allowed: true }]);
  });

  test("without a key of a multisig have as many empty items as Core's", async () => {
    const { call } = await startHost();
    const raw = await call<string>("createrawtransaction", [{ txid: TXID, vout: 0 }], pay);
    // From Bitcoin Core: half of those that lack, rounded up.
    const cases = [
      [1, "0000"],
      [2, "0000"],
      [3, "000000"],
    ] as const;
    for (const [required, scriptSig] of cases) {
      const scriptPubKey = `${(0x50 + required).toString(16)}21${aliceKey}21${bobKey}21${aliceKey}53ae`;
      const previous = [{ txid: TXID, vout: 0, scriptPubKey }];
      const signed = await call<Signed>("signrawtransactionwithkey", raw, [], previous);
      expect(signed).toMatchObject({ complete: false, errors: [{ scriptSig }] });
    }
  });

  test("are refused in Core's words", async () => {
    const { call, error } = await startHost();
    const raw = await call<string>("createrawtransaction", [{ txid: TXID, vout: 0 }], pay);
    const sign = (...params: readonly unknown[]) =>
      error("signrawtransactionwithkey", raw, [aliceWif], ...(params as never[]));
    expect(await call("signrawtransactionwithkey", raw, [aliceWif])).toMatchObject({
      complete: false,
      errors: [{ error: "Input not found or already spent" }],
    });
    const scriptPubKey = bytesToHex(p2wpkhScript(hash160(alice.publicKey)));
    const output = { txid: TXID, vout: 0, scriptPubKey };
    expect(
      await call("signrawtransactionwithkey", raw, [aliceWif], [{ ...output, amount: 1 }]),
    ).toMatchObject({ complete: true });
    expect(await sign([output])).toEqual([
      -3,
      `Missing amount for CTxOut(nValue=21000000.00000000, scriptPubKey=${scriptPubKey.slice(0, 30)})`,
    ]);
    expect(await sign([1])).toEqual([-22, 'expected object with {"txid\'","vout","scriptPubKey"}']);
    expect(await sign([{ ...output, vout: -1 }])).toEqual([-22, "vout cannot be negative"]);
    expect(await sign([{ txid: TXID, vout: 0 }])).toEqual([-3, "Missing scriptPubKey"]);
    const hidden = { ...output, scriptPubKey: `a914${"00".repeat(20)}87` };
    expect(await sign([hidden])).toEqual([-8, "Missing redeemScript/witnessScript"]);
    expect(await sign([{ ...hidden, redeemScript: "51" }])).toEqual([
      -8,
      "redeemScript/witnessScript does not match scriptPubKey",
    ]);
    expect(await sign([{ ...hidden, redeemScript: "51", witnessScript: "52" }])).toEqual([
      -8,
      "redeemScript does not correspond to witnessScript",
    ]);
    expect(await sign([], "all")).toEqual([-8, "'all' is not a valid sighash parameter."]);
    expect(await error("signrawtransactionwithkey", raw, ["5"])).toEqual([
      -5,
      "Invalid private key",
    ]);
    expect(await error("combinerawtransaction", [])).toEqual([-22, "Missing transactions"]);
    expect(await error("combinerawtransaction", [raw])).toEqual([
      -25,
      "Input not found or already spent",
    ]);
    expect(await error("combinerawtransaction", [raw, "00"])).toEqual([
      -22,
      "TX decode failed for tx 1. Make sure the tx has at least one input.",
    ]);
  });
});

describe("PSBTs", () => {
  const inputs = (vout: number) => [{ txid: TXID, vout }];
  const outputs = [{ [DESTINATION]: 0.5 }];

  test("are created, converted, joined and combined", async () => {
    const { call } = await startHost();
    const psbt = await call<string>("createpsbt", inputs(0), outputs);
    const raw = await call<string>("createrawtransaction", inputs(0), outputs);
    expect(await call("converttopsbt", raw)).toBe(psbt);
    expect(await call("combinepsbt", [psbt, psbt])).toBe(psbt);
    const other = await call<string>("createpsbt", inputs(1), outputs);
    const joined = parsePsbt(await call<string>("joinpsbts", [psbt, other]));
    expect(
      joined.ok && joined.psbt.transaction.inputs.map(({ prevout }) => prevout.vout).sort(),
    ).toEqual([0, 1]);
    expect(await call("finalizepsbt", psbt)).toEqual({ psbt, complete: false });
  });

  test("become a transaction once they are signed", async () => {
    const { call, error, mine, coin } = await startHost();
    await mine(1, p2wpkhScript(hash160(alice.publicKey)));
    await mine(100);
    const { outpoint, coin: spent } = await coin(1);
    const raw = await call<string>(
      "createrawtransaction",
      [{ ...outpoint }],
      [{ [DESTINATION]: 49.9999 }],
    );
    const created = createPsbt(Transaction.fromHex(raw));
    if (!created.ok) throw new RangeError(created.reason);
    const provider = new SigningProvider();
    provider.addPrivateKey(alice);
    const updated = updatePsbt(created.psbt, { coins: () => spent });
    const { psbt } = signPsbt(updated, provider, { finalize: false });
    const { hex, complete } = await call<Signed>("finalizepsbt", formatPsbt(psbt));
    expect(complete).toBe(true);
    expect(await call("finalizepsbt", formatPsbt(psbt), false)).not.toHaveProperty("hex");
    expect(await call("testmempoolaccept", [hex])).toMatchObject([{ allowed: true }]);
    const message = "Inputs must not have scriptSigs and scriptWitnesses";
    expect(await error("converttopsbt", hex)).toEqual([-22, message]);
    expect(await call("converttopsbt", hex, true)).toBe(await call("converttopsbt", raw));
  });

  test("are refused in Core's words", async () => {
    const { call, error } = await startHost();
    const psbt = await call<string>("createpsbt", inputs(0), outputs);
    const other = await call<string>("createpsbt", inputs(1), outputs);
    expect(await error("combinepsbt", [])).toEqual([-8, "Parameter 'txs' cannot be empty"]);
    expect(await error("combinepsbt", [psbt, other])).toEqual([
      -8,
      "PSBTs not compatible (different transactions)",
    ]);
    expect(await error("finalizepsbt", "?")).toEqual([-22, "TX decode failed invalid base64"]);
    expect(await error("joinpsbts", ["?"])).toEqual([
      -8,
      "At least two PSBTs are required to join PSBTs.",
    ]);
    expect(await error("joinpsbts", [psbt, psbt])).toEqual([
      -8,
      `Input ${TXID}:0 exists in multiple PSBTs`,
    ]);
    expect(await error("converttopsbt", "00")).toEqual([-22, "TX decode failed"]);
  });
});

test("what ran before has been told to everybody", async () => {
  const { call, mine, chain } = await startHost();
  const mining = mine(2);
  expect(await call("syncwithvalidationinterfacequeue")).toBeNull();
  await mining;
  expect(chain.tip.height).toBe(2);
});
