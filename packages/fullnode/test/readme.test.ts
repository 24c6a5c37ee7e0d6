import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, it } from "vitest";

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

it("the example of the README runs", async () => {
  const readme = await readFile(fromHere("../README.md"), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const project = await temporaryDirectory();
  await mkdir(join(project, "node_modules", "@chain"), { recursive: true });
  await symlink(fromHere("../../core"), join(project, "node_modules/@chain/core"));
  await symlink(fromHere(".."), join(project, "node_modules/@chain/fullnode"));
  await writeFile(join(project, "package.json"), '{"type":"module"}');
  await writeFile(join(project, "example.ts"), example);
  const argv = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx"), "example.ts"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { cwd: project });
  expect(stderr).toBe("");
  expect(stdout).toBe("block-connected\ntip-changed\n");
});
