/** Options of a command as rows of a table: what the parser, the help, the README and the tests know of each. */
import { present } from "@chain/core/arguments";
import { type Command, Option } from "commander";
import { withChoices } from "./choices.ts";

export interface OptionRow {
  /** As typed, with what follows it: `--maxconnections <number>`. */
  readonly flags: string;
  /** Its name in Bitcoin Core, where it comes from there: `-maxconnections`. */
  readonly core?: string;
  /** Its topic: a heading of the README. */
  readonly group: string;
  /** One sentence without a full stop, for the help and the README. */
  readonly help: string;
  /** Its values, where there are few: shells complete them. */
  readonly choices?: readonly string[];
  /** How often it may be given. Default: once. */
  readonly most?: number;
  /** Of no use but in tests: the help has it below all others. */
  readonly isForTests?: boolean;
}

/** The texts typed for one option: one each time it was given; for a switch that takes none, `[]`. */
export type Typed = ReadonlyMap<OptionRow, readonly string[]>;

/**
 * The name of an option, with both dashes.
 * @example flagOf(row) // "--maxconnections"
 */
export function flagOf({ flags }: OptionRow): string {
  return present(flags.split(" ")[0], "flags.split(' ')[0]");
}

/**
 * The sentence that help and README have about an option.
 * @example helpOf(row) // "how many peers at most"
 */
export function helpOf({ help, most }: OptionRow): string {
  return most === undefined ? help : `${help}; may be given more than once`;
}

/**
 * Adds the options of a table to a command.
 * @example withOptions(new Command("startnode"), [row]).options.length // 1
 */
export function withOptions(command: Command, rows: readonly OptionRow[]): Command {
  const isForTests = (row: OptionRow) => (row.isForTests ? 1 : 0);
  for (const row of rows.toSorted((a, b) => isForTests(a) - isForTests(b))) {
    const option = new Option(row.flags, helpOf(row));
    if (row.choices !== undefined) withChoices(option, row.choices);
    if (row.isForTests) option.helpGroup("Options for tests:");
    if (row.most !== undefined) {
      option.argParser((text: string, before: readonly string[] = []) => [...before, text]);
    }
    command.addOption(option);
  }
  return command;
}

/**
 * The texts typed for the options of a table.
 * @param flags as they come out of the parser
 * @example typedOf([row], { maxconnections: "8" }).get(row) // ["8"]
 */
export function typedOf(
  rows: readonly OptionRow[],
  flags: Readonly<Record<string, unknown>>,
): Typed {
  const typed = new Map<OptionRow, readonly string[]>();
  for (const row of rows) {
    const value = flags[new Option(row.flags).attributeName()];
    if (value === undefined) continue;
    typed.set(row, Array.isArray(value) ? value : value === true ? [] : [String(value)]);
  }
  return typed;
}
