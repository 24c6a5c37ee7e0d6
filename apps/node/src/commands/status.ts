import { parseIdentity, verifierInWords } from "@chain/fullnode";
import {
  type Context,
  formatJson,
  formatTable,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { needControl } from "../running.ts";

interface Flags extends IdentityFlags {
  readonly json?: true;
}

export function addStatus(program: Command, { env, io }: Context): void {
  const command = program
    .command("status")
    .description("tell how the running node is doing")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node status --json").action(
    async (flags: Flags) => {
      const control = await needControl(parseIdentity(flags, env), flags);
      const { genesis: _long, ...info } = await control.info();
      if (flags.json) {
        await io.write(formatJson({ ...info, genesis_hash: control.params.genesis.hash }));
        return;
      }
      const peers = `${info.connections_in} in, ${info.connections_out} out`;
      await io.write(
        formatTable([
          ["node", `${info.node_id} (${info.role}), process ${info.pid}, up ${info.uptime} s`],
          ["network", `${info.network}, genesis ${control.params.genesis.hash}`],
          ["height", `${info.height} of ${info.headers}`],
          ["tip", info.bestblockhash],
          ["peers", peers],
          ["mempool", `${info.mempool} transactions`],
          ["signatures", `checked by ${verifierInWords(info.signatures)}`],
          ...info.warnings.map((warning) => ["warning", warning]),
        ]),
      );
    },
  );
}
