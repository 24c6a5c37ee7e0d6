import type { ProgramIo } from "./io.ts";

/** What a command sees of the world. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly io: ProgramIo;
}
