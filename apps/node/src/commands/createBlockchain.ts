import {
  createDatabase,
  mineGenesis,
  parseAddress,
  parseIdentity,
  refuseExisting,
  UserError,
} from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";

interface Flags extends IdentityFlags {
  readonly address: string;
  readonly json?: true;
}

export function addCreateBlockchain(program: Command, { env, io }: Context): void {
  const command = program
    .command("createblockchain")
    .description("begin a new chain: mine its genesis block, which pays 10 coins to an address")
    .requiredOption("--address <address>", "receiver of the first 10 coins")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3000 chain-node createblockchain --address CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, env);
    const { network, nodeId, paths } = identity;
    if (network.genesis !== undefined) {
      const hint = `chain-node startnode --network ${network.name} begins with it`;
      throw new UserError("usage", `${network.name} has one genesis block for all: ${hint}`);
    }
    const payTo = parseAddress(flags.address, network, "--address");
    // Before the work of mining, not only after it.
    await refuseExisting(paths.database);
    const genesis = await mineGenesis(payTo);
    await createDatabase(identity, genesis);
    const { hash } = genesis;
    const text = `a new chain begins with genesis block ${hash}, in ${paths.database}\n`;
    const { database } = paths;
    const facts = { genesis_hash: hash, height: 0, node_id: nodeId, database };
    await io.write(flags.json ? formatJson(facts) : text);
  });
}
