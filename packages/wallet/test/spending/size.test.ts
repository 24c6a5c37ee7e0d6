/** Sizes before signing, held to what is really signed. Core: MaxSatisfactionWeight, CalculateMaximumSignedTxSize. */
import { regtest, sha256, Transaction, type Txid } from "@chain/core";
import { describe, expect, test } from "vitest";
import { type Descriptor, ExtendedKey, parseDescriptor } from "../../src/descriptors.ts";
import { signRawTransaction } from "../../src/psbt.ts";
import { maxInputWeight, maxTransactionSize } from "../../src/spending.ts";

const keys = [1, 2, 3].map((n) => ExtendedKey.fromSeed(new Uint8Array(32).fill(n), regtest));
const [a, b, c] = keys.map((key) => `${key.toPrivateString()}/0/*`) as [string, string, string];
const wif = "cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW";

function descriptorOf(text: string): Descriptor {
  const parsed = parseDescriptor(text, regtest);
  if (!parsed.ok) throw new TypeError(`${text}: ${parsed.reason}`);
  return parsed.descriptor;
}

/** Spends outputs of these descriptors with all keys that they came with. */
function spend(descriptors: readonly Descriptor[]) {
  const expansions = descriptors.map((descriptor, index) => {
    const expansion = descriptor.expand(index, { withPrivateKeys: true });
    const scriptPubKey = expansion?.scripts[0];
    if (expansion === undefined || scriptPubKey === undefined) throw new TypeError("no script");
    return { provider: expansion.provider, coin: { value: 100_000n, scriptPubKey } };
  });
  const outputs = [{ value: 1000n, scriptPubKey: new Uint8Array(22) }];
  let transaction = new Transaction({
    version: 2,
    lockTime: 0,
    outputs,
    inputs: descriptors.map((_, vout) => ({
      prevout: { txid: "11".repeat(32) as Txid, vout },
      sequence: 5,
      scriptSig: new Uint8Array(0),
      witness: [],
    })),
  });
  const coins = expansions.map(({ coin }) => coin);
  for (const { provider } of expansions) {
    transaction = signRawTransaction(transaction, coins, provider).transaction;
  }
  const inputs = descriptors.map((descriptor, index) => ({
    satisfaction: descriptor.maxSatisfaction(),
    scriptPubKey: coins[index]?.scriptPubKey as Uint8Array,
  }));
  return { transaction, size: maxTransactionSize(inputs, outputs) };
}

const weights: readonly (readonly [string, number, number])[] = [
  // Descriptor, weight of the input, and that of a signature more than it takes.
  [`pk(${a})`, (40 + 1 + 72) * 4 + 1, 0],
  [`pkh(${a})`, (40 + 1 + 106) * 4 + 1, 0],
  [`wpkh(${a})`, 41 * 4 + 1 + 106, 0],
  [`sh(wpkh(${a}))`, (41 + 23) * 4 + 1 + 106, 0],
  [`wsh(pkh(${a}))`, 41 * 4 + 1 + 106 + 26, 0],
  [`multi(2,${a},${b},${c})`, (40 + 1 + 145) * 4 + 1, 0],
  [`sh(multi(1,${a},${b}))`, (40 + 1 + 73 + 72) * 4 + 1, 0],
  [`wsh(multi(2,${a},${b},${c}))`, 41 * 4 + 1 + 145 + 106, 0],
  [`sh(wsh(sortedmulti(1,${a},${b})))`, (41 + 35) * 4 + 1 + 73 + 72, 0],
  [`tr(${a})`, 41 * 4 + 1 + 66, 1],
  [`pkh(${wif})`, (40 + 1 + 106) * 4 + 1, 0],
  // Miniscript counts a high R.
  [`wsh(and_v(v:pk(${a}),older(5)))`, 41 * 4 + 1 + 73 + 38, 1],
];

