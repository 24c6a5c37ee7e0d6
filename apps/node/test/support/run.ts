import { TestIo } from "@chain/testing/testIo";
import { run } from "../../src/cli.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the program in this process. */
export async function runProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const io = new TestIo();
  const code = await run(argv, env, io);
  return { code, out: io.out, error: io.error };
}
