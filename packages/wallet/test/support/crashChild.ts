/**
 * A process that writes a file through `walletFile` and kills itself at the given operation on files (0: never).
 * Prints each line that it added once that is said to be safe, and how many operations the last one took.
 */
import { writeSync } from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const [, , path = "", fatal = "0"] = process.argv;
let operations = 0;
let disturbed = false;

/** Counts an operation, and dies before it when its turn has come. */
function step(): void {
  operations++;
  if (operations === Number(fatal) && disturbed) process.kill(process.pid, "SIGKILL");
}

function counted<Arguments extends unknown[], Result>(
  operation: (...args: Arguments) => Promise<Result>,
): (...args: Arguments) => Promise<Result> {
  return (...args) => {
    step();
    return operation(...args);
  };
}

// The functions that file.ts and lock.ts import from node:fs/promises are exchanged before they are loaded.
const { open } = fs;
fs.rename = counted(fs.rename);
fs.rm = counted(fs.rm);
fs.open = counted(async (...args: Parameters<typeof open>): Promise<FileHandle> => {
  const file = await open(...args);
  file.sync = counted(file.sync.bind(file));
  file.writeFile = counted(async (content: unknown): Promise<void> => {
    // Torn in the middle: half of it is written before the next step, which may be the last.
    const text = content as string;
    await file.write(text.slice(0, text.length / 2));
    step();
    await file.write(text.slice(text.length / 2));
  });
  return file;
});
syncBuiltinESMExports();

const { walletFile } = await import("../../src/file.ts");
const storage = walletFile(path);
// The first line is added undisturbed, the second one not.
for (const line of ["first", "second"]) {
  disturbed = line === "second";
  operations = 0;
  await storage.update((text = "") => `${text}${line}\n`);
  writeSync(1, `${line}\n`);
}
writeSync(1, `${operations}\n`);
