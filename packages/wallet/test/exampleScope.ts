/** Names that examples in docstrings use. */

import * as core from "@chain/core";
import { type LocatedCoin, regtest, type Txid } from "@chain/core";
import type { Scope } from "@chain/testing/docExamples";
import { temporaryDirectory } from "@chain/testing/place";
import {
  type DescriptorExpansion,
  ExtendedKey,
  parseDescriptor,
  type SigningProvider,
} from "../src/descriptors.ts";
import {
  addressOfScript,
  buildPayment,
  memoryStorage,
  PrivateKey,
  toWif,
  Wallet,
} from "../src/index.ts";
import { createPsbt, type Psbt, signPsbt, updatePsbt } from "../src/psbt.ts";
import { DEFAULT_FEE_SETTINGS } from "../src/spending.ts";

export async function exampleScope(): Promise<Scope> {
  const params = regtest;
  const [key, other] = [7, 8].map((n) => new PrivateKey(new Uint8Array(32).fill(n))) as [
    PrivateKey,
    PrivateKey,
  ];
  const [alice, bob] = [key.publicKey, other.publicKey];
  const { script } = key;
  const coins: LocatedCoin[] = [1, 5, 20].map((value, vout) => ({
    outpoint: { txid: "11".repeat(32) as Txid, vout },
    coin: { value: BigInt(value) * core.COIN, scriptPubKey: script, height: 7, coinbase: false },
  }));
  const request = {
    coins,
    to: other.script,
    amount: 3n * core.COIN,
    fee: { type: "rate", perKvB: 1000n },
    changeScript: script,
    params,
    spendHeight: 8,
  } as const;
  const payment = buildPayment(request);
  if (!payment.ok) throw new TypeError(payment.reason);
  const wallet = await Wallet.create(memoryStorage(), { params, now: () => 1_800_000_000 });

  // A PSBT that spends an output of two keys, and the same signed by each.
  const output = expand(`wsh(multi(2,${toWif(key, params)},${toWif(other, params)}))`);
  const utxo = { value: 100_000n, scriptPubKey: output.scripts[0] as Uint8Array };
  const inputs = payment.transaction.inputs.slice(0, 1);
  const outputs = [{ value: 99_000n, scriptPubKey: script }];
  const transaction = new core.Transaction({ ...payment.transaction, inputs, outputs });
  const created = createPsbt(transaction);
  if (!created.ok) throw new TypeError(created.reason);
  const psbt = updatePsbt(created.psbt, { provider: output.provider, coins: () => utxo });
  const [fromAlice, fromBob] = [key, other].map((each) => {
    const { provider } = expand(`pkh(${toWif(each, params)})`, true);
    return { provider, psbt: signPsbt(psbt, provider).psbt };
  }) as [Signed, Signed];
  return {
    ...{ ...core, params, key, other, alice, bob, script, coins, request, payment, wallet },
    ...{ transaction, psbt, utxo, output, fromAlice, fromBob },
    DEFAULT_FEE_SETTINGS,
    utxoId: "22".repeat(32),
    directory: await temporaryDirectory(),
    address: addressOfScript(script, params) as string,
    master: ExtendedKey.fromSeed(new Uint8Array(32).fill(7), params),
  };
}

interface Signed {
  readonly provider: SigningProvider;
  readonly psbt: Psbt;
}

function expand(text: string, withPrivateKeys = false): DescriptorExpansion {
  const parsed = parseDescriptor(text, regtest);
  const expansion = parsed.ok ? parsed.descriptor.expand(0, { withPrivateKeys }) : undefined;
  if (expansion === undefined) throw new TypeError(text);
  return expansion;
}
