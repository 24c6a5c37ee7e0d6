/** How a mistake is told: in one line for people, or as one line of JSON for programs. */
import { isChainError } from "@chain/core";
import {
  isRepairable,
  messageOf,
  oneLine,
  REPAIR,
  RpcError,
  systemCode,
  type UserError,
} from "@chain/fullnode";
import { type Command, CommanderError } from "commander";
import type { Environment } from "./environment.ts";
import { explainUsage } from "./usage.ts";

/** A mistake as programs read it. */
export interface Failure {
  /**
   * `usage` for a command line that makes no sense, `refused` where the node says no, `io` for the disk or the system,
   * `unexpected` for a mistake of ours; else the code of the error class: those of `UserError` and of the libraries.
   */
  readonly code: string;
  /** One sentence: what is wrong, and where it is known what to do. */
  readonly message: string;
}

/** Whether the arguments ask for JSON. So does a command line that can't be parsed, because its caller is a program. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? undefined : end).some((text) => /^--?json(=|$)/.test(text));
}

/** The line on standard error that tells a mistake. */
export function failureLine({ code, message }: Failure, asJson: boolean): string {
  return asJson ? `${JSON.stringify({ error: { code, message } })}\n` : `error: ${message}\n`;
}

/** An error, told to the user of a program. */
export async function failureOf(
  error: unknown,
  program: Command,
  env: Environment,
): Promise<Failure> {
  const { code, message } = await explain(error, program, env);
  return { code, message: oneLine(message) };
}

/** A mistake that nothing catches. */
export function unexpected(error: unknown): Failure {
  const name = error instanceof Error && error.name !== "Error" ? `${error.name} ` : "";
  const message = `unexpected, please report it: ${name}${messageOf(error)}`;
  return { code: "unexpected", message: oneLine(message) };
}

/** Advice about an option of the library's, in the words of the command line. */
const OPTION_HINTS: Readonly<Record<string, string>> = {
  datadir: "; choose another with --datadir",
  port: "; choose another NODE_ID",
  bind: ": see --bind",
};

function optionHint(error: unknown): string {
  const option = isChainError(error) ? error.data["option"] : undefined;
  return typeof option === "string" ? (OPTION_HINTS[option] ?? "") : "";
}

async function explain(error: unknown, program: Command, env: Environment): Promise<Failure> {
  if (error instanceof CommanderError) {
    return { code: "usage", message: await explainUsage(error, program, env) };
  }
  // A node that runs says no to what a command asks of it.
  if (error instanceof RpcError) {
    return { code: "refused", message: `the node refuses: ${error.message}` };
  }
  const hint = isRepairable(error) ? `: ${REPAIR}` : "";
  const message = `${messageOf(error)}${hint}${optionHint(error)}`;
  // A class of ours, or the system's word on a file: made to be read. Anything else is a mistake in the program.
  if (isChainError(error) && error.code !== "invalid-argument")
    return { code: String(error.code), message };
  if (systemCode(error) !== undefined) return { code: "io" satisfies UserError["code"], message };
  return unexpected(error);
}
