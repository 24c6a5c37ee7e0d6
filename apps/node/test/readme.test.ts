import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { run } from "../src/cli.ts";
import { temporaryDirectory } from "./support/place.ts";
import { TestIo } from "./support/testIo.ts";

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

it("the example of the README runs", async () => {
  const readme = await readFile(fromHere("../README.md"), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const project = await temporaryDirectory();
  await mkdir(join(project, "node_modules", "@chain"), { recursive: true });
  await symlink(fromHere("../../../packages/core"), join(project, "node_modules/@chain/core"));
  await symlink(fromHere(".."), join(project, "node_modules/chain-node"));
  await writeFile(join(project, "package.json"), '{"type":"module"}');
  await writeFile(join(project, "example.ts"), example);
  const argv = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx"), "example.ts"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { cwd: project });
  expect(stderr).toBe("");
  expect(stdout).toBe("block-connected\ntip-changed\n");
});

it("the README names every command and option", async () => {
  const readme = await readFile(fromHere("../README.md"), "utf8");
  const help = async (...argv: string[]) => {
    const io = new TestIo();
    await run([...argv, "--help"], {}, io);
    return io.out;
  };
  const commands = [...(await help()).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(
    ([, name]) => name ?? "",
  );
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) {
    expect(readme).toContain(`\`${command}`);
    for (const [, option] of (await help(command)).matchAll(/^ {2}(--[a-z-]+)/gm)) {
      expect(readme).toContain(option);
    }
  }
});
