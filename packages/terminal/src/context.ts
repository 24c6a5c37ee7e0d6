import { oneLine } from "@chain/fullnode";
import type { Environment } from "./environment.ts";
import { wantsJson } from "./failure.ts";
import type { ProgramIo } from "./io.ts";

/** The parts of the world that a command sees. */
export interface Context {
  readonly env: Environment;
  readonly io: ProgramIo;
  /** Tells something on standard error that is no mistake, such as why it takes longer. */
  readonly say: (sentence: string) => void;
}

/**
 * The context of the commands of a program. With `--json`, what it says is a line of JSON: `{"notice":"…"}`.
 * @example createContext(["status"], {}, io).io === io // true
 */
export function createContext(argv: readonly string[], env: Environment, io: ProgramIo): Context {
  const asJson = wantsJson(argv);
  return {
    env,
    io,
    say: (sentence) => {
      const notice = oneLine(sentence);
      io.writeError(`${asJson ? JSON.stringify({ notice }) : notice}\n`);
    },
  };
}
