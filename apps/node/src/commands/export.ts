import {
  cannotWrite,
  exportBlocks,
  openOffline,
  openWhenFree,
  parseIdentity,
  systemCode,
} from "@chain/fullnode";
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
  readonly from: string;
  readonly to?: string;
  readonly json?: true;
}

/** `export`: writes the blocks of the best chain into a file that Bitcoin Core reads. */
export function addExport(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("export <file>")
    .description(
      "write the blocks of the best chain into a file, which import and Bitcoin Core's -loadblock take. The node must not run",
    )
    .option("--from <height>", "the first block", "0")
    .option("--to <height>", "the last block (default: the tip)")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node export bootstrap.dat").action(
    async (path: string, flags: Flags) => {
      const identity = parseIdentity(flags, env);
      const height = whole(0, 0xffff_ffff);
      const from = height(flags.from, "--from");
      const to = flags.to === undefined ? undefined : height(flags.to, "--to");
      const offline = await openWhenFree(identity, () => openOffline(identity), say);
      const signal = { aborted: false };
      const forget = io.onStop(() => {
        signal.aborted = true;
      });
      try {
        const tell = teller(say);
        const onProgress = (done: number, total: number) =>
          tell(() => `writing blocks: ${done} of ${total}`);
        const count = await written(path, () =>
          exportBlocks(offline.chain, path, { from, to, signal, onProgress }),
        );
        const last = from + (count ?? 0) - 1;
        const text =
          count === undefined
            ? "it was stopped, and no file is written\n"
            : `blocks of heights ${from} to ${last} are in ${path}\n`;
        const facts = count === undefined ? { path: null } : { path, from, to: last };
        await io.write(flags.json ? formatJson(facts) : text);
      } finally {
        forget();
        await offline.close();
      }
    },
  );
}

async function written<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw systemCode(error) === undefined ? error : cannotWrite("the file of blocks", path, error);
  }
}
