import { CoreError } from "@chain/core";
import { RpcError, UserError } from "@chain/fullnode";
import { TestIo } from "@chain/testing/testIo";
import { expect, test } from "vitest";
import { COMMANDS, NEXT_STEPS } from "../src/commands.ts";
import { createContext } from "../src/context.ts";
import { createProgram, runProgram, withExamples } from "../src/program.ts";

const CASES: [what: string, thrown: unknown, code: string, message: string][] = [
  // A payment was sent, and the block that it was to go into is refused: no mistake of the program.
  [
    "the node says no",
    new RpcError(-1, "the clock was set back"),
    "refused",
    "the node refuses: the clock was set back",
  ],
  ["a person can help it", new UserError("no-chain", "do it\nright"), "no-chain", "do it right"],
  ["a library says why", new CoreError("oversized", "it is large"), "oversized", "it is large"],
  [
    "the system says no",
    Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" }),
    "io",
    "EACCES: permission denied",
  ],
  [
    "it is a mistake of ours",
    new TypeError("x is no function"),
    "unexpected",
    "unexpected, please report it: TypeError x is no function",
  ],
  ["it is no error at all", "why", "unexpected", "unexpected, please report it: why"],
];

async function fails(thrown: unknown, ...argv: string[]): Promise<string> {
  const io = new TestIo();
  const program = createProgram({ name: "program", description: "tries", version: "1.0.0" });
  program
    .command("try")
    .option("--json")
    .option("--label <text>")
    .action(() => {
      throw thrown;
    });
  expect(await runProgram(program, ["try", ...argv], io)).toBe(1);
  expect(io.out).toBe("");
  return io.error;
}

test.each(CASES)("where %s, one line says so", async (_, thrown, code, message) => {
  expect(await fails(thrown)).toBe(`error: ${message}\n`);
  const json = `${JSON.stringify({ error: { code, message } })}\n`;
  expect(await fails(thrown, "--json")).toBe(json);
  expect(await fails(thrown, "-json")).toBe(json);
});

test("a command line that can't be parsed is told as JSON as well", async () => {
  const failure = JSON.parse(await fails("", "--json", "--oops"));
  expect(failure).toEqual({
    error: {
      code: "usage",
      message: "unknown option --oops: program try --help lists its options",
    },
  });
  expect(await fails("", "--", "--json")).toMatch(/^error: too many arguments/);
});

test("a notice is a line of its own, of JSON where JSON is asked for", () => {
  const say = (...argv: string[]) => {
    const io = new TestIo();
    createContext(argv, {}, io).say("waiting,\nbecause");
    return io.error;
  };
  expect(say("try")).toBe("waiting, because\n");
  expect(say("try", "--json")).toBe('{"notice":"waiting, because"}\n');
});

test("the next step of each command is a command of one of the programs", () => {
  const all = Object.values(COMMANDS).flat();
  expect(Object.keys(NEXT_STEPS).toSorted()).toEqual(all.toSorted());
  for (const step of Object.values(NEXT_STEPS)) {
    const [program = "", command] = step.split(" ");
    expect(COMMANDS[program as keyof typeof COMMANDS], step).toContain(command);
  }
});

test("help tells the next step, and gives names of commands no more room than they need", async () => {
  const io = new TestIo();
  const program = createProgram({ name: "chain-node", description: "A node", version: "1.0.0" });
  withExamples(program.command("stop").option("--json"), "chain-node stop");
  program.command("completion").argument("<shell>").description("print a script").option("--json");
  expect(await runProgram(program, ["--help"], io)).toBe(0);
  expect(io.out).toMatch(/^ {2}completion <shell> {2}print a script$/m);
  io.out = "";
  expect(await runProgram(program, ["stop", "--help"], io)).toBe(0);
  expect(io.out).toMatch(
    /\n\nExamples:\n {2}\$ chain-node stop\n\nNext step:\n {2}\$ chain-node startnode\n$/,
  );
});
