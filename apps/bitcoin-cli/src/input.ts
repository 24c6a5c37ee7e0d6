/** Standard input, a line at a time. Core: compat/stdin.cpp. */
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { type Readable, Writable } from "node:stream";

export interface Input {
  /** The next line; on a terminal it is asked for by this prompt, and does not appear. `undefined` at the end. */
  secret(prompt: string): Promise<string | undefined>;
  /** All lines that are left. */
  rest(): Promise<string[]>;
}

/** The streams that lines are read from and prompts are shown on. */
export interface InputStreams {
  /** A terminal, a pipe or a file. */
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** That of the process. Nothing is read, and nothing kept waiting, until a line is asked for. */
export function processInput({ stdin, stdout, stderr }: InputStreams = process): Input {
  const setWaiting = (waits: boolean) => {
    if (stdin instanceof Socket) stdin[waits ? "ref" : "unref"]();
  };
  let isSecret = false;
  let lines: AsyncIterator<string> | undefined;
  const next = async (): Promise<string | undefined> => {
    lines ??= createInterface({
      input: stdin,
      terminal: stdin.isTTY === true,
      output: new Writable({
        write: (bytes, _, done) => {
          if (!isSecret) stdout.write(bytes);
          done();
        },
      }),
    })[Symbol.asyncIterator]();
    const { done, value } = await lines.next();
    return done === true ? undefined : value;
  };
  return {
    secret: async (prompt) => {
      isSecret = true;
      if (stdin.isTTY === true) stderr.write(prompt);
      const line = await next();
      if (stdin.isTTY === true) stdout.write("\n");
      isSecret = false;
      // A process that has its line does not wait for more. A file, which is no socket, keeps none waiting.
      setWaiting(false);
      return line;
    },
    rest: async () => {
      setWaiting(true);
      const all: string[] = [];
      for (let line = await next(); line !== undefined; line = await next()) all.push(line);
      return all;
    },
  };
}
