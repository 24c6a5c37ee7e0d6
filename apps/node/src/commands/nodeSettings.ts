/** From what was typed to what the options set. */
import { type Network, UserError } from "@chain/fullnode";
import { flagOf, type Typed, typedOf } from "@chain/terminal";
import { NODE_OPTIONS, type NodeOption, type Settings } from "./nodeOptions.ts";

/**
 * The settings that the options of `startnode` make.
 * @param flags as they come out of the parser
 * @throws UserError `usage` where one makes no sense, or two make none together.
 */
export async function readSettings(
  flags: Readonly<Record<string, unknown>>,
  network: Network,
): Promise<Settings> {
  const typed = typedOf(NODE_OPTIONS, flags);
  let settings: Settings = {};
  for (const row of NODE_OPTIONS) {
    const texts = typed.get(row);
    if (texts === undefined) continue;
    const flag = flagOf(row);
    if (row.most !== undefined && texts.length > row.most) {
      throw new UserError("usage", `${flag} can be given ${row.most} times at most`);
    }
    const [text = ""] = texts;
    const set = await row.set({ texts, text, flag, network });
    settings = {
      ...settings,
      ...set,
      policy: { ...settings.policy, ...set.policy },
      notify: { ...settings.notify, ...set.notify },
      rpc: {
        ...settings.rpc,
        ...set.rpc,
        credentials: { ...settings.rpc?.credentials, ...set.rpc?.credentials },
      },
      doors: { ...settings.doors, ...set.doors },
      indexes: { ...settings.indexes, ...set.indexes },
      proxies: { ...settings.proxies, ...set.proxies },
      zmq: { ...settings.zmq, ...set.zmq },
      wallets: mergedWallets(settings.wallets, set.wallets),
      zmqHighWaterMarks: { ...settings.zmqHighWaterMarks, ...set.zmqHighWaterMarks },
    };
  }
  refuseContradictions(typed, settings, network.isForRegressionTests);
  return settings;
}

/** Without wallets, nothing else about them counts. */
function mergedWallets(
  before: Settings["wallets"] = {},
  set: Settings["wallets"] = {},
): NonNullable<Settings["wallets"]> {
  return before === false || set === false ? false : { ...before, ...set };
}

/** Options of a light node: those of its RPC and log, and these. The others are about a chain, or about callers. */
const LIGHT_GROUPS: ReadonlySet<NodeOption["group"]> = new Set(["RPC", "log"]);
const LIGHT_FLAGS: ReadonlySet<string> = new Set([
  "--role",
  "--addnode",
  "--connect",
  "--seednode",
  "--dnsseed",
  "--proxy",
  "--onion",
  "--uacomment",
  "--peertimeout",
  "--genesis",
  "--minimumchainwork",
  "--testactivationheight",
]);

function refuseForLight(typed: Typed): void {
  for (const row of typed.keys()) {
    const flag = flagOf(row);
    const { group } = row as NodeOption;
    if (LIGHT_GROUPS.has(group) || LIGHT_FLAGS.has(flag)) continue;
    const why = "a light node keeps no chain, and takes no calls";
    throw new UserError("usage", `${flag} makes no sense with --role spv: ${why}`);
  }
}

function refuseContradictions(
  typed: Typed,
  { role }: Settings,
  isForRegressionTests: boolean,
): void {
  if (role === "spv") refuseForLight(typed);
  const given = new Set([...typed.keys()].map(flagOf));
  const refuse = (message: string) => {
    throw new UserError("usage", message);
  };
  if (given.has("--miner") && role !== undefined && role !== "miner") {
    refuse(`--miner makes no sense with --role ${role}`);
  }
  if (!given.has("--miner") && role === "miner") {
    refuse("a miner needs an address for its rewards: add --miner ADDRESS");
  }
  if (!given.has("--miner") && given.has("--mine-when")) {
    refuse("--mine-when is for miners: add --miner ADDRESS");
  }
  if (given.has("--peerblockfilters") && !given.has("--blockfilterindex")) {
    refuse("--peerblockfilters needs their index: add --blockfilterindex");
  }
  for (const flag of ["--peerblockfilters", "--blockfilterindex"]) {
    if (given.has(flag) && given.has("--blockfilters")) {
      refuse(`${flag} makes no sense with --blockfilters, which is for index and service`);
    }
  }
  if (given.has("--ws-origin") && !given.has("--listen-ws")) {
    refuse("--ws-origin is for WebSockets: add --listen-ws PORT");
  }
  for (const flag of ["--tls-cert", "--tls-key"]) {
    if (given.has("--electrum-tls") && !given.has(flag)) {
      refuse("--electrum-tls needs a certificate and its key: add --tls-cert and --tls-key");
    }
    if (given.has(flag) && !given.has("--electrum-tls")) {
      refuse(`${flag} is for Electrum over TLS: add --electrum-tls PORT`);
    }
  }
  for (const flag of ["--addnode", "--seednode"]) {
    if (given.has(flag) && given.has("--connect")) {
      refuse(`${flag} makes no sense with --connect: that names all peers`);
    }
  }
  if (given.has("--testactivationheight") && !isForRegressionTests) {
    refuse("--testactivationheight is for regtest: add --network regtest");
  }
}
