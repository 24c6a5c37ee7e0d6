import { present } from "@chain/core/arguments";

/** A flag of more than one letter behind a single dash: the tutorial writes `-address`. */
const SINGLE_DASH = /^-[a-z][a-z0-9-]+(?:=|$)/i;

/**
 * Arguments in the spelling that the parser knows: `-address A` becomes `--address A`, `-address=A` too. The argument
 * behind a flag that takes a value is left alone, and so is everything after `--`.
 * @param takesValue whether a flag, with both dashes, takes the next argument as its value
 * @example normaliseArguments(["send", "-from", "A"], (flag) => flag === "--from") // ["send", "--from", "A"]
 */
export function normaliseArguments(
  argv: readonly string[],
  takesValue: (flag: string) => boolean = () => false,
): string[] {
  const normalised: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = present(argv[i], "argv[i]");
    if (argument === "--") return [...normalised, ...argv.slice(i)];
    const flag = SINGLE_DASH.test(argument) ? `-${argument}` : argument;
    normalised.push(flag);
    const value = argv[i + 1];
    if (takesValue(flag) && value !== undefined) {
      normalised.push(value);
      i++;
    }
  }
  return normalised;
}
