import { type IdentityOptions, parseIdentity, UserError } from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import type { Command } from "commander";
import { openWallet, unlock } from "../opening.ts";
import { askNewPassphrase } from "../passphrase.ts";

interface Flags extends IdentityOptions {
  readonly label?: string;
  readonly encrypt?: boolean;
  readonly json?: boolean;
}

/** `createwallet`: a new key, in a new wallet where there is none. Prints nothing but its address. */
export function addCreateWallet(program: Command, context: Context): void {
  const command = program
    .command("createwallet")
    .description("make a key and print its address; the first one makes the wallet too")
    .option("--label <text>", "a name for it")
    .option(
      "--encrypt",
      "protect a new wallet with a passphrase (asked for, or CHAIN_NEW_PASSPHRASE)",
    )
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3001 chain-wallet createwallet",
    "chain-wallet createwallet --port 3001 --label savings --encrypt",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, context.env);
    const passphrase = async () => (flags.encrypt ? askNewPassphrase(context) : undefined);
    const wallet = await openWallet(identity, context, { passphrase });
    if (flags.encrypt && !wallet.encrypted) {
      const what = `the wallet of node ${identity.nodeId} exists and has no passphrase`;
      throw new UserError("exists", `${what}: chain-wallet encryptwallet gives it one`);
    }
    await unlock(wallet, context);
    const key = await wallet.newKey(flags.label === undefined ? {} : { label: flags.label });
    await context.io.write(
      flags.json
        ? formatJson({
            address: key.address,
            label: key.label ?? null,
            encrypted: wallet.encrypted,
          })
        : `${key.address}\n`,
    );
  });
}
