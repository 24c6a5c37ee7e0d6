import { parseAddress, parseIdentity, RpcError, UserError } from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  parseWhole,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { needControl } from "../running.ts";

interface Flags extends IdentityFlags {
  readonly address: string;
  readonly blocks: string;
  readonly json?: true;
}

const MAX_BLOCKS = 1000;

export function addMine(program: Command, { env, io }: Context): void {
  const command = program
    .command("mine")
    .description("have the running node mine blocks now, with unconfirmed transactions")
    .requiredOption("--address <address>", "receiver of the reward")
    .option("--blocks <number>", "how many", "1")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3000 chain-node mine --address CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG --blocks 3",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, env);
    const { address } = flags;
    parseAddress(address, identity.network, "--address");
    const count = parseWhole(flags.blocks, "--blocks", 1, MAX_BLOCKS);
    const control = await needControl(identity, flags);
    const hashes: string[] = [];
    try {
      // One by one, so that each shows as it comes.
      while (hashes.length < count) {
        const { hash, height } = await control.mine(address);
        hashes.push(hash);
        if (!flags.json) await io.write(`block ${height}: ${hash}\n`);
      }
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      throw new UserError("refused", `node ${identity.nodeId}: ${error.message}`, { cause: error });
    }
    if (flags.json) await io.write(formatJson(hashes));
  });
}
