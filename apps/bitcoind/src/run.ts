import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { getSystemErrorMap } from "node:util";
import { bytesToHex } from "@chain/core";
import {
  formatPeerAddress,
  formatTime,
  type Identity,
  makeDataDirectory,
  messageOf,
  type RunningNode,
  startNode,
  UserError,
} from "@chain/fullnode";
import type { ProgramIo } from "@chain/terminal";
import { Settings } from "@chain/terminal/bitcoin";
import { nodeConfig } from "./config.ts";
import { sayCoreLines } from "./coreLines.ts";
import { startDaemon, type tellParent } from "./daemon.ts";
import { IGNORED, KNOWN, OBEYED } from "./known.ts";
import { openLog, type Say } from "./log.ts";
import { findIdentity } from "./place.ts";
import { VERSION } from "./version.ts";

type Reporter = typeof tellParent;

/**
 * The whole program as a function.
 * @param report is called when the node has started, or can't
 * @returns the exit code: 0, or 1 after one line on standard error, `Error: …` as Core has it.
 * @example process.exitCode = await run(["-regtest"], processIo());
 */
export async function run(
  argv: readonly string[],
  io: ProgramIo,
  report: Reporter = () => {},
): Promise<number> {
  try {
    const settings = new Settings(argv, KNOWN);
    refuseWords(settings);
    if (settings.flag("version", false)) await io.write(`chain-bitcoind version v${VERSION}\n`);
    else if (settings.flag("help", false)) await io.write(help());
    else await runNode(settings, argv, io, report);
    return 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    io.writeError(`${error.data["caption"] ?? "Error"}: ${error.message}\n`);
    report({ state: "failed", why: error.message });
    return 1;
  }
}

/** Core: bitcoind.cpp, AppInit. */
function refuseWords({ words: [word] }: Settings): void {
  if (word === undefined) return;
  const advice = "see bitcoind -h for a list of options";
  throw new UserError("usage", `Command line contains unexpected token '${word}', ${advice}.`);
}

function help(): string {
  const list = (names: ReadonlySet<string>) => [...names].map((name) => `  -${name}\n`).join("");
  return (
    `chain-bitcoind version v${VERSION}\n\nUsage: chain-bitcoind [options]\n\n` +
    `Options, as Bitcoin Core has them:\n${list(OBEYED)}\n` +
    `Options of Bitcoin Core that change nothing here:\n${list(IGNORED)}`
  );
}

async function runNode(
  settings: Settings,
  argv: readonly string[],
  io: ProgramIo,
  report: Reporter,
): Promise<void> {
  const identity = findIdentity(settings);
  const config = nodeConfig(settings, identity);
  if (settings.flag("daemon", false) || settings.flag("daemonwait", false)) {
    await io.write("chain-bitcoind starting\n");
    return startDaemon(argv);
  }
  // Core makes that of wallets as well, and harnesses expect it.
  await makeDataDirectory(join(identity.dataDir, "wallets"));
  const {
    say,
    log,
    isLoud,
    logging,
    path: logPath,
  } = openLog(settings, identity.dataDir, (text) => void io.write(text).catch(() => {}));
  sayWarnings(settings, say);
  let node: RunningNode | undefined;
  let asked = false;
  // From here on, a node that is still starting ends in order as well.
  const forget = io.onStop(() => {
    asked = true;
    say("Shutdown requested. Exiting.");
    void node?.stop();
  });
  try {
    node = await startNode({ ...config, log, logPath, logging });
  } catch (error) {
    say(`Error: ${messageOf(error)}`);
    throw inCoresWords(error, identity);
  }
  const pidFile = settings.isNegated("pid")
    ? undefined
    : await writePidFile(resolve(identity.dataDir, settings.text("pid") || "bitcoind.pid"), node);
  const unsubscribes = [sayTips(node, say), sayCoreLines(node.node, say, () => isLoud("net"))];
  stopAt(node, settings);
  const { signetChallenge, magic } = node.params;
  if (signetChallenge !== undefined) {
    say(`Signet derived magic (message start): ${bytesToHex(magic)}`);
  }
  say(`SetNetworkActive: ${node.node.networkActive}`);
  for (const address of node.listening) say(`Bound to ${formatPeerAddress(address)}`);
  say("init message: Done loading");
  report({ state: "ready" });
  if (asked) void node.stop();
  const end = await node.stopped;
  for (const unsubscribe of unsubscribes) unsubscribe();
  forget();
  if (pidFile !== undefined) rmSync(pidFile, { force: true });
  say("Shutdown: done");
  if (end.failed) throw new UserError("io", `A fatal internal error occurred: ${end.why}`);
}

