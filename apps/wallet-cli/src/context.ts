import type { ProgramIo } from "chain-node";

/** What a command sees of the world. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly io: ProgramIo;
}
