/** Makes payments of a wallet. Core: CreateTransaction, CommitTransaction. */
import type { Transaction, TxOutput } from "@chain/core";
import { WalletError } from "@chain/wallet";
import type { WalletLedger } from "@chain/wallet/ledger";
import { signRawTransaction } from "@chain/wallet/psbt";
import {
  type AddressKind,
  type ChangeAddress,
  type ChangeSource,
  createSpend,
  type Payee,
  type Spend,
  type SpendRequest,
  type SpendResult,
} from "@chain/wallet/spending";
import { RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { CommitDetails, RpcWallet } from "../host.ts";
import { InputSizes, presetInputs, spendableCoins } from "./coins.ts";
import type { CoinControl } from "./control.ts";
import { feeSettingsOf } from "./fees.ts";
import { spendMempoolOf } from "./mempool.ts";

const KINDS = ["legacy", "p2sh-segwit", "bech32", "bech32m"] as const;
/** Core: MAX_ANTI_FEE_SNIPING_TIP_AGE. Seconds. */
const MAX_TIP_AGE = 8 * 60 * 60;

/** Addresses for change, of which the last one can be given back. */
export class ChangeAddresses implements ChangeSource {
  readonly kinds: readonly AddressKind[];
  readonly defaultKind: AddressKind;
  readonly #ledger: WalletLedger;
  #taken: Uint8Array | undefined;

  constructor({ ledger, settings }: Pick<RpcWallet, "ledger" | "settings">) {
    this.#ledger = ledger;
    this.kinds = KINDS.filter((kind) => ledger.activeDescriptor(kind, true) !== undefined);
    this.defaultKind = settings.addressType;
  }

  readonly next: ChangeSource["next"] = (kind) => {
    const given = this.#ledger.newAddress(kind, { internal: true });
    if (!given.ok) return given;
    this.#taken = given.script;
    const satisfaction = this.#ledger.activeDescriptor(kind, true)?.descriptor.maxSatisfaction();
    return { ok: true, script: given.script, satisfaction };
  };

  /** Core: ReturnDestination. */
  giveBack(): void {
    if (this.#taken !== undefined) this.#ledger.returnAddress(this.#taken);
  }
}

/** Core: IsCurrentForAntiFeeSniping. */
export function spendTipOf({ chain }: Pick<RpcHost, "chain">): SpendRequest["tip"] {
  const { height, header } = chain.tip;
  const isCurrent = !chain.initialDownload && header.time >= chain.now / 1000 - MAX_TIP_AGE;
  return { height, isCurrent };
}

/** The part of a request that is the same for new payments and for replacements. */
export function requestOf(
  wallet: RpcWallet,
  host: RpcHost,
  control: CoinControl,
  sizes: InputSizes,
): Omit<SpendRequest, "payees" | "change"> {
  const { settings, ledger } = wallet;
  return {
    feeRate: control.feeRate,
    overridesFeeRate: control.overridesFeeRate,
    confirmTarget: control.confirmTarget,
    estimateMode: control.estimateMode,
    signalsReplacement: control.signalsReplacement ?? settings.rbf,
    coins: spendableCoins(wallet, sizes, control),
    changeAddress: changeAddressOf(ledger, control, sizes),
    changeKind: control.changeKind ?? settings.changeType,
    changePosition: control.changePosition,
    fees: feeSettingsOf(wallet, host),
    mempool: spendMempoolOf(host.chain.mempool),
    tip: spendTipOf(host),
    version: control.version,
    lockTime: control.lockTime,
    maxWeight: control.maxWeight,
    avoidPartialSpends: control.avoidsPartialSpends || settings.avoidPartialSpends || undefined,
    includeUnsafe: control.includesUnsafe,
    minDepth: control.minDepth,
    maxDepth: control.maxDepth,
    spendUnconfirmedChange: settings.spendZeroConfChange,
    randomBytes: (length) => host.random.bytes(length),
  };
}

function changeAddressOf(
  ledger: WalletLedger,
  { changeScript: script }: CoinControl,
  sizes: InputSizes,
): ChangeAddress | undefined {
  if (script === undefined) return undefined;
  return { script, satisfaction: sizes.of(script, ledger.ownerOf(script)) };
}

/**
 * Makes a payment without signatures. Nothing is awaited between the look at the coins and the answer: a caller that
 * commits it in the same turn of the event loop has its coins for itself.
 * @param foreign outputs of others that the inputs of `control` spend
 */
export function makePayment(
  wallet: RpcWallet,
  host: RpcHost,
  control: CoinControl,
  payees: readonly Payee[],
  foreign: ReadonlyMap<string, TxOutput> = new Map(),
): SpendResult {
  const sizes = new InputSizes(wallet.ledger, host);
  const change = new ChangeAddresses(wallet);
  const spend = createSpend({
    ...requestOf(wallet, host, control, sizes),
    payees,
    presets: presetInputs(wallet, control, foreign, sizes),
    allowOtherInputs: control.allowsOtherInputs,
    change,
  });
  if (!spend.ok) change.giveBack();
  return spend;
}

/** @returns `undefined` where the wallet has not all keys */
export function signPayment(
  { ledger }: Pick<RpcWallet, "ledger">,
  { transaction, spent }: Pick<Spend, "transaction" | "spent">,
): Transaction | undefined {
  const scripts = spent.map(({ scriptPubKey }) => scriptPubKey);
  const signed = signRawTransaction(transaction, spent, ledger.provider(scripts, true));
  return signed.complete ? signed.transaction : undefined;
}

/** Makes a payment one of the wallet's, and hands it in. @throws RpcError -4 where another one spends its coins */
export async function commitPayment(
  wallet: RpcWallet,
  transaction: Transaction,
  details: CommitDetails = {},
): Promise<void> {
  try {
    await wallet.commit(transaction, details);
  } catch (error) {
    if (!(error instanceof WalletError) || error.code !== "conflict") throw error;
    const message = `Transaction conflicts with the wallet: ${error.message}`;
    throw new RpcError(RPC_WALLET_ERROR, message, { cause: error });
  }
}

/** Locks the coins of a payment until the node ends, or they are unlocked. */
export function lockCoins(
  { ledger }: Pick<RpcWallet, "ledger">,
  { inputs }: Pick<Transaction, "inputs">,
): void {
  for (const { prevout } of inputs) ledger.lockCoin(prevout, false);
}