/** Not before the database is ours, because another node of it has its own there. Core: init.cpp, CreatePidFile. */
async function writePidFile(path: string, node: RunningNode): Promise<string> {
  try {
    writeFileSync(path, `${process.pid}\n`);
    return path;
  } catch (error) {
    await node.stop();
    const why = `Unable to create the PID file '${path}': ${systemText(error)}`;
    throw new UserError("io", why, { cause: error });
  }
}

/** The system's text for an error, and its number. Core: SysErrorString. */
function systemText(error: unknown): string {
  const { errno } = Object(error) as { readonly errno?: number };
  const [, text] = getSystemErrorMap().get(errno ?? 0) ?? [];
  if (errno === undefined || text === undefined) return messageOf(error);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} (${-errno})`;
}

function sayWarnings(settings: Settings, say: Say): void {
  say(`chain-bitcoind version v${VERSION}`);
  for (const line of settings.listing()) say(line);
  for (const warning of settings.warnings) say(`[warning] Warning: ${warning}`);
  for (const name of settings.ignored()) {
    say(`[warning] -${name} is an option of Bitcoin Core that changes nothing here`);
  }
}

/** Core: KernelNotifications::blockTip. */
function stopAt({ chain, stop }: RunningNode, settings: Settings): void {
  const height = Number(settings.text("stopatheight") ?? 0);
  if (height === 0) return;
  chain.subscribe(({ type }) => {
    if (type === "tip-changed" && chain.tip.height >= height) void stop();
  });
}

/** Core: UpdateTip. */
function sayTips({ chain }: RunningNode, say: Say): () => void {
  let last = chain.tip.hash;
  return chain.subscribe((event) => {
    const { hash, height, time } = chain.tip;
    if (event.type === "headers" && chain.initialDownload) say(headersLine(chain));
    if (hash === last) return;
    last = hash;
    say(`UpdateTip: new best=${hash} height=${height} date='${formatTime(time)}'`);
  });
}

/** Core: ChainstateManager::ProcessNewBlockHeaders. */
function headersLine({ bestHeader, params, now }: RunningNode["chain"]): string {
  const { height, time } = bestHeader;
  const left = Math.max(0, Math.trunc((now / 1000 - time) / params.targetSpacing));
  const progress = ((100 * height) / (height + left)).toFixed(2);
  return `Synchronizing blockheaders, height: ${height} (~${progress}%)`;
}

/** Core: LoadChainstate. */
const TO_UNPRUNED =
  "You need to rebuild the database using -reindex to go back to unpruned mode.  This will redownload the entire blockchain";

/** Core: LoadChainstate, AppInitMain. */
const FROM_THE_FUTURE =
  "The block database contains a block which appears to be from the future. " +
  "This may be due to your computer's date and time being set incorrectly. " +
  "Only rebuild the block database if you are sure that your computer's date and time are correct.\n" +
  "Please restart with -reindex or -reindex-chainstate to recover.";

/** The texts that harnesses look for where a data directory or a port is taken. Core: init.cpp, net.cpp. */
function inCoresWords(error: unknown, { dataDir }: Identity): unknown {
  if (!(error instanceof UserError)) return error;
  const { option, service, length, host, port } = error.data;
  const fail = (text: string) => new UserError(error.code, text, { cause: error });
  if (service === "rpc") {
    const noServer = "Unable to start HTTP server. See debug log for details.";
    // Core shows this one as well. Core: InitHTTPAllowList.
    if (!error.message.startsWith("Invalid -rpcallowip")) return fail(noServer);
    return fail(
      `${error.message} RFC4193 is allowed only if -cjdnsreachable=0.\nError: ${noServer}`,
    );
  }
  if (option === "uacomment") {
    const what = `Total length of network version string (${length}) exceeds maximum length (256).`;
    return fail(`${what} Reduce the number or size of uacomments.`);
  }
  if (error.code === "refused" && option === "prune") return fail(TO_UNPRUNED);
  if (error.code === "refused" && option === "mockTime") {
    // Core shows it without a caption.
    return new UserError(error.code, FROM_THE_FUTURE, { cause: error, data: { caption: "" } });
  }
  if (error.code !== "in-use") return error;
  const running = "chain-bitcoind is probably already running.";
  return service === "database"
    ? fail(`Cannot obtain a lock on directory ${dataDir}. ${running}`)
    : fail(
        `Unable to bind to ${formatPeerAddress({ host: String(host), port: Number(port) })} on this computer. ${running}`,
      );
}
