/** Transactions of a wallet as Core's RPC shows them. Core: WalletTxToJSON, ListTransactions (wallet/rpc/transactions.cpp). */
import {
  compareBytes,
  idToBytes,
  signalsReplaceability,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import type { WalletTransaction } from "@chain/wallet/ledger";
import {
  coins,
  flag,
  hex,
  list,
  maybe,
  num,
  type ShapeOf,
  text,
  time,
} from "../../define/result.ts";
import { isReplaceable } from "../../describe/entry.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import type { RpcWallet } from "../host.ts";
import { parentsOf } from "../parents.ts";

/** The facts of a transaction, whichever of its outputs is meant. */
export interface TransactionFields {
  readonly confirmations: number;
  readonly generated?: boolean | undefined;
  readonly trusted?: boolean | undefined;
  readonly blockhash?: string | undefined;
  readonly blockheight?: number | undefined;
  readonly blockindex?: number | undefined;
  readonly blocktime?: number | undefined;
  readonly txid: string;
  readonly wtxid: string;
  readonly walletconflicts: readonly string[];
  readonly replaced_by_txid?: string | undefined;
  readonly replaces_txid?: string | undefined;
  readonly mempoolconflicts: readonly string[];
  readonly to?: string | undefined;
  readonly time: number;
  readonly timereceived: number;
  readonly comment?: string | undefined;
  readonly "bip125-replaceable": string;
}

/** A payment to another, or to the wallet. */
export interface PaymentFields {
  readonly address?: string | undefined;
  readonly category: string;
  readonly amount: number;
  readonly label?: string | undefined;
  readonly vout: number;
  readonly fee?: number | undefined;
  readonly abandoned: boolean;
  readonly parent_descs?: readonly string[] | undefined;
}

/** An entry of `listtransactions`, or, without the facts of the transaction, of `gettransaction`. */
export type Payment = PaymentFields & Partial<TransactionFields>;

const PARENT_DESCS = maybe(
  list(
    text("The descriptor string."),
    "Only if 'category' is 'received'. List of parent descriptors for the output script of this coin.",
  ),
);

const CATEGORY = text(
  "send: transactions sent; receive: non-coinbase transactions received; generate: mature coinbases received; immature: immature ones; orphan: coinbases of stale blocks",
);

/** Core: TransactionDescriptionString. */
export const TRANSACTION_SHAPE: ShapeOf<TransactionFields> = {
  confirmations: num(
    "The number of confirmations for the transaction. Negative confirmations means the\ntransaction conflicted that many blocks ago.",
  ),
  generated: maybe(flag("Only present if the transaction's only input is a coinbase one.")),
  trusted: maybe(
    flag(
      "Whether we consider the transaction to be trusted and safe to spend from.\nOnly present when the transaction has 0 confirmations (or negative confirmations, if conflicted).",
    ),
  ),
  blockhash: maybe(hex("The block hash containing the transaction.")),
  blockheight: maybe(num("The block height containing the transaction.")),
  blockindex: maybe(num("The index of the transaction in the block that includes it.")),
  blocktime: maybe(time("The block time.")),
  txid: hex("The transaction id."),
  wtxid: hex("The hash of serialized transaction, including witness data."),
  walletconflicts: list(
    hex("The transaction id."),
    "Transactions of the wallet that conflict with this transaction.",
  ),
  replaced_by_txid: maybe(hex("Only if 'category' is 'send'. The txid if this tx was replaced.")),
  replaces_txid: maybe(hex("Only if 'category' is 'send'. The txid if this tx replaces another.")),
  mempoolconflicts: list(
    hex("The transaction id."),
    "Transactions in the mempool that directly conflict with either this transaction or an ancestor transaction",
  ),
  to: maybe(text("If a comment to is associated with the transaction.")),
  time: time("The transaction time."),
  timereceived: time("The time received."),
  comment: maybe(
    text("If a comment is associated with the transaction, only present if not empty."),
  ),
  "bip125-replaceable": text(
    "yes, no or unknown: whether this transaction signals BIP125 replaceability or has an unconfirmed ancestor signaling BIP125 replaceability.\nMay be unknown for unconfirmed transactions not in the mempool because their unconfirmed ancestors are unknown.",
  ),
};

/** An entry of a list of payments. */
export const PAYMENT_SHAPE: ShapeOf<PaymentFields> = {
  address: maybe(
    text(
      "The bitcoin address of the transaction (not returned if the output does not have an address, e.g. OP_RETURN null data).",
    ),
  ),
  category: CATEGORY,
  amount: coins(
    "The amount. This is negative for the 'send' category, and is positive\nfor all other categories",
  ),
  label: maybe(text("A comment for the address/transaction, if any")),
  vout: num("the vout value"),
  fee: maybe(
    coins(
      "The amount of the fee. This is negative and only available for the\n'send' category of transactions.",
    ),
  ),
  abandoned: flag("'true' if the transaction has been abandoned (inputs are respendable)."),
  parent_descs: PARENT_DESCS,
};

/** Core: WalletTxToJSON. */
export function transactionFields(
  each: WalletTransaction,
  { ledger }: Pick<RpcWallet, "ledger">,
  host: RpcHost,
): TransactionFields {
  const { transaction, state, notes } = each;
  const confirmations = ledger.depth(each.txid);
  return {
    confirmations,
    ...(transaction.isCoinbase && { generated: true }),
    ...(state.type === "confirmed"
      ? {
          blockhash: state.hash,
          blockheight: state.height,
          blockindex: state.index,
          blocktime: host.chain.headers.get(state.hash)?.header.time ?? 0,
        }
      : { trusted: ledger.isTrusted(each.txid) }),
    txid: transaction.txid,
    wtxid: transaction.wtxid,
    walletconflicts: inOrder(ledger.conflicts(each.txid)),
    mempoolconflicts: inOrder(each.mempoolConflicts),
    time: each.time,
    timereceived: each.timeReceived,
    "bip125-replaceable": confirmations > 0 ? "no" : replaceability(transaction, host),
    ...(notes.comment !== undefined && { comment: notes.comment }),
    ...(notes.replacedBy !== undefined && { replaced_by_txid: notes.replacedBy }),
    ...(notes.replaces !== undefined && { replaces_txid: notes.replaces }),
    ...(notes.to !== undefined && { to: notes.to }),
  };
}

/** By their bytes, which the text has in reverse. Core: std::set<Txid>. */
function inOrder(txids: Iterable<Txid>): readonly Txid[] {
  return [...txids].sort((a, b) => compareBytes(idToBytes(a), idToBytes(b)));
}

/** Core: IsRBFOptIn. */
function replaceability(transaction: Transaction, { chain }: RpcHost): "yes" | "no" | "unknown" {
  const entry = chain.mempool.get(transaction.txid);
  if (entry !== undefined) return isReplaceable(entry) ? "yes" : "no";
  return signalsReplaceability(transaction) ? "yes" : "unknown";
}

export interface PaymentOptions {
  /** Payments to the wallet need so many confirmations. */
  readonly minDepth?: number;
  /** Whether each entry has all facts of its transaction. */
  readonly isLong?: boolean;
  /** Only payments to addresses of this label. */
  readonly label?: string | undefined;
  readonly includeChange?: boolean;
}

/** The payments of a transaction, to others and to the wallet. Core: ListTransactions. */
export function paymentsOf(
  each: WalletTransaction,
  wallet: Pick<RpcWallet, "ledger">,
  host: RpcHost,
  { minDepth = 0, isLong = false, label, includeChange = false }: PaymentOptions,
): readonly Payment[] {
  const { ledger } = wallet;
  const { transaction, state } = each;
  const { debit } = ledger.amounts(each.txid);
  const about = isLong ? transactionFields(each, wallet, host) : {};
  const abandoned = state.type === "inactive" && state.abandoned;
  const outputs = transaction.outputs.map((output, vout) => ({ output, vout }));
  const isListed = ({ output }: { readonly output: TxOutput }) =>
    includeChange || debit === 0n || !ledger.isChange(output.scriptPubKey);
  const listed = outputs.filter(isListed);
  const sent = debit > 0n && label === undefined ? listed : [];
  const fee = debit > 0n ? valueOut(transaction) - debit : 0n;
  const isDeep = ledger.depth(each.txid) >= minDepth;
  const received = isDeep
    ? listed.filter(({ output }) => ledger.ownerOf(output.scriptPubKey) !== undefined)
    : [];
  return [
    ...sent.map(({ output, vout }) => ({
      ...addressed(output, host),
      category: "send",
      amount: coinsNumber(-output.value),
      ...labelled(output, wallet),
      vout,
      fee: coinsNumber(fee),
      ...about,
      abandoned,
    })),
    ...received
      .filter(({ output }) => label === undefined || labelOf(output, wallet) === label)
      .map(({ output, vout }) => ({
        ...addressed(output, host),
        parent_descs: parentsOf(output.scriptPubKey, ledger),
        category: categoryOf(each, wallet),
        amount: coinsNumber(output.value),
        ...labelled(output, wallet),
        vout,
        abandoned,
        ...about,
      })),
  ];
}

export function valueOut({ outputs }: Transaction): bigint {
  return outputs.reduce((sum, { value }) => sum + value, 0n);
}

function addressed({ scriptPubKey }: TxOutput, { chain }: RpcHost): Pick<PaymentFields, "address"> {
  const address = addressOfScript(scriptPubKey, chain.params);
  return address === undefined ? {} : { address };
}

function labelled(
  output: TxOutput,
  { ledger }: Pick<RpcWallet, "ledger">,
): Pick<PaymentFields, "label"> {
  const label = ledger.addressEntry(output.scriptPubKey)?.label;
  return label === undefined ? {} : { label };
}

function labelOf({ scriptPubKey }: TxOutput, { ledger }: Pick<RpcWallet, "ledger">): string {
  return ledger.addressEntry(scriptPubKey)?.label ?? "";
}

function categoryOf(each: WalletTransaction, { ledger }: Pick<RpcWallet, "ledger">): string {
  if (!each.transaction.isCoinbase) return "receive";
  if (ledger.depth(each.txid) < 1) return "orphan";
  return ledger.blocksToMaturity(each.txid) > 0 ? "immature" : "generate";
}
