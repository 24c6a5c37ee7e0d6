/** Explains a wrong command line, with the next step, because the parser's own texts have none. */
import {
  defaultRpcPort,
  isRpcMethod,
  NETWORK_NAMES,
  parseIdentity,
  quote,
  UserError,
} from "@chain/fullnode";
import type { Argument, Command, CommanderError, Option } from "commander";
import { COMMANDS } from "./commands.ts";
import type { Environment } from "./environment.ts";

/** One sentence for a command line that the parser refuses. */
export async function explainUsage(
  { code, message }: CommanderError,
  program: Command,
  env: Environment,
): Promise<string> {
  const word = program.args.find((each) => each !== "help");
  const command = program.commands.find((each) => each.name() === word);
  const name = command === undefined ? program.name() : nameOf(command);
  const given = /'([^']*)'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.help": // without a command, or for one that is unknown, the parser prints its help
    case "commander.unknownCommand":
      return word === undefined
        ? `which command? ${program.name()} --help lists them`
        : await explainUnknown(word, message, program, env);
    case "commander.unknownOption":
      return `unknown option ${given}: ${optionHint(given, message, program, command)}`;
    case "commander.optionMissingArgument": {
      const flag = given.split(/[ ,]+/).find((each) => each.startsWith("--")) ?? given;
      return `${flag} needs a value: ${flag} ${placeholder(given)}`;
    }
    case "commander.missingArgument": {
      const args = command?.registeredArguments ?? [];
      return `${given} is missing: ${[name, ...args.map(valuesOf)].join(" ")}`;
    }
    case "commander.excessArguments": {
      const [first = "", second = first] = command?.args ?? [];
      const taken = command?.registeredArguments.length ?? 0;
      const excess = taken === 0 ? first : second;
      return `too many arguments, the first is ${quote(excess)}: ${helpFor(program, command)} shows how to call it`;
    }
    default:
      return message.replace(/^error: /, "");
  }
}

/**
 * Has the options that a command can't do without asked for all at once, and after unknown ones: a flag that is
 * misspelt is the better reason.
 */
export function askForAllAtOnce(command: Command): void {
  const needed = command.options.filter((option) => option.mandatory);
  for (const option of needed) option.makeOptionMandatory(false);
  if (needed.length === 0) return;
  command.hook("preAction", () => {
    const missing = needed.filter(
      (each) => command.getOptionValue(each.attributeName()) === undefined,
    );
    if (missing.length === 0) return;
    const call = [
      nameOf(command),
      ...needed.map((each) => `${each.long} ${placeholder(each.flags)}`),
    ];
    const flags = list(missing.map(({ long }) => String(long)));
    const verb = missing.length === 1 ? "is" : "are";
    throw new UserError("usage", `${flags} ${verb} missing: ${call.join(" ")}`);
  });
}

async function explainUnknown(
  word: string,
  message: string,
  program: Command,
  env: Environment,
): Promise<string> {
  const other = Object.entries(COMMANDS).find(([, names]) => names.includes(word))?.[0];
  if (other !== undefined && other !== program.name()) {
    return `${word} is a command of ${other}: ${other} ${word} --help explains it`;
  }
  if (await isRpcMethod(word))
    return `${word} is a method of the RPC, not a command: ${rpcCall(word, env)}`;
  const next = suggestion(message) ?? `${program.name()} --help lists the commands`;
  return `unknown command ${quote(word)}: ${next}`;
}

/** How the node that the environment names is asked. */
function rpcCall(method: string, env: Environment): string {
  try {
    const identity = parseIdentity({}, env);
    const where = `-rpcport=${defaultRpcPort(identity)} -rpccookiefile=${identity.paths.cookie}`;
    return `chain-cli ${where} ${method}`;
  } catch {
    return "chain-cli calls it, on the port and with the cookie that the log of startnode names";
  }
}

/** `did you mean status or stop?`, where the parser has a guess. */
function suggestion(message: string): string | undefined {
  const guesses = /\(Did you mean (?:one of )?(.*)\?\)/.exec(message)?.[1]?.split(", ");
  return guesses && `did you mean ${list(guesses, "or")}?`;
}

function optionHint(
  flag: string,
  message: string,
  program: Command,
  command: Command | undefined,
): string {
  // As Bitcoin Core's programs are told.
  const network = flag.slice(2);
  if (NETWORK_NAMES.includes(network)) return `did you mean --network ${network}?`;
  if (command !== undefined) {
    return suggestion(message) ?? `${helpFor(program, command)} lists its options`;
  }
  const isOfCommands = program.commands.some(({ options }) =>
    options.some(({ long }) => long === flag),
  );
  return isOfCommands
    ? "it goes behind a command"
    : `${helpFor(program, command)} lists the commands`;
}

function helpFor(program: Command, command: Command | undefined): string {
  return command === undefined ? `${program.name()} --help` : `${nameOf(command)} --help`;
}

function nameOf(command: Command): string {
  return `${command.parent?.name()} ${command.name()}`;
}

/** `ADDRESS`, of `--address <address>`. */
function placeholder(flags: Option["flags"]): string {
  const name = /<(.*?)(?:\.\.\.)?>/.exec(flags)?.[1] ?? "value";
  return name.toUpperCase();
}

function valuesOf(argument: Argument): string {
  return argument.argChoices?.join("|") ?? argument.name().toUpperCase();
}

function list(words: readonly string[], last = "and"): string {
  const [end = "", ...others] = words.toReversed();
  return others.length === 0 ? end : `${others.toReversed().join(", ")} ${last} ${end}`;
}
