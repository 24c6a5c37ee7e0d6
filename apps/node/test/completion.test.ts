/** Shells complete the command line of chain-node by the script that it prints. */
import { complete, hasShell, type Shell } from "@chain/testing/completion";
import { describe, expect, it } from "vitest";
import { runProgram } from "./support/run.ts";

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

async function scriptFor(shell: Shell): Promise<string> {
  const { code, out, error } = await runProgram(["completion", shell]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  return out;
}

for (const shell of SHELLS) {
  const where = hasShell(shell) ? "" : " (skipped: it is not installed here)";
  describe.skipIf(where !== "")(`${shell}${where}`, () => {
    it.each<[string[], string[]]>([
      [["st"], ["startnode", "status", "stop"]],
      [
        ["help", "rein"],
        ["reindex", "reindexutxo"],
      ],
      [["completion", "z"], ["zsh"]],
      [
        ["startnode", "--role", ""],
        ["central", "miner", "spv", "wallet"],
      ],
      [["startnode", "--port", "1", "--log", "j"], ["json"]],
      [
        ["startnode", "--debug", "m"],
        ["mempool", "miner"],
      ],
      [["status", "--network", "t"], ["testnet4"]],
      [["mine", "--bl"], ["--blocks"]],
      [["mine", "--blocks", ""], []],
      [["genesis", "--out", "package.js"], ["package.json"]],
    ])("%j", async (typed, offered) => {
      const words = complete(shell, await scriptFor(shell), ["chain-node", ...typed]);
      expect(words.toSorted()).toEqual(offered);
    });

    it("offers each command and each of its options", async () => {
      const script = await scriptFor(shell);
      const help = (await runProgram(["--help"])).out;
      const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? "");
      expect(complete(shell, script, ["chain-node", ""])).toEqual(expect.arrayContaining(commands));
      for (const command of commands.filter((name) => name !== "help")) {
        const { out } = await runProgram([command, "--help"]);
        const options = [...out.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
        const words = complete(shell, script, ["chain-node", command, "--"]);
        expect(words.toSorted(), command).toEqual(options.toSorted());
      }
    });
  });
}

it("bash takes a value behind = for three words", async () => {
  const words = ["chain-node", "status", "--network", "=", "reg"];
  expect(complete("bash", await scriptFor("bash"), words)).toEqual(["regtest"]);
});

it("names the shells there are", async () => {
  const { code, error } = await runProgram(["completion", "cmd"]);
  expect([code, error]).toEqual([1, "error: completion is for one of bash, zsh, fish\n"]);
});
