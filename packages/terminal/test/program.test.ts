import { RpcError, UserError } from "@chain/fullnode";
import { TestIo } from "@chain/testing/testIo";
import { expect, test } from "vitest";
import { createProgram, runProgram } from "../src/program.ts";

test.each<[string, Error, string]>([
  // A payment was sent, and the block that it was to go into is refused: no mistake of the program.
  [
    "the node says no",
    new RpcError(-1, "the clock was set back"),
    "error: the node refuses: the clock was set back\n",
  ],
  ["a person can help it", new UserError("usage", "do it\nright"), "error: do it right\n"],
  [
    "it is a mistake of ours",
    new TypeError("x is no function"),
    "error: unexpected, please report it: TypeError x is no function\n",
  ],
])("where %s, one line says so", async (_, thrown, line) => {
  const io = new TestIo();
  const program = createProgram({ name: "program", description: "tries", version: "1.0.0" });
  program.command("try").action(() => {
    throw thrown;
  });
  expect(await runProgram(program, ["try"], io)).toBe(1);
  expect({ out: io.out, error: io.error }).toEqual({ out: "", error: line });
});
