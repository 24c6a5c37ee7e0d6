import { type IdentityOptions, parseIdentity } from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import type { Command } from "commander";
import { openWallet, unlock } from "../opening.ts";
import { askNewPassphrase } from "../passphrase.ts";

/** `encryptwallet`: sets or changes the passphrase. */
export function addEncryptWallet(program: Command, context: Context): void {
  const command = program
    .command("encryptwallet")
    .description("protect the keys with a passphrase, or change it")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3001 chain-wallet encryptwallet").action(
    async (flags: IdentityOptions & { readonly json?: boolean }) => {
      const wallet = await openWallet(parseIdentity(flags, context.env), context);
      await unlock(wallet, context);
      await wallet.setPassphrase(await askNewPassphrase(context));
      const text = "The keys are encrypted. If the passphrase is lost, they are lost.\n";
      const { encrypted } = wallet;
      await context.io.write(flags.json ? formatJson({ encrypted }) : text);
    },
  );
}
