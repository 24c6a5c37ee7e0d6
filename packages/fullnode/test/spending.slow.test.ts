/** Payments beside Bitcoin Core's family: with the same coins, the same fee, the same outputs, the same refusals. */
import { COIN, hexToBytes, regtest, type Txid, type TxOutput } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { type Descriptor, ExtendedKey, parseDescriptor } from "@chain/wallet/descriptors";
import { parsePsbt } from "@chain/wallet/psbt";
import {
  createSpend,
  DEFAULT_FEE_SETTINGS,
  type PresetInput,
  type SpendRequest,
} from "@chain/wallet/spending";
import { describe, expect, test } from "vitest";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const daemon: Daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);

const [a, b, c] = [1, 2, 3].map(
  (n) => `${ExtendedKey.fromSeed(new Uint8Array(32).fill(n), regtest).toPrivateString()}/0/*`,
) as [string, string, string];
const FORMS = [
  `pkh(${a})`,
  `sh(wpkh(${a}))`,
  `wpkh(${a})`,
  `tr(${a})`,
  `wsh(multi(2,${a},${b},${c}))`,
  `sh(multi(1,${a},${b}))`,
  `sh(wsh(sortedmulti(2,${a},${b})))`,
  `wsh(and_v(v:pk(${a}),or_d(pk(${b}),older(10))))`,
  `tr(${a},{pk(${b}),multi_a(2,${b},${c})})`,
];
const PAYEES = [
  "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202",
  "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8",
  "2MsFDzHRUAMpjHxKyoEHU3aMCMsVtMqs1PV",
];

function descriptorOf(text: string): Descriptor {
  const parsed = parseDescriptor(text, regtest);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  return parsed.descriptor;
}

/** Core's error of a failed call. */
function reasonOf(error: unknown): string {
  const text = (error as Error).message;
  return (JSON.parse(text.slice(text.indexOf("{"))) as { readonly message: string }).message;
}

/** A wallet of bitcoind with two coins of each form, in all of which it has the keys. */
async function walletOf(node: CoreNode) {
  await node.call("createwallet", "w", false, true);
  const descriptors = FORMS.map(descriptorOf);
  const imported = await node.call<
    readonly { readonly success: boolean; readonly error?: object }[]
  >(
    "importdescriptors",
    descriptors.map((descriptor) => ({
      ...{ desc: descriptor.toPrivateString(), timestamp: "now", range: [0, 5] },
    })),
  );
  expect(imported.map(({ success, error }) => error ?? success)).toEqual(FORMS.map(() => true));
  const [first] = descriptors;
  const miner = first?.addresses(0);
  if (!miner?.ok) throw new TypeError("no address");
  await node.mine(101, miner.addresses[0] as string);
  const outputs: Record<string, number> = {};
  descriptors.forEach((descriptor, form) => {
    for (const index of [1, 2]) {
      const given = descriptor.addresses(index);
      if (given.ok) outputs[given.addresses[0] as string] = (50 * (form + 1) + index) / 1000;
    }
  });
  await node.call("send", outputs, null, "unset", 5, { change_address: miner.addresses[0] });
  // It hands the payment in, and hears of blocks, beside the answer.
  await expect.poll(() => node.call("getrawmempool")).toHaveLength(1);
  await node.mine(1, miner.addresses[0] as string);
  const isThere = async () => (await node.call<readonly unknown[]>("listunspent")).length > 18;
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
  return descriptors;
}

interface Unspent {
  readonly txid: Txid;
  readonly vout: number;
  readonly amount: number;
  readonly scriptPubKey: string;
}

const change: SpendRequest["change"] = {
  kinds: [],
  defaultKind: "bech32",
  next: () => ({ ok: false, reason: "not asked for" }),
};

