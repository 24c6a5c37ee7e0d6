import type { Block, ChainParams } from "@chain/core";
import type { Log } from "@chain/engine";
import { LightError, LightNode } from "@chain/light";
import type { LightHost } from "@chain/rpc";
import { UserError } from "../errors.ts";
import { keepBans, readBansFile } from "../node/bansFile.ts";
import { asksSeeds, type NodeConfig, peersOf, seedsBehindProxy } from "../node/config.ts";
import { keepOut } from "../node/keepOut.ts";
import { PeersKeeper } from "../node/peersKeeper.ts";
import { requireConfig } from "../node/requireConfig.ts";
import type { OpenRpc } from "../node/rpcService.ts";
import { Ending, Services, type Stopped } from "../node/service.ts";
import { proxyDialer } from "../ports/proxies.ts";
import { silentLog } from "../ports/silentLog.ts";
import { systemClock, systemRandom, systemSha256, systemTimers } from "../ports/system.ts";
import { headerHost } from "../rpc/host.ts";
import { userAgent, versionForCallers } from "../version.ts";
import { LightFiles } from "./lightFiles.ts";
import { startLightNarrator } from "./lightNarrator.ts";

/** Where a light node differs from a full one, it has no option: it keeps no chain, listens to nobody, and mines nothing. */
export type LightNodeConfig = Pick<
  NodeConfig,
  | "identity"
  | "connect"
  | "addNodes"
  | "seedNodes"
  | "dnsSeeds"
  | "proxies"
  | "banTime"
  | "handshakeTimeout"
  | "comments"
  | "genesis"
  | "minimumChainWork"
  | "deployments"
  | "rpc"
  | "log"
>;