describe("the weight of an input", () => {
  test.each(weights)("of %s", (text, weight, spare) => {
    const descriptor = descriptorOf(text);
    const satisfaction = descriptor.maxSatisfaction();
    if (satisfaction === undefined) throw new TypeError("not solvable");
    expect(maxInputWeight(satisfaction)).toBe(weight);
    const { transaction, size } = spend([descriptor]);
    expect(
      transaction.inputs[0]?.scriptSig.length || transaction.inputs[0]?.witness.length,
    ).toBeTruthy();
    const over = (size?.weight ?? 0) - transaction.weight;
    expect(over).toBeGreaterThanOrEqual(spare);
    // Low R makes a signature 71 bytes; one in 256 is shorter. Bare scripts are not in the witness.
    expect(over).toBeLessThanOrEqual(spare + 4 * 2);
  });

  test("counts signatures of others with a high R", () => {
    const own = descriptorOf(`wpkh(${a})`).maxSatisfaction();
    const foreign = descriptorOf(`wpkh(${a})`).maxSatisfaction({ maxSignatures: true });
    expect([own?.weight, foreign?.weight]).toEqual([106, 107]);
  });

  test("of a Taproot output is that of its key, or of its largest script", () => {
    const hash = Buffer.from(sha256(new Uint8Array(32))).toString("hex");
    const tree = `{pk(${b}),{multi_a(2,${b},${c}),and_v(v:pk(${c}),sha256(${hash}))}}`;
    const descriptor = descriptorOf(`tr(${a},${tree})`);
    expect(descriptor.maxSatisfaction()).toEqual({
      ...{ weight: 66, elements: 1, kind: "bech32m", isSegwit: true },
    });
    // Two signatures, a script of 70 bytes, and a control block of two steps.
    expect(descriptor.maxSatisfaction({ scriptPath: true })).toEqual({
      ...{ weight: 132 + 71 + 98, elements: 4, kind: "bech32m", isSegwit: true },
    });
  });

  test("is not known where the descriptor does not say how it is spent", () => {
    expect(descriptorOf("raw(51)").maxSatisfaction()).toBeUndefined();
    expect(descriptorOf(`combo(${a})`).maxSatisfaction()).toBeUndefined();
    const address = descriptorOf(`wpkh(${a})`).addresses(0);
    const unsolved = descriptorOf(`addr(${address.ok ? address.addresses[0] : ""})`);
    expect([unsolved.maxSatisfaction(), unsolved.addressKind]).toEqual([undefined, "bech32"]);
  });
});

describe("the size of a transaction", () => {
  test("counts items of each input where one has a witness", () => {
    const legacy = [`pkh(${a})`, `pkh(${b})`].map(descriptorOf);
    const before = spend(legacy);
    expect(before.size?.weight).toBe(before.transaction.weight);
    const mixed = spend([...legacy, descriptorOf(`wpkh(${c})`)]);
    expect(mixed.size?.weight).toBe(mixed.transaction.weight);
  });

  test("takes a weight that is given, and knows none without one", () => {
    const outputs = [{ value: 1n, scriptPubKey: new Uint8Array(22) }];
    const input = { scriptPubKey: Uint8Array.of(0, 20, ...new Uint8Array(20)) };
    expect(maxTransactionSize([input], outputs)).toBeUndefined();
    expect(maxTransactionSize([{ ...input, weight: 400 }], outputs)).toEqual({
      weight: (8 + 1 + 1 + 31) * 4 + 2 + 400,
      virtualSize: 142,
    });
  });
});

test("types of address are Core's", () => {
  const kinds = [`pk(${a})`, `pkh(${a})`, `sh(pk(${a}))`, `sh(wpkh(${a}))`, `wsh(pk(${a}))`];
  expect(kinds.map((text) => descriptorOf(text).addressKind)).toEqual([
    ...[undefined, "legacy", "legacy", "p2sh-segwit", "bech32"],
  ]);
  expect(descriptorOf(`rawtr(${a})`).addressKind).toBe("bech32m");
  expect(descriptorOf("raw(51)").addressKind).toBeUndefined();
});
