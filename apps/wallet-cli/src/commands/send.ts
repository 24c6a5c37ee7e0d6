import {
  type Identity,
  type IdentityOptions,
  parseAddress,
  parseIdentity,
  UserError,
} from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withChoices, withExamples, withIdentity } from "@chain/terminal";
import {
  buildPayment,
  type FeePolicy,
  formatAmount,
  parseAmount,
  paymentSequence,
  type Wallet,
} from "@chain/wallet";
import { type Command, Option } from "commander";
import { openWallet, unlock } from "../opening.ts";
import { type Central, centralOf, type Order, type Sent } from "../order.ts";
import { pay } from "../paying.ts";

/** Help of `--central`. */
export const CENTRAL =
  "the node that gets it while the own one does not run (default on devnet: 127.0.0.1:3000)";

interface Flags extends IdentityOptions {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly fee?: string;
  readonly change?: string;
  readonly mine?: boolean;
  readonly central?: string;
  readonly json?: boolean;
}

/** The payment that the options ask for. */
interface Wish {
  readonly identity: Identity;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly fee: bigint | undefined;
  readonly change: string | undefined;
  readonly mine: boolean;
  readonly central: Central | undefined;
}

/** `send`: pays, and says so only when a node has accepted the payment. */
export function addSend(program: Command, context: Context): void {
  const command = program
    .command("send")
    .description("pay, and report success only when a node has accepted the payment")
    .requiredOption("--from <address>", "payer: an address of this wallet")
    .requiredOption("--to <address>", "receiver")
    .requiredOption("--amount <coins>", "how much, in coins: 10 or 0.5")
    .option("--fee <coins>", "what the miner gets; default: the least that nodes relay")
    .addOption(
      withChoices(
        new Option(
          "--change <address>",
          "receiver of the change: back (to --from), fresh (a new address) or an address",
        ).default("back"),
        ["back", "fresh"],
      ),
    )
    .option("--mine", "mine a block with it at once; its reward goes to --from")
    .option("--central <host:port>", CENTRAL)
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
    const sent = await pay({ ...wish, build: maker(wish, wallet) }, wallet, context.say);
    await context.io.write(flags.json ? asJson(wish, sent) : asText(wish, sent));
  });
}

function understand(flags: Flags, context: Context): Wish {
  const { from, to } = flags;
  const identity = parseIdentity(flags, context.env);
  parseAddress(from, identity.network, "--from");
  parseAddress(to, identity.network, "--to");
  const amount = parseAmount(flags.amount);
  if (!amount.ok) throw new UserError("usage", `--amount: ${amount.reason}`);
  const fee = flags.fee === undefined ? undefined : parseAmount(flags.fee, { allowZero: true });
  if (fee?.ok === false) throw new UserError("usage", `--fee: ${fee.reason}`);
  const change = flags.change === "back" ? undefined : flags.change;
  if (change !== undefined && change !== "fresh")
    parseAddress(change, identity.network, "--change");
  return {
    identity,
    from,
    to,
    amount: amount.amount,
    fee: fee?.amount,
    change,
    mine: flags.mine ?? false,
    central: centralOf(flags.central, identity.network),
  };
}

/** Chooses coins and adds change, which may go to a new key of the wallet. */
function maker(wish: Wish, wallet: Wallet): Order["build"] {
  /** The new address, for all attempts. */
  let fresh: string | undefined;
  return async (coins, { params, height }) => {
    const { identity, from, to, amount } = wish;
    const fee: FeePolicy =
      wish.fee === undefined
        ? { type: "rate", perKvB: params.minRelayFeeRate }
        : { type: "amount", amount: wish.fee };
    const request = {
      coins,
      to: parseAddress(to, identity.network, "--to"),
      amount,
      fee,
      params,
      spendHeight: height + 1,
      inputSize: wallet.inputSize.bind(wallet),
      sequence: paymentSequence(),
    };
    const build = (changeTo: string) =>
      buildPayment({
        ...request,
        changeScript: parseAddress(changeTo, identity.network, "--change"),
      });
    const isFresh = wish.change === "fresh";
    const payment = build(wish.change === undefined || isFresh ? from : wish.change);
    // A new key only for a payment that can be made and has change.
    if (!payment.ok || payment.change === undefined || !isFresh) return payment;
    fresh ??= (await wallet.newKey({ label: "change" })).address;
    return build(fresh);
  };
}

function asText(
  { from, to, amount }: Wish,
  { transaction, payment, acceptedBy, block }: Sent,
): string {
  // A rest too small to be an output goes to the miner as well: the payer should know.
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
    accepted_by: acceptedBy,
    blockhash: block ?? null,
  });
}
