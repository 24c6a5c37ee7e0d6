/** The examples of a package's README, run from source as a project of its own would run them. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundled } from "./bundled.ts";
import { temporaryDirectory } from "./place.ts";

const PACKAGES = fileURLToPath(new URL("../../", import.meta.url));

/** The blocks fenced as `ts`. @param name the folder of the package: `fullnode` */
export async function readmeExamples(name: string): Promise<string[]> {
  const readme = await readFile(join(PACKAGES, name, "README.md"), "utf8");
  return [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
}

/** Runs an example in an empty folder, where it finds the packages under their names. @returns its output */
export async function runExample(code: string): Promise<{ stdout: string; stderr: string }> {
  const project = await temporaryDirectory();
  const modules = join(project, "node_modules", "@chain");
  await mkdir(modules, { recursive: true });
  for (const name of await readdir(PACKAGES)) {
    await symlink(join(PACKAGES, name), join(modules, name));
  }
  await writeFile(join(project, "package.json"), '{"type":"module"}');
  await writeFile(join(project, "example.ts"), code);
  const program = await bundled(join(project, "example.ts"));
  return promisify(execFile)(process.execPath, [program], { cwd: project });
}
