/** The guard of `loopback/guard.cjs` for programs from source: tests, demo and benchmarks stay on this machine. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

interface Guard {
  readonly NOTES: string;
  readonly TEST: string;
  readonly ALLOWED: string;
}

/** An attempt to leave this machine. */
export interface OutsideNote {
  readonly verb: string;
  readonly target: string;
  readonly test?: string;
}

/** The file that a program of Node's loads first, with `--require`, where it is not started by one that is guarded. */
export const GUARD: string = fileURLToPath(new URL("loopback/guard.cjs", import.meta.url));

/**
 * Arguments of `startnode` for a node that calls those that it is told to, or else a port where nobody listens; without
 * them it would call the default port, and look for others.
 */
export function told(args: readonly string[]): string[] {
  const isTold = args.some((arg) => arg === "--connect" || arg === "--addnode");
  return isTold ? [...args] : [...args, "--connect", "127.0.0.1:1"];
}

/** Guards this process and all that it starts from now on. @returns the names of the guard's variables */
export function stayOnLoopback(): Guard {
  return createRequire(import.meta.url)(GUARD) as Guard;
}

/** The attempts that were noted for a test, or for a file outside of its tests. */
export function outsideNotes(test: string): readonly OutsideNote[] {
  const file = process.env[stayOnLoopback().NOTES];
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  // Another process may be writing the last.
  const notes = lines.slice(0, -1).map((line) => JSON.parse(line) as OutsideNote);
  return notes.filter((note) => note.test === test);
}

/**
 * The one exemption: an environment for a package manager that fetches from the registry. Its children are exempt too.
 * @param why for people who look for exemptions: what is fetched
 */
export function withRegistry(why: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, [stayOnLoopback().ALLOWED]: why };
}
