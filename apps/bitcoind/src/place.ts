/** Where a node has its files: their names are Core's. */
import { join } from "node:path";
import { type Identity, UserError } from "@chain/fullnode";
import { locate, type Settings } from "@chain/terminal/bitcoin";

/**
 * Reads the configuration file, and finds network, port and files.
 * @throws UserError `usage`, `io` with Core's texts.
 */
export function findIdentity(settings: Settings): Identity {
  const { network, directory } = locate(settings);
  refuseMisplaced(settings, network.chain);
  const nodeId = Number(settings.text("port") ?? network.params.defaultPort);
  if (!Number.isInteger(nodeId) || nodeId < 1 || nodeId > 65_535) {
    const port = settings.text("port") ?? "";
    throw new UserError("usage", `Invalid port specified in -port: '${port}'`);
  }
  const file = (path: string) => join(directory, path);
  const paths = {
    // One of the three directories that a copy of a chain consists of in Core: harnesses keep those.
    database: file("chainstate"),
    wallet: file("wallet"),
    wallets: file("wallets"),
    settings: file("settings.json"),
    control: file("control"),
    cookie: file(".cookie"),
    mempool: file("mempool.dat"),
    fees: file("fee_estimates.dat"),
    indexes: file("indexes"),
    light: file("light"),
    peers: file("peers.dat"),
    bans: file("banlist.json"),
  };
  return { nodeId, network, dataDir: directory, paths };
}

/** Core: init.cpp, AppInitParameterInteraction. */
function refuseMisplaced(settings: Settings, chain: string): void {
  const lines = settings
    .misplaced()
    .map(
      (name) =>
        `Config setting for -${name} only applied on ${chain} network when in [${chain}] section.`,
    );
  if (lines.length > 0) throw new UserError("usage", lines.join("\n"));
}
