import {
  defaultRpcPort,
  parseIdentity,
  startLightNode,
  startNode,
  UserError,
} from "@chain/fullnode";
import {
  type Context,
  type IdentityFlags,
  withExamples,
  withIdentity,
  withOptions,
} from "@chain/terminal";
import type { Command } from "commander";
import { NODE_OPTIONS } from "./nodeOptions.ts";
import { readSettings } from "./nodeSettings.ts";

type Flags = IdentityFlags & Readonly<Record<string, unknown>>;

export function addStartNode(program: Command, context: Context): void {
  const command = program
    .command("startnode")
    .description("run the node until it is stopped (Ctrl-C, or the stop command)");
  withExamples(
    withIdentity(withOptions(command, NODE_OPTIONS)),
    "NODE_ID=3000 chain-node startnode",
    "NODE_ID=3002 chain-node startnode --miner CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG",
    "NODE_ID=3003 chain-node startnode --role spv --genesis genesis.hex",
    "chain-node startnode --port 4000 --connect 127.0.0.1:3000 --connect 127.0.0.1:3001 --log json",
  ).action((flags: Flags) => runNode(flags, context));
}

async function runNode(flags: Flags, { env, io }: Context): Promise<void> {
  const identity = parseIdentity(flags, env);
  const settings = await readSettings(flags, identity.network);
  const {
    logFormat = "pretty",
    logLevel = "info",
    logCategories,
    role,
    wallets = {},
    ...given
  } = settings;
  const config = { unspentIndex: true, ...given };
  const { createLog } = await import("../log.ts");
  const log = createLog({
    format: logFormat,
    level: logLevel,
    ...(logCategories !== undefined && { debug: logCategories }),
    colour: io.colour,
    // The node does not wait for lines of the log, and goes on where their reader has gone.
    write: (line) => void io.write(line).catch(() => {}),
    now: () => Date.now(),
  });
  let node: Awaited<ReturnType<typeof startLightNode | typeof startNode>> | undefined;
  let asked = false;
  // From here on, a node that is still starting ends in order as well.
  const forget = io.onStop(() => {
    asked = true;
    log("info", "net", "stopping");
    void node?.stop();
  });
  const rpc = { port: defaultRpcPort(identity), otherPort: settings.rpc?.port === undefined };
  const told = { identity, ...config, rpc: { ...rpc, ...config.rpc }, log };
  node =
    role === "spv"
      ? await startLightNode(told)
      : await startNode({
          ...told,
          ...(role !== undefined && { role }),
          ...(wallets !== false && { wallets }),
        });
  if (asked) void node.stop();
  const end = await node.stopped;
  forget();
  if (end.failed) {
    const sentence = `the node ended because its files failed: ${end.why}`;
    log("error", "chain", sentence, { event: "failed" });
    throw new UserError("io", sentence);
  }
  log("info", "net", "stopped", { event: "stopped" });
}
