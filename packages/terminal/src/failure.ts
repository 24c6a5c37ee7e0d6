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
import { COMMANDS } from "./commands.ts";

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

/** What an error means to the user of a program. */
export function failureOf(error: unknown, program: Command): Failure {
  const { code, message } = explain(error, program);
  return { code, message: oneLine(message) };
}

/** A mistake that nothing catches. */
export function unexpected(error: unknown): Failure {
  const name = error instanceof Error && error.name !== "Error" ? `${error.name} ` : "";
  const message = `unexpected, please report it: ${name}${messageOf(error)}`;
  return { code: "unexpected", message: oneLine(message) };
}

function explain(error: unknown, program: Command): Failure {
  if (error instanceof CommanderError) {
    return { code: "usage", message: explainUsage(error, program) };
  }
  // A node that runs says no to what a command asks of it.
  if (error instanceof RpcError) {
    return { code: "refused", message: `the node refuses: ${error.message}` };
  }
  const hint = isRepairable(error) ? `: ${REPAIR}` : "";
  const message = `${messageOf(error)}${hint}`;
  // A class of ours, or the system's word on a file: made to be read. Anything else is a mistake in the program.
  if (isChainError(error) && error.code !== "invalid-argument")
    return { code: String(error.code), message };
  if (systemCode(error) !== undefined) return { code: "io" satisfies UserError["code"], message };
  return unexpected(error);
}

function explainUsage({ code, message }: CommanderError, program: Command): string {
  const named = program.args.find((word) => word !== "help");
  const other = Object.entries(COMMANDS).find(([, names]) => names.includes(named ?? ""));
  const isUnknown = code === "commander.unknownCommand" || code === "commander.help";
  if (isUnknown && other !== undefined && other[0] !== program.name()) {
    return `${named} is a command of ${other[0]}`;
  }
  // Without a command, the parser prints its help.
  if (code === "commander.help") return `which command? ${program.name()} --help lists them`;
  return message.replace(/^error: /, "");
}
