/** The frame of a command line: how options look, how mistakes are told, what the exit code is. */
import { DEFAULT_NETWORK, type IdentityOptions, NETWORK_NAMES, UserError } from "@chain/fullnode";
import { type Argument, Command, CommanderError, Option } from "commander";
import { normaliseArguments } from "./arguments.ts";
import { withChoices } from "./choices.ts";
import { NEXT_STEPS } from "./commands.ts";
import type { Environment } from "./environment.ts";
import { failureLine, failureOf, wantsJson } from "./failure.ts";
import { OutputClosed, type ProgramIo } from "./io.ts";
import { askForAllAtOnce } from "./usage.ts";

/**
 * A program, ready to get its commands. Nothing in it ends the process or writes past `io`; hand it to `runProgram`.
 * @example
 * const program = createProgram({ name: "chain-node", description: "A full node", version: "1.0.0" });
 * program.command("status").action(() => io.write("fine\n"));
 * await runProgram(program, ["status"], io) // 0
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
    .configureHelp({
      sortSubcommands: false,
      sortOptions: true,
      // All have options: to say so at each would leave less room for what it does.
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(humanReadable)].join(" "),
      // Descriptions name the choices, which are there for the completion of shells.
      optionDescription: ({ description, defaultValue, required }) =>
        required && typeof defaultValue === "string"
          ? `${description} (default: ${defaultValue})`
          : description,
      argumentDescription: ({ description }) => description,
    });
  return about.firstSteps === undefined ? program : withExamples(program, ...about.firstSteps);
}

function humanReadable(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/**
 * Adds `--port`, `--datadir`, `--network` and those of a signet, which say which node is meant, to a command.
 * @example withIdentity(new Command("status")).options.some(({ long }) => long === "--port")
 */
export function withIdentity(command: Command): Command {
  return command
    .option("--port <port>", "which node; default: the variable NODE_ID")
    .option(
      "--datadir <directory>",
      "where its files are; default: CHAIN_DATADIR or ~/.chain/<network>",
    )
    .addOption(
      withChoices(
        new Option(
          "--network <name>",
          `${NETWORK_NAMES.join(", ")}; default: CHAIN_NETWORK or ${DEFAULT_NETWORK}`,
        ),
        NETWORK_NAMES,
      ),
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

/** The options that `withIdentity` adds, as they come out of the parser. */
export type IdentityFlags = IdentityOptions;

/**
 * Adds examples to the help of a command, and its next step where `NEXT_STEPS` has one.
 * @example withExamples(new Command("status"), "chain-node status --port 3000").name() // "status"
 */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const listed = examples.map((line) => `  $ ${line}`).join("\n");
  const next = Object.hasOwn(NEXT_STEPS, command.name()) ? NEXT_STEPS[command.name()] : undefined;
  const nextStep = next === undefined ? "" : `\n\nNext step:\n  $ ${next}`;
  return command.addHelpText("after", `\nExamples:\n${listed}${nextStep}`);
}

/**
 * Parses the arguments and runs the command.
 * @param env variables of the environment: they say which node an explanation names
 * @returns the exit code. A mistake is 1 and one line on standard error: `error: …`, or with `--json`
 *   `{"error":{"code":"…","message":"…"}}`.
 * @example
 * await runProgram(program, ["status"], io) // 0
 * io.out // "fine\n"
 */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  io: ProgramIo,
  env: Environment = {},
): Promise<number> {
  let help = "";
  const fail = async (error: unknown): Promise<number> => {
    if (error instanceof OutputClosed) return 0;
    io.writeError(failureLine(await failureOf(error, program, env), wantsJson(argv)));
    return 1;
  };
  for (const command of [program, ...program.commands]) {
    refuseRepetition(command);
    askForAllAtOnce(command);
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
    if (!isHelp) return await fail(error);
  }
  try {
    await io.write(help);
    return 0;
  } catch (error) {
    return await fail(error);
  }
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
