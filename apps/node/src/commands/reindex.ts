import {
  explained,
  openChain,
  openWhenFree,
  parseIdentity,
  readGenesisFile,
} from "@chain/fullnode";
import { rebuildLevelStore } from "@chain/storage/level";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import { formatAmount } from "@chain/wallet";
import type { Command } from "commander";
import { teller } from "./teller.ts";

interface Flags extends IdentityFlags {
  readonly genesis?: string;
  readonly json?: true;
}

/** `reindex`: everything but the blocks made again from the blocks. Core: -reindex. */
export function addReindex(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("reindex")
    .description("make the database again from the block files, for any damage in it")
    .option("--genesis <file>", "the genesis block, where the block files have lost it")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node reindex").action(
    async (flags: Flags) => {
      const identity = parseIdentity(flags, env);
      const { database } = identity.paths;
      const named = flags.genesis === undefined ? undefined : await readGenesisFile(flags.genesis);
      const genesis = named ?? identity.network.genesis;
      const tell = teller(say);
      const rebuild = () =>
        rebuildLevelStore(database, {
          genesis,
          onProgress: ({ done, total }) =>
            tell(() => `reading blocks: ${Math.floor((100 * done) / total)} %`),
        });
      const rebuilt = await openWhenFree(identity, () => explained(database, rebuild), say);
      const open = () =>
        openChain(identity, {
          log: () => {},
          genesis: named,
          onProgress: (height, goal) => tell(() => `connecting blocks: ${height} of ${goal}`),
        });
      const { chain } = await openWhenFree(identity, open, say);
      try {
        const { tip, count, total } = await chain.coinStatistics();
        const { height, hash } = tip;
        const { blocks, damaged, orphans } = rebuilt;
        const lost =
          damaged + orphans === 0
            ? ""
            : `; ${damaged} places of the block files can't be read, and ${orphans} blocks behind them are left out: a node gets them from its peers`;
        const text = `${blocks} blocks, ${count} unspent outputs of ${formatAmount(total)} coins at height ${height}${lost}\n`;
        const facts = {
          ...{ height, bestblock: hash, blocks, damaged, orphans },
          ...{ txouts: count, total_amount: formatAmount(total) },
        };
        await io.write(flags.json ? formatJson(facts) : text);
      } finally {
        await chain.close();
      }
    },
  );
}
