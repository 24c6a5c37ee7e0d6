import { ChainError } from "@chain/core";
import { requireString } from "@chain/core/arguments";

export type UserErrorCode =
  | "usage" // the command line, an option or an environment variable
  | "exists" // would overwrite something
  | "no-chain" // this node has no chain yet
  | "no-node" // it takes a running node, and none runs
  | "in-use" // another process has the database or the port
  | "wrong-chain" // a peer or a database of another chain
  | "unreachable" // a node could not be reached, or did not answer in time: nothing has changed
  | "uncertain" // a node did not say what became of what it was sent
  | "damaged" // a file that is not what it should be
  | "refused" // a node said no
  | "io"; // the disk or the system said no

/**
 * Something that the person at the terminal can do something about: one line that says what is wrong and, where it can
 * be known, what to do. Programs show the message and nothing else.
 */
export class UserError extends ChainError<UserErrorCode> {
  override readonly name = "UserError";
}

/**
 * The name that the system has for a failed call (`ENOENT`, …); `undefined` for other errors.
 * @example systemCode(Object.assign(new Error(), { code: "ENOENT" })) // "ENOENT"
 */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * The message of anything that was thrown.
 * @example messageOf(new Error("no room")) // "no room"
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Without anything that moves the cursor: names of files and what peers say end up in messages.
 * @example oneLine("two\nlines").includes("\n") // false
 */
export function oneLine(text: string): string {
  requireString(text, "text");

  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
}

/**
 * A user's input, fit for a line of text.
 * @example quote("C1") // "\"C1\""
 */
export function quote(text: string): string {
  requireString(text, "text");

  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
