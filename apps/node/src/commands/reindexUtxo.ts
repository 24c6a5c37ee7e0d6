import { openOffline, openWhenFree, parseIdentity } from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import { formatAmount } from "@chain/wallet";
import type { Command } from "commander";

interface Flags extends IdentityFlags {
  readonly json?: true;
}

export function addReindexUtxo(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("reindexutxo")
    .description(
      "make the set of unspent outputs again from the stored blocks; the node must not run",
    )
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node reindexutxo").action(
    async (flags: Flags) => {
      const identity = parseIdentity(flags, env);
      const offline = await openWhenFree(identity, () => openOffline(identity), say);
      try {
        await offline.chain.reindexUtxo();
        const { tip, count, total, hash } = await offline.chain.coinStatistics();
        const { height } = tip;
        const facts = {
          height,
          bestblock: tip.hash,
          txouts: count,
          total_amount: formatAmount(total),
          coins_hash: hash,
        };
        const text = `${count} unspent outputs of ${formatAmount(total)} coins at height ${height}\n`;
        await io.write(flags.json ? formatJson(facts) : text);
      } finally {
        await offline.close();
      }
    },
  );
}
