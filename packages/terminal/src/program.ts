/** What both command lines share: how options look, how mistakes are told, what the exit code is. */

import { isChainError } from "@chain/core";
import {
  DEFAULT_NETWORK,
  type IdentityOptions,
  isRepairable,
  messageOf,
  NETWORK_NAMES,
  oneLine,
  REPAIR,
  RpcError,
  systemCode,
  UserError,
} from "@chain/fullnode";
import { Command, CommanderError } from "commander";
import { normaliseArguments } from "./arguments.ts";
import { OutputClosed, type ProgramIo } from "./io.ts";

/** Commands of both programs, so that each can name the other's. Tests of both hold them to the programs. */
export const COMMANDS: Readonly<Record<"chain-node" | "chain-wallet", readonly string[]>> = {
  "chain-node": [
    "createblockchain",
    "genesis",
    "startnode",
    "status",
    "peers",
    "bans",
    "mine",
    "stop",
    "printchain",
    "reindex",
    "reindexutxo",
  ],
  "chain-wallet": [
    "createwallet",
    "listaddresses",
    "getbalance",
    "send",
    "consolidate",
    "abandon",
    "exportkey",
    "importkey",
    "encryptwallet",
  ],
};

/**
 * A program, ready to get its commands. Nothing in it ends the process or writes past `io`; hand it to `runProgram`.
 * @example
 * const program = createProgram({ name: "chain-node", description: "A full node", version: "1.0.0" });
 * program.command("status").action(async () => io.write("fine\n"));
 * process.exitCode = await runProgram(program, process.argv.slice(2), io);
 */
export function createProgram(about: {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** Commands of a first session, for the end of the help. */
  readonly firstSteps?: readonly string[];
}): Command {
  const program = new Command(about.name)
    .description(about.description)
    .version(about.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "explain the program, or a command")
    .helpCommand("help [command]", "explain the program, or a command")
    .configureHelp({ sortSubcommands: false, sortOptions: true });
  return about.firstSteps === undefined ? program : withExamples(program, ...about.firstSteps);
}

function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Adds `--port`, `--datadir`, `--network` and those of a signet, which say which node is meant, to a command. */
export function withIdentity(command: Command): Command {
  return command
    .option("--port <port>", "which node; default: the variable NODE_ID")
    .option(
      "--datadir <directory>",
      "where its files are; default: CHAIN_DATADIR or ~/.chain/<network>",
    )
    .option(
      "--network <name>",
      `${NETWORK_NAMES.join(", ")}; default: CHAIN_NETWORK or ${DEFAULT_NETWORK}`,
    )
    .option(
      "--signetchallenge <hex>",
      "on signet: the script that blocks must have a solution of; default: CHAIN_SIGNETCHALLENGE or that of the public one",
      several,
    )
    .option(
      "--signetblocktime <seconds>",
      "with --signetchallenge: how often blocks come; default: CHAIN_SIGNETBLOCKTIME or 600",
      several,
    );
}

/** What `withIdentity` adds, as it comes out of the parser. */
export type IdentityFlags = IdentityOptions;

/** Adds examples to the help of a command. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText(
    "after",
    `\nExamples:\n${examples.map((line) => `  $ ${line}`).join("\n")}`,
  );
}

/**
 * Parses the arguments and runs the command.
 * @returns the exit code. A mistake is one line on standard error that begins with `error: `, and 1.
 */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  io: ProgramIo,
): Promise<number> {
  let help = "";
  for (const command of [program, ...program.commands]) {
    refuseRepetition(command);
    command
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
        writeErr: () => {}, // said below, in our way
        getOutHasColors: () => io.colour,
      });
  }
  try {
    await program.parseAsync(normaliseArguments(argv, valueFlags(program)), { from: "user" });
    return 0;
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    if (!isHelp) return fail(error, program, io);
  }
  try {
    await io.write(help);
    return 0;
  } catch (error) {
    return fail(error, program, io);
  }
}

function fail(error: unknown, program: Command, io: ProgramIo): number {
  if (error instanceof OutputClosed) return 0;
  io.writeError(`error: ${explain(error, program)}\n`);
  return 1;
}

/** The parser would take the last one, and with amounts that is no small matter. */
function refuseRepetition(command: Command): void {
  for (const option of command.options) {
    const collects = option.variadic || option.parseArg !== undefined;
    if (!option.required || collects) continue;
    let count = 0;
    command.on(`option:${option.name()}`, () => {
      if (++count > 1) throw new UserError("usage", `${option.long} is given more than once`);
    });
  }
}

function valueFlags(program: Command): (flag: string) => boolean {
  const flags = new Set<string | undefined>();
  for (const command of [program, ...program.commands]) {
    for (const option of command.options) if (option.required) flags.add(option.long);
  }
  return (flag) => flags.has(flag);
}

function explain(error: unknown, program: Command): string {
  if (error instanceof CommanderError) {
    const named = program.args.find((word) => word !== "help");
    const other = Object.entries(COMMANDS).find(([, names]) => names.includes(named ?? ""));
    const isUnknown = error.code === "commander.unknownCommand" || error.code === "commander.help";
    if (isUnknown && other !== undefined && other[0] !== program.name()) {
      return `${named} is a command of ${other[0]}`;
    }
    // What the parser does when no command is given is to print its help.
    if (error.code === "commander.help")
      return `which command? ${program.name()} --help lists them`;
    return oneLine(error.message.replace(/^error: /, ""));
  }
  // A node that runs says no to what a command asks of it.
  if (error instanceof RpcError) return oneLine(`the node refuses: ${error.message}`);
  const { name } = error instanceof Error ? error : { name: "" };
  const hint = isRepairable(error) ? `: ${REPAIR}` : "";
  // A class of ours, or the system's word on a file: made to be read. Anything else is a mistake in the program.
  const isOurs = isChainError(error) && error.code !== "invalid-argument";
  if (isOurs || systemCode(error) !== undefined) return oneLine(`${messageOf(error)}${hint}`);
  return oneLine(`unexpected, please report it: ${name} ${messageOf(error)}`);
}
