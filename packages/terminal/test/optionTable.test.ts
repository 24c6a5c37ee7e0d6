import { TestIo } from "@chain/testing/testIo";
import { expect, it } from "vitest";
import { type OptionRow, type Typed, typedOf, withOptions } from "../src/optionTable.ts";
import { createProgram, runProgram } from "../src/program.ts";

const ROWS: readonly OptionRow[] = [
  { flags: "--warp <factor>", group: "a", help: "go faster", isForTests: true },
  { flags: "--speed <number>", group: "a", help: "how fast" },
  { flags: "--anchor <place>", group: "b", help: "where to stay", most: 3 },
  { flags: "--lazy-start", group: "b", help: "begin later" },
];

async function run(...argv: string[]) {
  const io = new TestIo();
  const program = createProgram({ name: "ship", description: "sails", version: "1.0.0" });
  let typed: Typed = new Map();
  withOptions(program.command("sail"), ROWS).action((flags) => {
    typed = typedOf(ROWS, flags);
  });
  const code = await runProgram(program, ["sail", ...argv], io);
  const texts = Object.fromEntries([...typed].map(([{ flags }, text]) => [flags, text]));
  return { code, texts, out: io.out, error: io.error };
}

it("hands out what was typed, in both spellings, and nothing of what was not", async () => {
  const argv = ["-anchor=x", "--anchor", "y", "--lazy-start", "-speed", "3"];
  expect((await run(...argv)).texts).toEqual({
    "--anchor <place>": ["x", "y"],
    "--lazy-start": [],
    "--speed <number>": ["3"],
  });
  expect((await run()).texts).toEqual({});
});

it("takes an option twice only where its row says so", async () => {
  expect(await run("--speed", "3", "-speed=4")).toMatchObject({
    code: 1,
    error: "error: --speed is given more than once\n",
  });
});

it("shows options in order, those for tests below, and which may be given again", async () => {
  const { out } = await run("--help");
  expect(out).toMatch(
    /Options:\n {2}--anchor <place> +where to stay; may be given more\s+than once\n {2}-h, --help .*\n {2}--lazy-start .*\n {2}--speed <number> .*\n\nOptions for tests:\n {2}--warp <factor> /,
  );
});
