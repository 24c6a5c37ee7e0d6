import { ChainError, type Milliseconds } from "@chain/core";
import { messageOf, systemCode, UserError } from "@chain/fullnode";
import { failureLine, unexpected, wantsJson } from "./failure.ts";

/** The streams and signals of a program; tests hand in others. */
export interface ProgramIo {
  /**
   * Writes to standard output; resolves when more may follow.
   * @throws OutputClosed when the reader has gone; UserError `io` where it can't be written, as on a full disk.
   */
  write(text: string): Promise<void>;
  /** Writes to standard error. */
  writeError(text: string): void;
  /** Whether standard output understands colours. */
  readonly colour: boolean;
  /** Calls back when the user asks the program to end (Ctrl-C, SIGTERM). @returns a function that ends that */
  onStop(listener: () => void): () => void;
}

/** The reader of our output has gone (`| head`), which is no mistake, but a reason to end. */
export class OutputClosed extends ChainError<"EPIPE"> {
  override readonly name = "OutputClosed";
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type StopSignal = (typeof SIGNALS)[number];
/** How long the program may take to end after a mistake of its own. Milliseconds. */
const LAST_WISH: Milliseconds = 5_000;

/**
 * The real world. Call it once. An error that is not caught is told in one line, asks the program to end as a signal
 * does, and makes its exit code 1: set `process.exitCode ??= …` at the end.
 * @param argv the arguments of the program, which may ask for JSON
 * @param signals those by which a user asks it to end
 * @param again the effect of a second one: `exit` ends the process at once, `wait` changes nothing
 * @example typeof processIo // "function": it takes over the streams of the process
 */
export function processIo(
  argv: readonly string[] = process.argv.slice(2),
  signals: readonly StopSignal[] = SIGNALS,
  again: "exit" | "wait" = "exit",
): ProgramIo {
  const { stdout, stderr } = process;
  let failure: OutputClosed | UserError | undefined;
  const listeners = new Set<() => void>();
  const die = (error: unknown) => {
    stderr.write(failureLine(unexpected(error), wantsJson(argv)));
    // The second signal, or nothing to clean up.
    if (process.exitCode === 1 || listeners.size === 0) process.exit(1);
    process.exitCode = 1;
    for (const listener of listeners) listener();
    setTimeout(() => process.exit(1), LAST_WISH).unref();
  };
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
  // Without a listener, the first write after `| head` has ended would end us with a stack trace.
  stdout.on("error", (error) => {
    failure ??= outputError(error);
  });
  stderr.on("error", () => {});
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) reject(failure);
        else {
          stdout.write(text, (error) => {
            if (error) reject(outputError(error));
            else resolve();
          });
        }
      }),
    writeError: (text) => void stderr.write(text),
    colour: stdout.isTTY === true && !process.env["NO_COLOR"],
    onStop: (listener) => {
      let asked = false;
      const stop = (_name: string, signal: number) => {
        // A user that asks twice does not want to wait.
        if (asked && again === "exit") process.exit(128 + signal);
        if (asked) return;
        asked = true;
        listener();
      };
      for (const name of signals) process.on(name, stop);
      listeners.add(listener);
      return () => {
        for (const name of signals) process.off(name, stop);
        listeners.delete(listener);
      };
    },
  };
}

function outputError(error: Error): OutputClosed | UserError {
  if (["EPIPE", "ECONNRESET"].includes(systemCode(error) ?? "")) {
    return new OutputClosed("EPIPE", "the reader of the output has gone");
  }
  const message = `can't write the output: ${messageOf(error)}`;
  return new UserError("io", message, { cause: error });
}