describe.skipIf(version === undefined)(`payments as bitcoind ${version ?? "(missing)"}`, () => {
  test("of the same coins have the same fee and outputs", async () => {
    const node = await CoreNode.start(daemon, "-fallbackfee=0.0002");
    const descriptors = await walletOf(node);
    const satisfactions = new Map(
      descriptors.flatMap((descriptor) =>
        [0, 1, 2].map((index) => {
          const [script] = descriptor.expand(index)?.scripts ?? [];
          return [String(script), descriptor.maxSatisfaction()] as const;
        }),
      ),
    );
    const coins = (await node.call<readonly Unspent[]>("listunspent")).map((coin) => {
      const scriptPubKey = hexToBytes(coin.scriptPubKey);
      const output: TxOutput = { value: BigInt(Math.round(coin.amount * 1e8)), scriptPubKey };
      const outpoint = { txid: coin.txid, vout: coin.vout };
      return { outpoint, output, satisfaction: satisfactions.get(String(scriptPubKey)) };
    });
    expect(coins.length).toBeGreaterThan(18);
    const seed = 7;
    const random = new Rng(seed);
    const below = (bound: number) => random.below(bound);
    let made = 0;
    const reasons = new Set<string>();
    for (let trial = 0; trial < 250; trial++) {
      const spent = coins.filter(() => below(6) === 0).slice(0, 8);
      if (spent.length === 0) continue;
      const total = spent.reduce((sum, { output }) => sum + output.value, 0n);
      const count = 1 + below(3);
      const names = PAYEES.slice(0, count);
      const part = [total / 3n, total / 2n, total - 700n, total + 1n, total, 400n][below(6)] ?? 0n;
      const amounts = names.map(() => part / BigInt(count));
      const payers = below(2) === 0 ? [] : names.map((_, i) => i).filter(() => below(2) === 0);
      const milliRate = 1000 + below(60_000);
      const [own] = descriptors[below(descriptors.length)]?.expand(0)?.scripts ?? [];
      if (own === undefined) throw new TypeError("no script");
      const address = await node.call<{ readonly segwit: unknown; readonly address?: string }>(
        "decodescript",
        Buffer.from(own).toString("hex"),
      );
      const theirs = await node
        .call<{ readonly psbt: string; readonly fee: number; readonly changepos: number }>(
          "walletcreatefundedpsbt",
          spent.map(({ outpoint }) => outpoint),
          names.map((name, i) => ({ [name]: Number(amounts[i]) / 1e8 })),
          0,
          {
            ...{ add_inputs: false, changePosition: count, fee_rate: milliRate / 1000 },
            ...{ changeAddress: address.address, subtractFeeFromOutputs: payers },
          },
        )
        .catch(reasonOf);
      const presets: PresetInput[] = spent.map((coin) => ({ ...coin, sequence: 0xfffffffd }));
      const scripts = await Promise.all(
        names.map((name) => node.call<{ scriptPubKey: string }>("validateaddress", name)),
      );
      const ours = createSpend({
        payees: scripts.map(({ scriptPubKey }, i) => ({
          script: hexToBytes(scriptPubKey),
          amount: amounts[i] ?? 0n,
          subtractsFee: payers.includes(i),
        })),
        ...{ coins: [], presets, allowOtherInputs: false, change, changePosition: count },
        changeAddress: { script: own, satisfaction: satisfactions.get(String(own)) },
        ...{ feeRate: BigInt(milliRate), overridesFeeRate: true, lockTime: 0 },
        ...{ fees: DEFAULT_FEE_SETTINGS, tip: { height: 102, isCurrent: true } },
      });
      const shown = { seed, trial, forms: spent.length, milliRate };
      if (typeof theirs === "string" || !ours.ok) {
        const reason = ours.ok ? "made" : ours.reason;
        expect({ ...shown, reason }).toEqual({ ...shown, reason: theirs });
        reasons.add(reason);
        continue;
      }
      made++;
      const parsed = parsePsbt(theirs.psbt);
      if (!parsed.ok) throw new TypeError(parsed.reason);
      const { outputs } = parsed.psbt.transaction;
      expect({ ...shown, fee: ours.fee, change: ours.changePosition ?? -1 }).toEqual({
        ...{ ...shown, fee: BigInt(Math.round(theirs.fee * 1e8)), change: theirs.changepos },
      });
      expect(ours.transaction.outputs).toEqual(outputs);
    }
    expect(made).toBeGreaterThan(60);
    expect(reasons.size).toBeGreaterThan(2);
    expect(coins.some(({ output }) => output.value > COIN)).toBe(true);
  });
});
