import type { ChainParams, Milliseconds } from "@chain/core";
import { present } from "@chain/core/arguments";
import {
  type ChainManager,
  formatPeerAddress,
  type Log,
  type Node,
  type PeerAddress,
} from "@chain/engine";
import { addressOfScript } from "@chain/wallet";
import { startImport } from "../chain/importBlocks.ts";
import type { OpenChain } from "../chain/open.ts";
import { refusePrunedIndex } from "../chain/pruned.ts";
import { startDoors } from "../doors/service.ts";
import { UserError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import { loadMetrics } from "../metrics/load.ts";
import type { NodeMetrics } from "../metrics/nodeMetrics.ts";
import { startNotify } from "../notify/service.ts";
import { silentLog } from "../ports/silentLog.ts";
import { MockableClock, systemRandom } from "../ports/system.ts";
import type { HostParts } from "../rpc/host.ts";
import { verifierInWords } from "../signatures.ts";
import { CORE_VERSION, userAgent, versionForCallers } from "../version.ts";
import type { startWallets } from "../wallets/service.ts";
import type { Wallets } from "../wallets/wallets.ts";
import { publicationsOf, startZmq } from "../zmq/service.ts";
import { keepBans, readBansFile } from "./bansFile.ts";
import { startChain } from "./chainService.ts";
import { startChainWatch } from "./chainWatch.ts";
import {
  asksSeeds,
  bindsOf,
  type NodeConfig,
  type NodeRole,
  roleOf,
  withDoors,
  withFilters,
} from "./config.ts";
import { newNode } from "./engineNode.ts";
import { startFeeEstimates } from "./feeEstimates.ts";
import { startIndexes } from "./indexes.ts";
import { keepOut } from "./keepOut.ts";
import { startListeners, startWebSockets } from "./listener.ts";
import { startMempoolKeeper } from "./mempoolKeeper.ts";
import { startMiner } from "./minerService.ts";
import { miningFor, miningParts } from "./mining.ts";
import { startNarrator } from "./narrator.ts";
import { PeersKeeper } from "./peersKeeper.ts";
import { startPeers } from "./peersService.ts";
import { requireConfig } from "./requireConfig.ts";
import type { OpenRpc } from "./rpcService.ts";
import { Ending, Services, type Stopped } from "./service.ts";

/** A node that listens, talks and answers. */
export interface RunningNode {
  /** The first that it listens on; 0: none. */
  readonly port: number;
  /** Where it listens. */
  readonly listening: readonly PeerAddress[];
  /** The doors of its configuration: Esplora, Electrum. */
  readonly doors: readonly { readonly name: string; readonly url: string; readonly port: number }[];
  /** Where it takes calls over WebSocket. */
  readonly webSockets: readonly PeerAddress[];
  readonly role: NodeRole;
  readonly params: ChainParams;
  readonly chain: ChainManager;
  readonly node: Node;
  /** Ends it: everything is on disk, every connection closed. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly stopped: Promise<Stopped>;
}

/**
 * Starts a node on TCP, with its RPC.
 * @throws UserError `no-chain`, `in-use` (database or port), `wrong-chain`, `usage`, `damaged`, `io`.
 * @example
 * const node = await startNode({ identity, connect: [] });
 * node.chain.tip.height // 0
 * await node.stop();
 */
export async function startNode(config: NodeConfig): Promise<RunningNode> {
  requireConfig(config);

  return await start(withDoors(withFilters(config)));
}

async function start(config: NodeConfig): Promise<RunningNode> {
  const { log = silentLog } = config;
  const role = roleOf(config);
  if (role === "miner" && config.payTo === undefined) {
    throw new UserError("usage", "a miner needs a script for its rewards (payTo)", {
      data: { option: "payTo" },
    });
  }
  refusePrunedIndex(config.prune, config.indexes?.transactions);
  if (config.peerBlockFilters === true && config.indexes?.blockFilters !== true) {
    throw new UserError("usage", "to serve block filters to peers, the node needs their index", {
      data: { option: "peerBlockFilters" },
    });
  }
  const services = new Services(log);
  try {
    services.add(await keepOut("light", config.identity));
    return await startServices(config, role, services, log);
  } catch (error) {
    await services.stop();
    throw error;
  }
}

/** Each service may use those above it, and is stopped before them. */
async function startServices(
  config: NodeConfig,
  role: NodeRole,
  services: Services,
  log: Log,
): Promise<RunningNode> {
  const { identity, payTo } = config;
  const { paths } = identity;
  sayCautions(config, log);
  const clock = new MockableClock(config.mockTime);
  const metrics = await loadMetrics(config.rpc);
  const { opened, door } = await openChainAndRpc(config, services, clock, log, metrics);
  const { chain, params, signatures } = opened;
  const isTold = config.connect !== undefined;
  const peers = isTold ? undefined : await PeersKeeper.open(paths.peers, systemRandom, log);
  const bans = await readBansFile(paths.bans, log, config.banTime);
  const agent = agentOf(config);
  const { indexes } = services.add(await startIndexes(config.indexes, paths.indexes, chain, log));
  const own = { role, bans, userAgent: agent, peers, metrics, indexes };
  const node = newNode(config, { chain, clock, log, ...own });
  // Both before the mempool is loaded: what it loads is published, and waits for a block, too.
  const zmq = services.add(await startZmq(chain, publicationsOf(config), log));
  const estimates = services.add(await startFeeEstimates(config, chain, log));
  const now = () => clock.now();
  door.saysOf("Starting network threads…");
  const mempool = services.add(
    await startMempoolKeeper(node, paths.mempool, log, now, config.persistMempool),
  );
  const wallets = await openWallets(config, services, { chain, node, mempool, indexes, log });
  services.add(startNarrator(node, log));
  if (config.networkActive === false) node.setNetworkActive(false);
  const { listening } = services.add(await startListeners(bindsOf(config), node, log));
  const webSockets = services.add(await startWebSockets(config, node, log)).listening;
  const port = listening[0]?.port ?? 0;
  const ending = new Ending(() => services.stop());
  const mining = miningParts(chain, log);
  const told = versionForCallers(agent, { ...config.rpc });
  const parts = { identity, role, chain, node, ...told, signatures };
  const context = {
    ...parts,
    zmq: zmq.notifications,
    fees: estimates.fees,
    indexes,
    mempool,
    wallets,
    logging: config.logging,
    proxies: config.proxies,
    logPath: config.logPath ?? "",
    startedAt: now(),
    ...timeControls(clock, node, [peers, estimates, wallets]),
    mining: miningFor(mining),
    keepBans: () => keepBans(paths.bans, bans, now(), log),
    // The answer goes out first.
    requestStop: () => void setTimeout(() => void ending.stop(), 50),
  };
  const { rpc, doors } = await openForCallers(door, context, config, services, log);
  services.add(startChainWatch(chain, log, (why) => void ending.stop(why)));
  addMiner(config, role, mining, services);
  // Stopped first of all, because everything else takes long while peers keep us busy.
  services.add(startPeers(node, peers));
  services.add(startImport(chain, config.loadBlocks ?? [], log));
  const notify = services.add(startNotify(chain, config.notify ?? {}, log));
  sayReady({ identity, listening, port, role, payTo, chain, signatures }, log);
  rpc.tell();
  notify.ready();
  const stop = async () => void (await ending.stop());
  const where = { port, listening, webSockets, doors };
  return { ...where, role, params, chain, node, stop, stopped: ending.stopped };
}

/** Answers calls of the RPC from now on, and opens the doors that hand theirs on to it. */
async function openForCallers(
  door: OpenRpc,
  context: HostParts,
  config: NodeConfig,
  services: Services,
  log: Log,
) {
  const rpc = services.add(await door.start(context));
  const { chain, indexes } = context;
  const behind = { chain, indexes, rpc: door.call };
  const { open: doors } = services.add(await startDoors(config.doors ?? {}, behind, log));
  return { rpc, doors };
}

function addMiner(
  { payTo, mineWhen }: NodeConfig,
  role: NodeRole,
  mining: ReturnType<typeof miningParts>,
  services: Services,
): void {
  if (role !== "miner" || payTo === undefined) return;
  services.add(startMiner({ ...mining, payTo, ...(mineWhen !== undefined && { mineWhen }) }));
}

/** The wallets, where the node has any. */
async function openWallets(
  { identity: { paths }, wallets }: NodeConfig,
  services: Services,
  node: Parameters<typeof startWallets>[2],
): Promise<Wallets | undefined> {
  if (wallets === undefined) return undefined;
  // Most programs that start a node have no use for them.
  const { startWallets } = await import("../wallets/service.ts");
  const places = { directory: paths.wallets, settings: paths.settings };
  return services.add(await startWallets(wallets, places, node));
}

/** Our name for peers. */
function agentOf({ identity, comments, rpc }: NodeConfig): string {
  const { tellsPeersCore = false, version = CORE_VERSION } = rpc ?? {};
  const nodeId = identity.network.tellsPort ? identity.nodeId : undefined;
  return userAgent(nodeId, comments, tellsPeersCore ? version : undefined);
}

/** Opens the RPC while the chain is loaded, and not before the database is ours: another node of it keeps its cookie. */
async function openChainAndRpc(
  config: NodeConfig,
  services: Services,
  clock: MockableClock,
  log: Log,
  metrics: NodeMetrics | undefined,
): Promise<{ readonly opened: OpenChain; readonly door: OpenRpc }> {
  // It takes long to load, and commands that start no node do not need it.
  const { openRpc } = await import("./rpcService.ts");
  const hasWallets = config.wallets !== undefined;
  let opening: Promise<OpenRpc> | undefined;
  // For a start that fails. A node that has started closes the port before all else.
  services.add({
    stopping: "closing the RPC",
    stop: async () => (await opening?.catch(() => undefined))?.stop(),
  });
  const onOpened = () => {
    opening = openRpc(config.identity, config.rpc ?? {}, log, metrics, hasWallets).catch(rpcFailed);
    // It is waited for below, where its error is thrown.
    opening.catch(() => {});
  };
  const opened = services.add(await startChain(config, clock, log, onOpened, metrics));
  const door = await present(opening, "the RPC of an open database");
  door.saysOf("Loading P2P addresses…");
  return { opened, door };
}

/** Says for programs that it is the RPC that does not start. */
function rpcFailed(error: unknown): never {
  if (!(error instanceof UserError)) throw error;
  const data = { ...error.data, service: "rpc" };
  throw new UserError(error.code, error.message, { cause: error, data });
}

/** How a caller sets the time of a node, on networks for tests. */
function timeControls(
  clock: MockableClock,
  node: Node,
  scheduled: readonly (Pick<PeersKeeper, "forward"> | undefined)[],
) {
  return {
    setTime: (time: Milliseconds | undefined) => {
      clock.set(time);
      node.clockSet();
    },
    forwardSchedule: (by: Milliseconds) => {
      node.forwardSchedule(by);
      for (const each of scheduled) each?.forward(by);
    },
  };
}

/** Warns people of a network before anything is done there. */
function sayCautions(config: NodeConfig, log: Log): void {
  const { name, cautions, custom, params } = config.identity.network;
  for (const caution of cautions) log("warn", "net", `${name}: ${caution}`, { event: "caution" });
  if (custom !== undefined) log("info", "net", `${name} with challenge ${custom.challenge}`);
  if (!asksSeeds(config)) return;
  const seeds = `${params.dnsSeeds.length} DNS seeds are asked for nodes where none are known`;
  log("info", "net", `${name}: ${seeds} (dnsseed=0 or connect=HOST:PORT prevents it)`);
}

function sayReady(
  about: {
    readonly identity: Identity;
    readonly listening: readonly PeerAddress[];
    readonly port: number;
    readonly role: NodeRole;
    readonly payTo: Uint8Array | undefined;
    readonly chain: ChainManager;
    readonly signatures: string;
  },
  log: Log,
): void {
  const { identity, listening, port, role, payTo, chain, signatures } = about;
  const rewardsTo = payTo && addressOfScript(payTo, identity.network.params);
  const where = listening.map(formatPeerAddress).join(", ");
  const { height, hash } = chain.tip;
  const does = rewardsTo === undefined ? role : `${role}, rewards to ${rewardsTo}`;
  const sentence = `node ${identity.nodeId} (${does}) ${where === "" ? "takes no calls" : `listens on ${where}`}, at height ${height}`;
  const fields = { event: "ready", port, height, hash, role };
  log("info", "net", sentence, { ...fields, ...(rewardsTo !== undefined && { rewardsTo }) });
  log("info", "chain", `signatures are checked by ${verifierInWords(signatures)}`, {
    event: "signatures",
    signatures,
  });
}
