import { formatTime, type IdentityOptions, parseIdentity } from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import type { Command } from "commander";
import { openWallet } from "../opening.ts";

/** `listaddresses`: one a line, the oldest first. */
export function addListAddresses(program: Command, context: Context): void {
  const command = program
    .command("listaddresses")
    .description("print the addresses of the wallet, the oldest first")
    .option("--json", "print JSON, with labels and dates");
  withExamples(withIdentity(command), "NODE_ID=3001 chain-wallet listaddresses").action(
    async (flags: IdentityOptions & { readonly json?: boolean }) => {
      const wallet = await openWallet(parseIdentity(flags, context.env), context);
      await context.io.write(
        flags.json
          ? formatJson(
              wallet.keys.map(({ address, label, created }) => ({
                address,
                label: label ?? null,
                created: formatTime(created),
              })),
            )
          : wallet.keys.map(({ address }) => `${address}\n`).join(""),
      );
    },
  );
}
