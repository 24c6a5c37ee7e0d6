import {
  addCompletion,
  createContext,
  createProgram,
  type ProgramIo,
  runProgram,
} from "@chain/terminal";
import { addBans } from "./commands/bans.ts";
import { addCreateBlockchain } from "./commands/createBlockchain.ts";
import { addDev } from "./commands/dev.ts";
import { addExport } from "./commands/export.ts";
import { addGenesis } from "./commands/genesis.ts";
import { addImport } from "./commands/import.ts";
import { addMine } from "./commands/mine.ts";
import { addPeers } from "./commands/peers.ts";
import { addPrintChain } from "./commands/printChain.ts";
import { addProve } from "./commands/prove.ts";
import { addReindex } from "./commands/reindex.ts";
import { addReindexUtxo } from "./commands/reindexUtxo.ts";
import { addStartNode } from "./commands/startNode.ts";
import { addStatus } from "./commands/status.ts";
import { addStop } from "./commands/stop.ts";
import { addVerify } from "./commands/verify.ts";
import { VERSION } from "./version.ts";

/**
 * The whole program as a function.
 * @returns the exit code: 0, or 1 after one line on standard error that says what is wrong.
 * @example process.exitCode = await run(["status"], process.env, processIo());
 */
export function run(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  io: ProgramIo,
): Promise<number> {
  const program = createProgram({
    name: "chain-node",
    description:
      "A full node of a Bitcoin-style chain. Says which node is meant by NODE_ID or --port.",
    version: VERSION,
    firstSteps: [
      "export NODE_ID=3000",
      "chain-wallet createwallet",
      "chain-node createblockchain --address ADDRESS",
      "chain-node startnode",
      "chain-node help startnode",
    ],
  });
  const context = createContext(argv, env, io);
  addCreateBlockchain(program, context);
  addGenesis(program, context);
  addStartNode(program, context);
  addStatus(program, context);
  addPeers(program, context);
  addBans(program, context);
  addMine(program, context);
  addStop(program, context);
  addPrintChain(program, context);
  addImport(program, context);
  addExport(program, context);
  addProve(program, context);
  addReindex(program, context);
  addReindexUtxo(program, context);
  addVerify(program, context);
  addDev(program, context);
  addCompletion(program, context);
  return runProgram(program, argv, io, env);
}
