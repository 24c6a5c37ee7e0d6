import { parseIdentity } from "@chain/fullnode";
import {
  addCompletion,
  createContext,
  createProgram,
  type ProgramIo,
  runProgram,
} from "@chain/terminal";
import manifest from "../package.json" with { type: "json" };
import { addAbandon } from "./commands/abandon.ts";
import { addConsolidate } from "./commands/consolidate.ts";
import { addCreateWallet } from "./commands/createWallet.ts";
import { addEncryptWallet } from "./commands/encryptWallet.ts";
import { addGetBalance } from "./commands/getBalance.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addListAddresses } from "./commands/listAddresses.ts";
import { addSend } from "./commands/send.ts";

/**
 * The whole program as a function.
 * @returns the exit code: 0, or 1 after one line on standard error that says what is wrong.
 * @example process.exitCode = await run(["listaddresses"], process.env, processIo());
 */
export function run(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  io: ProgramIo,
): Promise<number> {
  const program = createProgram({
    name: "chain-wallet",
    description:
      "Keys and payments from a terminal. Says which node it belongs to by NODE_ID or --port.",
    version: manifest.version,
    firstSteps: [
      "export NODE_ID=3000",
      "chain-wallet createwallet",
      "chain-wallet getbalance --address ADDRESS",
      "chain-wallet help send",
    ],
  });
  const context = createContext(argv, env, io);
  program.hook("preAction", (_, command) => {
    if (!command.options.some(({ long }) => long === "--network")) return;
    const { name, walletCaution } = parseIdentity(command.opts(), env).network;
    if (walletCaution !== undefined) context.say(`warning: ${name}: ${walletCaution}`);
  });
  addCreateWallet(program, context);
  addListAddresses(program, context);
  addGetBalance(program, context);
  addSend(program, context);
  addConsolidate(program, context);
  addAbandon(program, context);
  addKeyCommands(program, context);
  addEncryptWallet(program, context);
  addCompletion(program, context);
  return runProgram(program, argv, io, env);
}
