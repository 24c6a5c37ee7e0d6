/** The words that a shell can complete, read from the commands themselves. */
import type { Argument, Command, Option } from "commander";

/** The kind of value of an option or of an argument. */
export type Wanted =
  | { readonly type: "choices"; readonly choices: readonly string[] }
  | { readonly type: "file" | "directory" | "address" | "any" };

export interface CompletedOption {
  /** With both dashes. */
  readonly flag: string;
  readonly help: string;
  /** `undefined`: a switch. */
  readonly wanted: Wanted | undefined;
}

export interface CompletedCommand {
  readonly name: string;
  readonly help: string;
  readonly options: readonly CompletedOption[];
  /** The kind of its argument. */
  readonly argument: Wanted | undefined;
}

/** The commands of a program, with `help`. */
export function completedCommands(program: Command): readonly CompletedCommand[] {
  const names = program.commands.map((command) => command.name());
  const commands = program.commands.map((command) => ({
    name: command.name(),
    help: command.description(),
    options: [
      ...command.options.map((option) => ({
        flag: option.long ?? "",
        help: option.description,
        wanted: wantedOf(option),
      })),
      { flag: "--help", help: "explain the command", wanted: undefined },
    ],
    argument: command.registeredArguments.map(argumentOf)[0],
  }));
  const help = {
    name: "help",
    help: "explain the program, or a command",
    options: [],
    argument: { type: "choices" as const, choices: names },
  };
  return [...commands, help];
}

function argumentOf({ argChoices }: Argument): Wanted {
  return argChoices === undefined ? { type: "any" } : { type: "choices", choices: argChoices };
}

function wantedOf({ argChoices, flags, required }: Option): Wanted | undefined {
  if (!required) return undefined;
  if (argChoices !== undefined) return { type: "choices", choices: argChoices };
  const [, name = ""] = /<([a-z]+)(?:\.\.\.)?>/.exec(flags) ?? [];
  return name === "file" || name === "directory" || name === "address"
    ? { type: name }
    : { type: "any" };
}

/** Options of all commands, and of which commands each is: the same option of several commands stands once. */
export function optionValues(
  commands: readonly CompletedCommand[],
): readonly { readonly keys: readonly string[]; readonly wanted: Wanted }[] {
  const found = new Map<string, { keys: string[]; wanted: Wanted }>();
  for (const { name, options } of commands) {
    for (const { flag, wanted } of options) {
      if (wanted === undefined) continue;
      const same = JSON.stringify(wanted);
      const entry = found.get(same) ?? { keys: [], wanted };
      entry.keys.push(`${name} ${flag}`);
      found.set(same, entry);
    }
  }
  return [...found.values()];
}

/** A name of a function in a shell: `_chain_node`. */
export function functionName(program: string): string {
  return `_${program.replace(/[^a-z0-9]/gi, "_")}`;
}

/** In single quotes, as all three shells read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The first words of a help, for a list beside which there is little room. */
export function brief(help: string): string {
  return (help.split(/[;:(]|, /)[0] ?? "").trim();
}
