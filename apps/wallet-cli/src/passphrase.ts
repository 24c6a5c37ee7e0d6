import { UserError } from "@chain/fullnode";
import type { Context } from "@chain/terminal";

/** Where a program finds the passphrase, so that scripts need no terminal and no secret stands in a command line. */
const VARIABLE = "CHAIN_PASSPHRASE";

/** From the variable, or else typed without being shown. @throws UserError where there is neither. */
export function askPassphrase(question: string, context: Context): Promise<string> {
  return ask(question, VARIABLE, context);
}

/** The same for a new one, which is typed twice. */
export async function askNewPassphrase(context: Context): Promise<string> {
  const variable = "CHAIN_NEW_PASSPHRASE";
  const first = await ask("New passphrase", variable, context);
  if (context.env[variable] !== undefined) return first;
  if ((await ask("Once more", variable, context)) !== first) {
    throw new UserError("usage", "the two passphrases differ; nothing was changed");
  }
  return first;
}

async function ask(question: string, variable: string, { env }: Context): Promise<string> {
  const given = env[variable];
  if (given !== undefined) return given;
  if (process.stdin.isTTY !== true) {
    throw new UserError(
      "usage",
      `${question.toLowerCase()}: set ${variable}, or run in a terminal`,
    );
  }
  try {
    // Loaded here, because most commands ask for nothing.
    const { default: password } = await import("@inquirer/password");
    return await password({ message: question, mask: true }, { output: process.stderr });
  } catch (error) {
    if (error instanceof Error && error.name === "ExitPromptError") {
      throw new UserError("usage", "no passphrase given", { cause: error });
    }
    throw error;
  }
}
