/** The command `completion`, which both programs have. */
import { UserError } from "@chain/fullnode";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { withExamples } from "../program.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completedCommands } from "./words.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/**
 * Adds `completion`. The script that it prints is made of the commands of the program: add it last.
 * @example
 * addCompletion(program, context);
 * await runProgram(program, ["completion", "bash"], io) // 0
 * io.out.includes("chain-node")
 */
export function addCompletion(program: Command, { io }: Context): void {
  const name = program.name();
  const command = program
    .command("completion")
    .description("print a script with which a shell completes commands, options and their values")
    .argument("<shell>", "bash, zsh or fish")
    .option("--json", "print JSON: the script as a text");
  for (const argument of command.registeredArguments) argument.argChoices = Object.keys(SCRIPTS);
  withExamples(
    command,
    `source <(${name} completion bash)   # a line for ~/.bashrc`,
    `source <(${name} completion zsh)    # a line for ~/.zshrc, below compinit`,
    `${name} completion fish > ~/.config/fish/completions/${name}.fish`,
  ).action(async (shell: string, flags: { readonly json?: true }) => {
    if (!isShell(shell)) {
      const list = Object.keys(SCRIPTS).join(", ");
      throw new UserError("usage", `completion is for one of ${list}`);
    }
    const script = SCRIPTS[shell](name, completedCommands(program));
    await io.write(flags.json ? `${JSON.stringify({ shell, script })}\n` : script);
  });
}

function isShell(text: string): text is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, text);
}
