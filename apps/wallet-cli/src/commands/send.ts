import type { ChainParams, Transaction } from "@chain/core";
import {
  applyPending,
  buildPayment,
  type FeePolicy,
  formatAmount,
  type Payment,
  type PendingTransaction,
  parseAmount,
  type SpendableCoin,
  type Wallet,
} from "@chain/wallet";
import {
  type ControlClient,
  formatJson,
  handIn,
  type Identity,
  type IdentityOptions,
  mineBlock,
  type OfflineChain,
  openControl,
  openOffline,
  parseIdentity,
  parsePeerAddress,
  UserError,
  withExamples,
  withIdentity,
} from "chain-node";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { openWallet, scriptOf, unlock } from "../opening.ts";

const DEFAULT_CENTRAL = "127.0.0.1:3000";

interface Flags extends IdentityOptions {
  readonly from?: string;
  readonly to?: string;
  readonly amount?: string;
  readonly fee?: string;
  readonly change?: string;
  readonly mine?: boolean;
  readonly central?: string;
  readonly json?: boolean;
}

/** What somebody wants, understood. */
interface Wish {
  readonly identity: Identity;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly fee: bigint | undefined;
  readonly change: string | undefined;
  readonly mine: boolean;
  readonly central: { readonly host: string; readonly port: number };
}

/** What became of it. */
interface Sent {
  readonly transaction: Transaction;
  readonly payment: Payment;
  /** Who has taken it, in words. */
  readonly acceptedBy: string;
  /** The block that holds it, if it was mined at once. */
  readonly block?: string;
}

/** `send`: pays, and says so only when a node has accepted the payment. */
export function addSend(program: Command, context: Context): void {
  const command = program
    .command("send")
    .description("pay, and report success only when a node has accepted the payment")
    .option("--from <address>", "who pays: an address of this wallet")
    .option("--to <address>", "who gets it")
    .option("--amount <coins>", "how much, in coins: 10 or 0.5")
    .option("--fee <coins>", "what the miner gets; default: the least that nodes relay")
    .option(
      "--change <address>",
      "who gets the rest: back (to --from), fresh (a new address) or an address",
      "back",
    )
    .option("--mine", "mine a block with it at once; its reward goes to --from")
    .option("--central <host:port>", "who gets it while the own node does not run", DEFAULT_CENTRAL)
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3001 chain-wallet send --from CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG --to CZow1erveqLkUqMGn3csmaqQvxnpnyxKMX --amount 1",
    "NODE_ID=3000 chain-wallet send -from CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG -to CZow1erveqLkUqMGn3csmaqQvxnpnyxKMX -amount 0.5 -mine",
  ).action(async (flags: Flags) => {
    const wish = understand(flags, context);
    const wallet = await openWallet(wish.identity, context);
    wallet.keyOf(wish.from); // says so if it is not ours, before anything is asked
    await unlock(wallet, context);
    const control = await openControl(wish.identity.paths);
    const sent =
      control === undefined
        ? await sendOffline(wish, wallet)
        : await sendByNode(wish, wallet, control);
    await context.io.write(flags.json ? asJson(wish, sent) : asText(wish, sent));
  });
}

function understand(flags: Flags, context: Context): Wish {
  const need = (name: "from" | "to" | "amount"): string => {
    const value = flags[name];
    if (value === undefined) throw new UserError("usage", `--${name} is missing`);
    return value;
  };
  const [from, to, amountText] = [need("from"), need("to"), need("amount")];
  const identity = parseIdentity(flags, context.env);
  scriptOf(from, identity, "--from");
  scriptOf(to, identity, "--to");
  const amount = parseAmount(amountText);
  if (!amount.ok) throw new UserError("usage", `--amount: ${amount.reason}`);
  const fee = flags.fee === undefined ? undefined : parseAmount(flags.fee, { allowZero: true });
  if (fee?.ok === false) throw new UserError("usage", `--fee: ${fee.reason}`);
  const change = flags.change === "back" ? undefined : flags.change;
  if (change !== undefined && change !== "fresh") scriptOf(change, identity, "--change");
  return {
    identity,
    from,
    to,
    amount: amount.amount,
    fee: fee?.amount,
    change,
    mine: flags.mine ?? false,
    central: parsePeerAddress(flags.central ?? DEFAULT_CENTRAL, "--central"),
  };
}

/** Chooses coins, adds change, signs, and checks what was signed. */
async function makePayment(
  wish: Wish,
  wallet: Wallet,
  coins: readonly SpendableCoin[],
  chain: {
    readonly params: Pick<ChainParams, "minRelayFeeRate" | "coinbaseMaturity">;
    readonly height: number;
  },
): Promise<{ readonly payment: Payment; readonly transaction: Transaction }> {
  const { identity, from, to, amount } = wish;
  const fee: FeePolicy =
    wish.fee === undefined
      ? { type: "rate", perKvB: chain.params.minRelayFeeRate }
      : { type: "amount", amount: wish.fee };
  const request = {
    coins,
    to: scriptOf(to, identity, "--to"),
    amount,
    fee,
    params: chain.params,
    spendHeight: chain.height + 1,
    inputSize: wallet.inputSize.bind(wallet),
  };
  const build = (changeTo: string) =>
    buildPayment({ ...request, changeScript: scriptOf(changeTo, identity, "--change") });
  let payment = build(wish.change === undefined || wish.change === "fresh" ? from : wish.change);
  // A new key only for a payment that can be made and has change.
  if (payment.ok && payment.change !== undefined && wish.change === "fresh") {
    payment = build((await wallet.newKey({ label: "change" })).address);
  }
  if (!payment.ok) throw new UserError("refused", `${from}: ${payment.reason}`);
  const signed = wallet.sign(payment.transaction, payment.coins);
  if (!signed.ok) throw new UserError("refused", signed.reason);
  return { payment, transaction: signed.transaction };
}

