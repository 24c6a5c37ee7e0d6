import { openOffline, openWhenFree, parseIdentity, UserError } from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { whole } from "./parsers.ts";
import { teller } from "./teller.ts";

interface Flags extends IdentityFlags {
  readonly level: string;
  readonly blocks: string;
  readonly json?: true;
}

/** `verify`: reads what is stored, as deeply as is asked, and says what is wrong. Core: verifychain. */
export function addVerify(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("verify")
    .description("verify the last blocks, undo data and coins on disk; the node must not run")
    .option(
      "--level <n>",
      "0: blocks can be read; 1: they are valid; 2: undo data; 3: they can be disconnected from the coins; 4: and connected again, with all scripts",
      "3",
    )
    .option("--blocks <n>", "how many blocks, from the tip down; 0: all", "6")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node verify --level 4 --blocks 0").action(
    async (flags: Flags) => {
      const identity = parseIdentity(flags, env);
      const level = whole(0, 4)(flags.level, "--level");
      const blocks = whole(0, 0xffff_ffff)(flags.blocks, "--blocks");
      const offline = await openWhenFree(identity, () => openOffline(identity), say);
      try {
        const tell = teller(say);
        const onProgress = (done: number, total: number) =>
          tell(() => `verifying blocks: ${done} of ${total}`);
        const result = await offline.chain.verify({ level, blocks, onProgress });
        if (!result.ok) {
          const { height, hash } = result.node;
          const advice = "chain-node reindex makes the database again from the block files";
          const message = `block ${hash} at height ${height}: ${result.why}; ${advice}`;
          throw new UserError("damaged", message);
        }
        const { height, hash } = offline.chain.tip;
        const { isComplete, disconnected } = result;
        const facts = {
          ...{ height, bestblock: hash, level, blocks: result.blocks },
          ...{ disconnected, complete: isComplete },
        };
        const text = `${result.blocks} blocks below height ${height} are good at level ${level}${level > 2 ? `, ${disconnected} of them with their coins` : ""}\n`;
        await io.write(flags.json ? formatJson(facts) : text);
      } finally {
        await offline.close();
      }
    },
  );
}
