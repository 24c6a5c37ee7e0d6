import { rm } from "node:fs/promises";
import * as z from "zod/mini";
import { systemCode, UserError } from "../errors.ts";
import { readTextFile, writeSecret } from "../files.ts";
import { cannotRead } from "../systemWords.ts";

/** How to talk to a running node: what its control file says. */
export interface ControlFile {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly cookie: string;
  readonly pid: number;
  readonly nodeId: number;
}

const controlFile: z.ZodMiniType<ControlFile> = z.object({
  host: z.literal("127.0.0.1"),
  port: z.int().check(z.minimum(1), z.maximum(65_535)),
  cookie: z.string().check(z.minLength(32), z.maxLength(256)),
  pid: z.int().check(z.minimum(1)),
  nodeId: z.int(),
});

/** Longer than any control file. */
const MAX_LENGTH = 4096;

/** Writes the file. @throws UserError `io` */
export function writeControlFile(path: string, content: ControlFile): Promise<void> {
  return writeSecret(path, `${JSON.stringify(content)}\n`, { what: "the control file" });
}

/** The contents of the file; `undefined` where there is none, or none that we could have written. */
export async function readControlFile(path: string): Promise<ControlFile | undefined> {
  let text: string;
  try {
    text = await readTextFile(path, MAX_LENGTH);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof UserError) return undefined;
    throw cannotRead("the control file", path, error);
  }
  try {
    return controlFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Removes the file, unless another process has put its own there. */
export async function removeControlFile(path: string, cookie: string): Promise<void> {
  const current = await readControlFile(path);
  if (current?.cookie === cookie) await rm(path, { force: true });
}
