import type { LogCategory, PeerAddress } from "@chain/engine";
import {
  type NodeConfig,
  type NodeRole,
  networkOf,
  parseAddress,
  parseIdentity,
  parsePeerAddress,
  quote,
  type RunningNode,
  readGenesisFile,
  startNode,
  UserError,
} from "@chain/fullnode";
import {
  type Context,
  type IdentityFlags,
  parseWhole,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { LOG_CATEGORIES, LOG_FORMATS, LOG_LEVELS } from "../logOptions.ts";
import { addPeerOptions, type PeerFlags, parseFeeRate, peerConfig } from "./peerOptions.ts";

interface Flags extends IdentityFlags, PeerFlags {
  readonly role?: string;
  readonly miner?: string;
  readonly mineWhen?: string;
  readonly connect?: readonly PeerAddress[];
  readonly addnode?: readonly PeerAddress[];
  readonly seednode?: readonly PeerAddress[];
  readonly maxuploadtarget?: string;
  readonly bind?: string;
  readonly genesis?: string;
  readonly requireStandard?: boolean;
  readonly mocktime?: string;
  readonly log: string;
  readonly logLevel: string;
  readonly debug?: readonly LogCategory[];
}

const ROLES: readonly NodeRole[] = ["central", "miner", "wallet"];
const MAX_MINE_WHEN = 1_000_000;
const MAX_PEERS = 100;
/** Block times have 32 bits. */
const MAX_MOCK_TIME = 0xffff_ffff;
const MEBIBYTE = 1024 * 1024;
/** A thousand times what a day's blocks take. */
const MAX_UPLOAD_TARGET = 1_000_000;

export function addStartNode(program: Command, { env, io }: Context): void {
  const command = program
    .command("startnode")
    .description("run the node until it is stopped (Ctrl-C, or the stop command)")
    .option(
      "--role <role>",
      "central, miner or wallet; default: central on port 3000, miner with --miner",
    )
    .option("--miner <address>", "mine, and pay the rewards to this address")
    .option("--mine-when <number>", "mine when so many transactions wait (default: 2; 0: always)")
    .option(
      "--addnode <host:port>",
      "a peer to stay connected to (default on devnet: 127.0.0.1:3000); may be given more than once",
      several("--addnode"),
    )
    .option(
      "--connect <host:port>",
      "the only peer to call, so that no others are looked for; may be given more than once; 0: call nobody",
      several("--connect"),
    )
    .option(
      "--seednode <host:port>",
      "a node to ask for others where none are known; may be given more than once",
      several("--seednode"),
    )
    .option(
      "--maxuploadtarget <MiB>",
      "send no more old blocks when so much was sent in a day (default: 0, no end)",
    )
    .option("--bind <address>", "address to listen on (default: 127.0.0.1)")
    .option("--genesis <file>", "begin with this genesis block where the node has no chain yet")
    .option("--require-standard", "relay only transactions that Bitcoin's mainnet would relay")
    .option("--mocktime <seconds>", "for tests: its clock stands still then, in seconds since 1970")
    .option("--log <format>", "pretty or json", "pretty")
    .option("--log-level <level>", "debug, info, warn, error or silent", "info")
    .option(
      "--debug <category>",
      `tell everything about one of ${LOG_CATEGORIES.join(", ")}; may be given more than once`,
      (text: string, before: readonly LogCategory[] = []) => [
        ...before,
        oneOf(LOG_CATEGORIES, text, "--debug"),
      ],
    );
  withExamples(
    withIdentity(addPeerOptions(command)),
    "NODE_ID=3000 chain-node startnode",
    "NODE_ID=3002 chain-node startnode --miner CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG",
    "chain-node startnode --port 4000 --connect 127.0.0.1:3000 --connect 127.0.0.1:3001 --log json",
  ).action(async (flags: Flags) => {
    const config = await configOf(flags, { env, io });
    const { createLog } = await import("../log.ts");
    // Nobody waits for a line of a log; where nobody reads them any more, the node goes on.
    const write = (line: string) => void io.write(line).catch(() => {});
    const log = createLog({
      format: oneOf(LOG_FORMATS, flags.log, "--log"),
      level: oneOf(LOG_LEVELS, flags.logLevel, "--log-level"),
      ...(flags.debug !== undefined && { debug: flags.debug }),
      colour: io.colour,
      write,
      now: () => Date.now(),
    });
    let node: RunningNode | undefined;
    let asked = false;
    // From here on: whoever wants to stop a node that is still starting gets a clean end as well.
    const forget = io.onStop(() => {
      asked = true;
      log("info", "net", "stopping");
      void node?.stop();
    });
    node = await startNode({ ...config, log });
    if (asked) void node.stop();
    const end = await node.stopped;
    forget();
    if (end.failed) {
      const sentence = `the node ended because its database failed: ${end.why}`;
      log("error", "chain", sentence, { event: "failed" });
      throw new UserError("io", sentence);
    }
    log("info", "net", "stopped", { event: "stopped" });
  });
}

async function configOf(flags: Flags, { env }: Context): Promise<NodeConfig> {
  const identity = parseIdentity(flags, env);
  const { role, miner, mineWhen, connect, addnode, seednode, bind, genesis, log, logLevel } = flags;
  const { maxuploadtarget, minrelaytxfee } = flags;
  oneOf(LOG_FORMATS, log, "--log");
  oneOf(LOG_LEVELS, logLevel, "--log-level");
  const chosen = role === undefined ? undefined : oneOf(ROLES, role, "--role");
  if (miner !== undefined && chosen !== undefined && chosen !== "miner") {
    throw new UserError("usage", `--miner makes no sense with --role ${chosen}`);
  }
  if (miner === undefined && chosen === "miner") {
    throw new UserError("usage", "a miner needs an address for its rewards: add --miner ADDRESS");
  }
  if (mineWhen !== undefined && miner === undefined) {
    throw new UserError("usage", "--mine-when is for miners: add --miner ADDRESS");
  }
  for (const [flag, list] of Object.entries({ connect, addnode, seednode })) {
    if (list !== undefined && list.length > MAX_PEERS) {
      throw new UserError("usage", `--${flag} can be given ${MAX_PEERS} times at most`);
    }
    if (flag !== "connect" && list !== undefined && connect !== undefined) {
      throw new UserError("usage", `--${flag} makes no sense with --connect: that names all peers`);
    }
  }
  if (
    flags.testactivationheight !== undefined &&
    !networkOf(identity.network).isForRegressionTests
  ) {
    throw new UserError("usage", "--testactivationheight is for regtest: add --network regtest");
  }
  if (bind === "") throw new UserError("usage", "--bind must not be empty");
  return {
    identity,
    ...(chosen !== undefined && { role: chosen }),
    ...(miner !== undefined && { payTo: parseAddress(miner, identity.network, "--miner") }),
    ...(mineWhen !== undefined && {
      mineWhen: parseWhole(mineWhen, "--mine-when", 0, MAX_MINE_WHEN),
    }),
    ...(connect !== undefined && { connect }),
    ...(addnode !== undefined && { addNodes: addnode }),
    ...(seednode !== undefined && { seedNodes: seednode }),
    ...(bind !== undefined && { bind }),
    ...(maxuploadtarget !== undefined && {
      maxUpload: parseWhole(maxuploadtarget, "--maxuploadtarget", 0, MAX_UPLOAD_TARGET) * MEBIBYTE,
    }),
    ...(flags.mocktime !== undefined && {
      mockTime: parseWhole(flags.mocktime, "--mocktime", 1, MAX_MOCK_TIME),
    }),
    ...peerConfig(flags),
    policy: {
      ...(flags.requireStandard && { requireStandard: true }),
      ...(minrelaytxfee !== undefined && { minRelayFeeRate: parseFeeRate(minrelaytxfee) }),
    },
    ...(genesis !== undefined && { genesis: await readGenesisFile(genesis) }),
  };
}

/** An option that may be given more than once. */
/** `--connect 0` names no peer, as in Core. */
function several(flag: string): (text: string, before?: readonly PeerAddress[]) => PeerAddress[] {
  return (text, before = []) =>
    flag === "--connect" && text === "0" ? [...before] : [...before, parsePeerAddress(text, flag)];
}

function oneOf<Choice extends string>(
  choices: readonly Choice[],
  text: string,
  flag: string,
): Choice {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new UserError("usage", `${flag} must be one of ${choices.join(", ")}, not ${quote(text)}`);
}
