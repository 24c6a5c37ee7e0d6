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

/** Advice about an option of the library's, in the words of the command line: by the error's code and the option. */
const OPTION_HINTS: Readonly<Record<string, string>> = {
  "io datadir": "; choose another with --datadir",
  "in-use port": "; choose another NODE_ID",
  "exists port": ", or choose another NODE_ID",
  "usage bind": ": see --bind",
  "usage nodeId": " or add --port, for example --port 3000",
  "usage payTo": ": add --miner ADDRESS",
  "io rpcbind": ": see --rpcbind",
  "in-use rpcport": " by --rpcport",
  "io rpcport": " by --rpcport",
  "no-chain genesis":
    " (--genesis FILE, from `chain-node genesis --out FILE` there), or begin a new chain with " +
    "`chain-node createblockchain --address ADDRESS`",
};

/** The message of an error that names an option of the library's, with the flag that it has here. */
function withFlag(error: unknown): string {
  const message = messageOf(error);
  const option = isChainError(error) ? error.data["option"] : undefined;
  if (!isChainError(error) || typeof option !== "string") return message;
  const isNamed = error.code === "usage" && /^[a-z]/.test(option);
  const flag = isNamed && message.startsWith(`${option} `) ? "--" : "";
  return `${flag}${message}${OPTION_HINTS[`${error.code} ${option}`] ?? ""}`;
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
  const message = `${withFlag(error)}${hint}`;
  // A class of ours, or the system's word on a file: made to be read. Anything else is a mistake in the program.
  if (isChainError(error) && error.code !== "invalid-argument")
    return { code: String(error.code), message };
  if (systemCode(error) !== undefined) return { code: "io" satisfies UserError["code"], message };
  return unexpected(error);
}
