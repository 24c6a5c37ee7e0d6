import { type IdentityOptions, openControl, parseIdentity } from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import type { Command } from "commander";
import { handInAgain, isUncertain } from "../handInAgain.ts";
import { openWallet } from "../opening.ts";

interface Flags extends IdentityOptions {
  readonly json?: boolean;
}

/** `abandon`: gives back the coins of payments whose fate is not known. */
export function addAbandon(program: Command, context: Context): void {
  const command = program
    .command("abandon")
    .description("forget payments whose fate is not known, so that their coins can be spent again")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3001 chain-wallet abandon").action(
    async (flags: Flags) => {
      const identity = parseIdentity(flags, context.env);
      const wallet = await openWallet(identity, context);
      const forgotten = await wallet.exclusively(
        async () => {
          // A payment that the node has taken after all is no longer uncertain.
          const running = await openControl(identity.paths);
          if (running !== undefined) await handInAgain(wallet, running, { isAlone: true });
          const txids = wallet.pending
            .filter((payment) => isUncertain(payment))
            .map(({ transaction }) => transaction.txid);
          await wallet.removePending(txids);
          return txids;
        },
        (holder) => context.say(`waiting, because ${holder} makes a payment of this wallet`),
      );
      const lines = forgotten.map((txid) => `Forgot ${txid}\n`).join("");
      await context.io.write(
        flags.json ? formatJson(forgotten) : lines || "No payment is uncertain.\n",
      );
    },
  );
}
