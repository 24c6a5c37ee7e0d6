import { type IdentityOptions, parseIdentity, UserError } from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import { fromWif } from "@chain/wallet";
import type { Command } from "commander";
import { openWallet, unlock } from "../opening.ts";

interface Flags extends IdentityOptions {
  readonly json?: boolean;
}

/** Longest line that is taken for a key. */
const MAX_INPUT = 200;

/** `exportkey` and `importkey`: single private keys in wallet import format. */
export function addKeyCommands(program: Command, context: Context): void {
  const exporting = program
    .command("exportkey")
    .description("print the private key of an address (WIF), with which anyone can spend its coins")
    .requiredOption("--address <address>", "an address of this wallet")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(exporting),
    "NODE_ID=3001 chain-wallet exportkey --address CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG",
  ).action(async (flags: Flags & { readonly address: string }) => {
    const wallet = await openWallet(parseIdentity(flags, context.env), context);
    await unlock(wallet, context);
    const { address } = flags;
    const key = wallet.exportKey(address);
    await context.io.write(flags.json ? formatJson({ address, key }) : `${key}\n`);
  });

  const importing = program
    .command("importkey")
    .description("add the private key (WIF) that is given on standard input, and print its address")
    .option("--label <text>", "a name for it")
    .option("--json", "print JSON");
  withExamples(withIdentity(importing), "NODE_ID=3001 chain-wallet importkey < key.txt").action(
    async (flags: Flags & { readonly label?: string }) => {
      const identity = parseIdentity(flags, context.env);
      const line = await readLine();
      if (line === "") {
        const how = "chain-wallet importkey < key.txt";
        throw new UserError("usage", `no key came on standard input: ${how}`);
      }
      const parsed = fromWif(line, identity.network.params);
      if (!parsed.ok) throw new UserError("usage", parsed.reason);
      const wallet = await openWallet(identity, context, { passphrase: async () => undefined });
      await unlock(wallet, context);
      const label = flags.label === undefined ? {} : { label: flags.label };
      const { address } = await wallet.importKey(parsed.key, label);
      await context.io.write(flags.json ? formatJson({ address }) : `${address}\n`);
    },
  );
}

/** Not as an argument: others on the machine see those. */
async function readLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_INPUT || text.includes("\n")) break;
  }
  return text.trim();
}
