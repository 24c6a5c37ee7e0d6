/** Programs that tests start from source. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Launcher {
  bundle(entry: string, folder: string): Promise<void>;
}

const made = new Map<string, Promise<string>>();

/**
 * A program in TypeScript as a file that Node runs: with all sources of ours in it, it starts in a third of the time that a
 * loader of TypeScript takes. Made once in a process.
 * @param program an absolute path
 */
export function bundled(program: string): Promise<string> {
  const known = made.get(program);
  if (known !== undefined) return known;
  const file = bundle(program);
  made.set(program, file);
  return file;
}

async function bundle(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "chain-program-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { bundle } = createRequire(import.meta.url)("../../../bin/launch.js") as Launcher;
  await bundle(program, join(folder, "program"));
  return join(folder, "program", "main.mjs");
}
