import { type IdentityOptions, parseAddress, parseIdentity } from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import { buildConsolidation, formatAmount, paymentSequence } from "@chain/wallet";
import type { Command } from "commander";
import { openWallet, unlock } from "../opening.ts";
import { centralOf, type Order } from "../order.ts";
import { pay } from "../paying.ts";
import { CENTRAL } from "./send.ts";

interface Flags extends IdentityOptions {
  readonly from: string;
  readonly central?: string;
  readonly json?: boolean;
}

/** `consolidate`: merges small coins, so that a large payment fits into one transaction. */
export function addConsolidate(program: Command, context: Context): void {
  const command = program
    .command("consolidate")
    .description("merge the smallest coins of an address into one, as many as fit into one payment")
    .requiredOption("--from <address>", "whose coins: an address of this wallet")
    .option("--central <host:port>", CENTRAL)
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3001 chain-wallet consolidate --from CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG",
  ).action(async (flags: Flags) => {
    const { from } = flags;
    const identity = parseIdentity(flags, context.env);
    const script = parseAddress(from, identity.network, "--from");
    const wallet = await openWallet(identity, context);
    wallet.keyOf(from);
    await unlock(wallet, context);
    const order: Order = {
      identity,
      from,
      mine: false,
      central: centralOf(flags.central, identity.network),
      build: async (coins, { params, height }) =>
        buildConsolidation({
          coins,
          to: script,
          fee: { type: "rate", perKvB: params.minRelayFeeRate },
          params,
          spendHeight: height + 1,
          inputSize: wallet.inputSize.bind(wallet),
          sequence: paymentSequence(),
        }),
    };
    const { transaction, payment, acceptedBy } = await pay(order, wallet, context.say);
    const [count, amount] = [payment.coins.length, transaction.outputs[0]?.value ?? 0n];
    const { txid } = transaction;
    await context.io.write(
      flags.json
        ? formatJson({
            txid,
            from,
            merged: count,
            amount: formatAmount(amount),
            fee: formatAmount(payment.fee),
            accepted_by: acceptedBy,
          })
        : `Merged ${count} coins of ${from} into one of ${formatAmount(amount)}, fee ${formatAmount(payment.fee)}: accepted by ${acceptedBy}\nTransaction ${txid}\n`,
    );
  });
}
