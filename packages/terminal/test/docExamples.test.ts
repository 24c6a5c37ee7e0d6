import { testDocExamples } from "@chain/testing/docExamples";
import { TestIo } from "@chain/testing/testIo";
import { Command, Option } from "commander";
import * as bitcoin from "../src/bitcoin.ts";
import * as terminal from "../src/index.ts";

testDocExamples("terminal", { ...terminal, ...bitcoin }, () => {
  const io = new TestIo();
  const program = terminal.createProgram({
    name: "chain-node",
    description: "A node",
    version: "1",
  });
  program.command("status").action(() => io.write("fine\n"));
  const row = {
    flags: "--maxconnections <number>",
    group: "Peers",
    help: "how many peers at most",
  };
  return { Command, Option, io, program, row, context: terminal.createContext([], {}, io) };
});
