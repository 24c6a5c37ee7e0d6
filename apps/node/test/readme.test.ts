import { readFile } from "node:fs/promises";
import { TestIo } from "@chain/testing/testIo";
import { expect, it } from "vitest";
import { run } from "../src/cli.ts";

it("the README names every command and option", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const help = async (...argv: string[]) => {
    const io = new TestIo();
    await run([...argv, "--help"], {}, io);
    return io.out;
  };
  const commands = [...(await help()).matchAll(/^ {2}([a-z]+) {2}/gm)].map(
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
