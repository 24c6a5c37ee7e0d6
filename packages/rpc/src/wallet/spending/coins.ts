/** Coins of a wallet for a payment, and the inputs that a caller names. */
import { type Outpoint, outpointKey, type TxInput, type TxOutput } from "@chain/core";
import { inferDescriptor } from "@chain/wallet/descriptors";
import type { ScriptOwner, WalletLedger } from "@chain/wallet/ledger";
import type { SigningProvider } from "@chain/wallet/psbt";
import type { MaxSatisfaction, PresetInput, SpendableCoin } from "@chain/wallet/spending";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { findCoins } from "../../methods/previousOutputs.ts";
import type { RpcWallet } from "../host.ts";
import type { CoinControl } from "./control.ts";

/** Tells the size of inputs, once for each descriptor: they do not depend on the index. */
export class InputSizes {
  readonly #ledger: WalletLedger;
  readonly #host: Pick<RpcHost, "chain">;
  readonly #sizes = new Map<string, MaxSatisfaction | undefined>();

  constructor(ledger: WalletLedger, host: Pick<RpcHost, "chain">) {
    this.#ledger = ledger;
    this.#host = host;
  }

  /** @returns `undefined` where the wallet can't spend it */
  of(script: Uint8Array, owner: ScriptOwner | undefined): MaxSatisfaction | undefined {
    if (owner === undefined) return undefined;
    const { descriptor, id } = owner.descriptor;
    if (!this.#sizes.has(id)) this.#sizes.set(id, descriptor.maxSatisfaction());
    return this.#sizes.get(id) ?? this.inferred(script, this.#ledger.provider([script], false));
  }

  /** Of a script whose keys and scripts a provider knows. */
  inferred(
    script: Uint8Array,
    provider: SigningProvider,
    options: { readonly maxSignatures?: boolean } = {},
  ): MaxSatisfaction | undefined {
    return inferDescriptor(script, this.#host.chain.params, provider).maxSatisfaction(options);
  }
}

/** Core: AvailableCoins. */
export function spendableCoins(
  { ledger }: Pick<RpcWallet, "ledger">,
  sizes: InputSizes,
  control: CoinControl,
): SpendableCoin[] {
  const coins: SpendableCoin[] = [];
  const found = ledger.coins({
    minDepth: control.minDepth,
    maxDepth: control.maxDepth,
    minValue: control.minValue,
    includeUnsafe: control.includesUnsafe,
    includeReused: !control.avoidsReuse,
  });
  for (const coin of found) {
    const satisfaction = sizes.of(coin.scriptPubKey, coin.owner);
    if (satisfaction === undefined) continue;
    coins.push({
      outpoint: coin.outpoint,
      output: { value: coin.value, scriptPubKey: coin.scriptPubKey },
      satisfaction,
      depth: coin.depth,
      isFromMe: coin.isFromMe,
      isSafe: coin.isSafe,
      isReused: coin.isReused,
    });
  }
  return coins;
}

/** The wallet's own output of this name, spent or not. */
export function ownOutput(
  { ledger }: Pick<RpcWallet, "ledger">,
  { txid, vout }: Outpoint,
): TxOutput | undefined {
  const output = ledger.transaction(txid)?.transaction.outputs[vout];
  if (output === undefined) return undefined;
  return ledger.ownerOf(output.scriptPubKey) === undefined ? undefined : output;
}

/**
 * Outputs of others that inputs spend, of the chain and the mempool, by `outpointKey`. Core: FundTransaction.
 * @throws RpcError -4 where there is no such output
 */
export async function foreignOutputs(
  wallet: RpcWallet,
  inputs: readonly TxInput[],
  host: RpcHost,
): Promise<ReadonlyMap<string, TxOutput>> {
  const outpoints = inputs.map(({ prevout }) => prevout);
  const found = await findCoins(outpoints, host);
  const outputs = new Map<string, TxOutput>();
  for (const [index, outpoint] of outpoints.entries()) {
    if (ownOutput(wallet, outpoint) !== undefined) continue;
    const coin = found[index];
    if (coin === undefined) {
      throw new RpcError(RPC_WALLET_ERROR, "Unable to find UTXO for external input");
    }
    const { value, scriptPubKey } = coin;
    outputs.set(outpointKey(outpoint), { value, scriptPubKey });
  }
  return outputs;
}

/** The inputs that a transaction has in any case, with what spends them. Core: FetchSelectedInputs. */
export function presetInputs(
  wallet: RpcWallet,
  control: CoinControl,
  foreign: ReadonlyMap<string, TxOutput>,
  sizes: InputSizes,
): PresetInput[] {
  return control.inputs.map(({ prevout: outpoint, sequence, scriptSig, witness }) => {
    const own = ownOutput(wallet, outpoint);
    const output = own ?? foreign.get(outpointKey(outpoint));
    const weight = control.weightOf(outpoint);
    const satisfaction =
      output && satisfactionOf(output, wallet, control, own === undefined, sizes);
    return { outpoint, output, satisfaction, weight, sequence, scriptSig, witness };
  });
}

function satisfactionOf(
  { scriptPubKey }: TxOutput,
  { ledger }: RpcWallet,
  { provider }: CoinControl,
  isForeign: boolean,
  sizes: InputSizes,
): MaxSatisfaction | undefined {
  const own = isForeign ? undefined : sizes.of(scriptPubKey, ledger.ownerOf(scriptPubKey));
  // Signatures of others may be longer than ours, which have a low R.
  return own ?? sizes.inferred(scriptPubKey, provider, { maxSignatures: true });
}
