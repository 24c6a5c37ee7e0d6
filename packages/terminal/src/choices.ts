import type { Option } from "commander";

/**
 * Lets a shell complete the values of an option. Whether a value is one of them is for the option's own parser to say.
 * @example withChoices(new Option("--network <name>"), ["devnet", "regtest"]).long // "--network"
 */
export function withChoices(option: Option, choices: readonly string[]): Option {
  option.argChoices = [...choices];
  return option;
}