/** A light node that talks and answers. */
export interface RunningLightNode {
  readonly params: ChainParams;
  readonly node: LightNode;
  /** Ends it: everything is on disk, every connection closed. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly stopped: Promise<Stopped>;
}

/**
 * Starts a node without the chain on TCP, with its RPC: headers, filters and Merkle paths, in a directory of the
 * identity.
 * @throws UserError `no-chain` where the first block of the chain is not known, `in-use`, `wrong-chain`, `usage`,
 *   `damaged`, `io`.
 * @example
 * const light = await startLightNode({ identity, connect: [], genesis });
 * light.node.tip.height // 0
 * await light.stop();
 */
export async function startLightNode(config: LightNodeConfig): Promise<RunningLightNode> {
  requireConfig(config);

  const { log = silentLog } = config;
  const { rest, events, metrics } = config.rpc ?? {};
  if (rest === true || events === true || metrics === true) {
    const message = "a light node serves no REST, events or metrics, which are about the chain";
    throw new UserError("usage", message);
  }
  const services = new Services(log);
  try {
    return await startServices(config, services, log);
  } catch (error) {
    await services.stop();
    throw error;
  }
}

/** Each service may use those above it, and is stopped before them. */
async function startServices(
  config: LightNodeConfig,
  services: Services,
  log: Log,
): Promise<RunningLightNode> {
  const { identity, rpc = {} } = config;
  const { network, paths, nodeId } = identity;
  for (const caution of network.cautions) {
    log("warn", "net", `${network.name}: ${caution}`, { event: "caution" });
  }
  const files = await LightFiles.open(paths.light);
  services.add({ stopping: "closing the files", stop: () => files.close() });
  services.add(await keepOut("full", identity));
  // Only a node that starts needs it, and it takes long to load.
  const { openLightRpc } = await import("../node/rpcService.ts");
  // Not before the directory is ours: another node of it keeps its cookie.
  const door: OpenRpc<LightHost> = services.add(await openLightRpc(identity, rpc, log));
  const genesis = network.genesis ?? (await files.genesis(config.genesis));
  if (genesis === undefined) throw noGenesis(identity);
  const params = paramsOf(config, genesis);
  const agent = userAgent(network.tellsPort ? nodeId : undefined, config.comments);
  const isTold = config.connect !== undefined;
  const peers = isTold ? undefined : await PeersKeeper.open(paths.peers, systemRandom, log);
  const bans = await readBansFile(paths.bans, log, config.banTime);
  const node = await openNode(config, { params, files, peers, bans, agent, log });
  const ending = new Ending(() => services.stop());
  const failed = (why: string) => void ending.stop(why);
  services.add(startLightNarrator(node, log, failed));
  const startedAt = systemClock.now();
  const common = {
    ...{ identity, role: "spv", startedAt, signatures: "none", logPath: "" },
    ...versionForCallers(agent, rpc),
    proxies: config.proxies,
    keepBans: () => keepBans(paths.bans, bans, systemClock.now(), log),
    // The answer goes out first.
    requestStop: () => void setTimeout(() => void ending.stop(), 50),
  };
  const answers = services.add(
    await door.start({
      ...headerHost(common, chainView(node, params), log),
      light: node,
      warnings: () => warningsOf(node),
    }),
  );
  peers?.start(() => []);
  node.start();
  services.add({
    stopping: "leaving the peers",
    stop: async () => {
      const kept = peers?.stop();
      await node.stop();
      await kept;
    },
  });
  const { height, hash } = node.tip;
  const watched = node.watched.scripts.length;
  const sentence = `light node ${nodeId}, with headers up to height ${height}, watches ${watched} scripts`;
  log("info", "net", sentence, { event: "ready", port: 0, height, hash, role: "spv" });
  answers.tell();
  const stop = async () => void (await ending.stop());
  return { params, node, stop, stopped: ending.stopped };
}

function noGenesis({ nodeId, network }: LightNodeConfig["identity"]): UserError {
  const each = `each chain of ${network.name} has a first block of its own`;
  const message = `light node ${nodeId} does not know its chain: ${each}, so start it with the genesis block`;
  return new UserError("no-chain", message, { data: { option: "genesis" } });
}

function paramsOf({ identity, ...config }: LightNodeConfig, genesis: Block): ChainParams {
  const own = identity.network.chainParams(genesis);
  const { minimumChainWork = own.minimumChainWork } = config;
  return { ...own, minimumChainWork, deployments: { ...own.deployments, ...config.deployments } };
}

interface NodeParts {
  readonly params: ChainParams;
  readonly files: LightFiles;
  readonly peers: PeersKeeper | undefined;
  readonly bans: Awaited<ReturnType<typeof readBansFile>>;
  readonly agent: string;
  readonly log: Log;
}

/** @throws UserError `io` */
async function openNode(config: LightNodeConfig, parts: NodeParts): Promise<LightNode> {
  const { proxies = {}, handshakeTimeout, seedNodes = [] } = config;
  const { params, files, peers, bans, agent, log } = parts;
  const dialer = proxyDialer(proxies);
  try {
    return await LightNode.open({
      ...{ params, store: files, bans, log, dialer, userAgent: agent },
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      sha256: systemSha256,
      connect: peersOf(config, "wallet"),
      seeds: [...seedNodes, ...seedsBehindProxy(config)],
      ...(peers !== undefined && { addressBook: peers.book }),
      ...(dialer.resolve && asksSeeds(config) && { resolver: { resolve: dialer.resolve } }),
      ...(handshakeTimeout !== undefined && { timeouts: { handshake: handshakeTimeout } }),
    });
  } catch (error) {
    if (!(error instanceof LightError)) throw error;
    throw new UserError("io", error.message, { cause: error });
  }
}

/** The chain, as a node knows it that has its headers. */
function chainView(node: LightNode, params: ChainParams): LightHost["chain"] {
  return {
    params,
    headers: node.headers,
    get now() {
      return systemClock.now();
    },
    get tip() {
      return node.tip;
    },
    get bestHeader() {
      return node.tip;
    },
  };
}

function warningsOf({ peers }: LightNode): readonly string[] {
  if (peers.length === 0) return ["no peer is connected"];
  if (peers.some(({ servesFilters }) => servesFilters)) return [];
  return ["no peer serves the filters of blocks, so payments can't be found"];
}