/** The node of this wallet runs: it knows the coins, and takes the payment. */
async function sendByNode(wish: Wish, wallet: Wallet, node: ControlClient): Promise<Sent> {
  const { identity, from } = wish;
  const coins = await node.coins(scriptOf(from, identity, "--from"));
  const { height } = await node.info();
  const at = { params: node.params, height };
  const { payment, transaction } = await makePayment(wish, wallet, coins, at);
  const verdict = await node.submit(transaction);
  if (!verdict.ok) throw refused(verdict.reason);
  const acceptedBy = `node ${identity.nodeId}`;
  if (!wish.mine) return { transaction, payment, acceptedBy };
  const { hash } = await node.mine(from);
  return { transaction, payment, acceptedBy, block: hash };
}

/** It does not run: its database knows the coins, and another node takes the payment, or a block does at once. */
async function sendOffline(wish: Wish, wallet: Wallet): Promise<Sent> {
  const offline = await openOffline(wish.identity);
  try {
    const { chain, params } = offline;
    const script = scriptOf(wish.from, wish.identity, "--from");
    const { spendable, live, dropped } = applyPending(await offline.coins(script), wallet.pending, [
      script,
    ]);
    await wallet.removePending(dropped.map(({ transaction }) => transaction.txid));
    const at = { params, height: chain.tip.height };
    const { payment, transaction } = await makePayment(wish, wallet, spendable, at);
    // The own copy of the chain knows most reasons for a refusal, and tells them without a network.
    for (const earlier of live) await chain.acceptTransaction(earlier.transaction);
    const verdict = await chain.acceptTransaction(transaction);
    if (!verdict.ok) throw refused(verdict.reason);
    return wish.mine
      ? await mineOffline(offline, script, { transaction, payment })
      : await sendToCentral(wish, wallet, offline, live, { transaction, payment });
  } finally {
    await offline.close();
  }
}

async function mineOffline(
  { chain }: OfflineChain,
  payTo: Uint8Array,
  made: Pick<Sent, "transaction" | "payment">,
): Promise<Sent> {
  const block = await mineBlock(chain, payTo);
  return { ...made, acceptedBy: `block ${chain.tip.height}`, block: block.hash };
}

async function sendToCentral(
  { central: address }: Wish,
  wallet: Wallet,
  { params }: OfflineChain,
  live: readonly PendingTransaction[],
  made: Pick<Sent, "transaction" | "payment">,
): Promise<Sent> {
  const { transaction } = made;
  await wallet.addPending(transaction); // before it leaves: its coins must not be spent again
  try {
    for (const parent of parentsOf(transaction, live)) {
      // It may have forgotten these since; if it knows them or has them in a block, so much the better.
      await handIn({ address, params, transaction: parent });
    }
    const answer = await handIn({ address, params, transaction });
    if (!answer.accepted) throw refused(answer.reason);
    const acceptedBy = `${address.host}:${address.port} ${answer.peerAgent}`;
    return { ...made, acceptedBy };
  } catch (error) {
    // Where nobody can tell whether it was taken, its coins stay spoken for.
    const isUncertain = error instanceof UserError && error.code === "uncertain";
    if (!isUncertain) await wallet.removePending([transaction.txid]);
    throw error;
  }
}

/** The payments of ours, in no block yet, that this one builds on; parents first. */
function parentsOf(
  transaction: Transaction,
  live: readonly PendingTransaction[],
): readonly Transaction[] {
  const needed = new Set(transaction.inputs.map(({ prevout }) => prevout.txid));
  const parents: Transaction[] = [];
  for (const { transaction: earlier } of live.toReversed()) {
    if (!needed.has(earlier.txid)) continue;
    for (const { prevout } of earlier.inputs) needed.add(prevout.txid);
    parents.unshift(earlier);
  }
  return parents;
}

function refused(reason: string): UserError {
  return new UserError("refused", `the payment was refused: ${reason}`);
}

function asText(
  { from, to, amount }: Wish,
  { transaction, payment, acceptedBy, block }: Sent,
): string {
  // A rest too small to be an output goes to the miner as well: whoever pays should know.
  const rest =
    payment.excess === 0n ? "" : ` (${formatAmount(payment.excess)} of it too little for change)`;
  const fee = payment.fee === 0n ? "" : `, fee ${formatAmount(payment.fee)}${rest}`;
  const where = block === undefined ? `accepted by ${acceptedBy}` : `mined in block ${block}`;
  return `Sent ${formatAmount(amount)} from ${from} to ${to}${fee}: ${where}\nTransaction ${transaction.txid}\n`;
}

function asJson(wish: Wish, { transaction, payment, acceptedBy, block }: Sent): string {
  return formatJson({
    txid: transaction.txid,
    from: wish.from,
    to: wish.to,
    amount: formatAmount(wish.amount),
    fee: formatAmount(payment.fee),
    change: payment.change === undefined ? null : formatAmount(payment.change.amount),
    acceptedBy,
    block: block ?? null,
  });
}
