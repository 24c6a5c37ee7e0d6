/** Shells complete the command line of chain-wallet by the script that it prints. */
import { COMMANDS } from "@chain/terminal";
import { complete, hasShell, type Shell } from "@chain/testing/completion";
import { TestIo } from "@chain/testing/testIo";
import { describe, expect, it } from "vitest";
import { run } from "../src/cli.ts";

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

async function printed(...args: readonly string[]): Promise<string> {
  const io = new TestIo();
  const code = await run(args, {}, io);
  expect({ code, error: io.error }).toEqual({ code: 0, error: "" });
  return io.out;
}

for (const shell of SHELLS) {
  const where = hasShell(shell) ? "" : " (skipped: it is not installed here)";
  describe.skipIf(where !== "")(`${shell}${where}`, () => {
    it.each<[string[], string[]]>([
      [["cr"], ["createwallet"]],
      [["e"], ["encryptwallet", "exportkey"]],
      [["help", "export"], ["exportkey"]],
      [["completion", "f"], ["fish"]],
      [["getbalance", "--network", "t"], ["testnet4"]],
      [["send", "--am"], ["--amount"]],
      [["send", "--amount", ""], []],
      [["send", "--change", "f"], ["fresh"]],
      [["createwallet", "--lab"], ["--label"]],
    ])("%j", async (typed, offered) => {
      const script = await printed("completion", shell);
      const words = complete(shell, script, ["chain-wallet", ...typed]);
      expect(words.toSorted()).toEqual(offered);
    });

    it("offers each command and each of its options", async () => {
      const script = await printed("completion", shell);
      const commands = [...COMMANDS["chain-wallet"], "completion"];
      expect(complete(shell, script, ["chain-wallet", ""])).toEqual(
        expect.arrayContaining([...commands, "help"]),
      );
      for (const command of commands) {
        const help = await printed(command, "--help");
        const options = [...help.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
        const words = complete(shell, script, ["chain-wallet", command, "--"]);
        expect(words.toSorted(), command).toEqual(options.toSorted());
      }
    });
  });
}
