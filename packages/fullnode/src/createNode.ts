import { resolve } from "node:path";
import type { Block, Policy, ScriptCheck } from "@chain/core";
import { requireOptions } from "@chain/core/arguments";
import { type Log, Node, type PruneSettings } from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import type { ChainStore } from "@chain/storage";
import { openChain, openInMemory } from "./chain/open.ts";
import { refusePrunedIndex, refuseUnpruned } from "./chain/pruned.ts";
import { requireNetwork } from "./checks.ts";
import { type DoorsConfig, hasDoors, startDoors } from "./doors/service.ts";
import { quote, UserError } from "./errors.ts";
import { type Identity, identityOf } from "./identity.ts";
import { type Door, openDoor } from "./inProcess/door.ts";
import { inProcessAddress, Links } from "./inProcess/links.ts";
import { InProcessNode, type Parts } from "./inProcess/node.ts";
import { loadMetrics } from "./metrics/load.ts";
import {
  findNetwork,
  IN_PROCESS_NETWORK,
  LOCAL_PACE,
  NETWORK_NAMES,
  type Network,
} from "./networks.ts";
import { type IndexesConfig, startIndexes } from "./node/indexes.ts";
import { startListeners } from "./node/listener.ts";
import { startMempoolKeeper } from "./node/mempoolKeeper.ts";
import { miningParts } from "./node/mining.ts";
import { startNarrator } from "./node/narrator.ts";
import { startPeers } from "./node/peersService.ts";
import type { RpcConfig } from "./node/rpcService.ts";
import { Services } from "./node/service.ts";
import { silentLog } from "./ports/silentLog.ts";
import {
  MockableClock,
  type SettableClock,
  systemRandom,
  systemSha256,
  systemStopwatch,
  systemTimers,
} from "./ports/system.ts";
import { userAgent } from "./version.ts";
import type { startWallets, WalletConfig } from "./wallets/service.ts";
import type { Wallets } from "./wallets/wallets.ts";

export interface CreateNodeOptions {
  /** Its name, or a network of `findNetwork`, such as a signet of your own. Default: `regtest`. */
  readonly network?: string | Network;
  /** The first block of a chain of `devnet`, where each has one of its own; `mineGenesis` makes one. */
  readonly genesis?: Block;
  /** Where chain and unconfirmed transactions are kept. Default: in memory, and gone at the end. */
  readonly directory?: string;
  /**
   * The store that holds its chain, in place of `directory`: the node closes it. One that is empty, such as a new
   * `MemoryStore`, begins with the genesis block.
   */
  readonly store?: ChainStore;
  /** The time that blocks are judged by. Default: that of the system, until `setTime`. */
  readonly clock?: SettableClock;
  /** Port to listen on; 0: the system chooses one. Default: none, so that only nodes of this process can call. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Limits of its mempool that differ from the network's: `{ requireStandard: true }`. */
  readonly policy?: Partial<Policy>;
  /**
   * Names scripts that count as passing without being run, for tests of payments from keys that nobody has: other nodes
   * refuse blocks with such transactions. Default: none.
   */
  readonly skipsScript?: (check: ScriptCheck) => boolean;
  /** Whether old blocks are deleted: `{}` on demand (`node.chain.prune`), `{ target }` when they take more bytes. */
  readonly prune?: PruneSettings;
  /** Indexes that it keeps of its blocks: `{ transactions: true }`. */
  readonly indexes?: IndexesConfig;
  /** Serves block filters to peers (BIP-0157), for which it needs their index. Default: no. */
  readonly peerBlockFilters?: boolean;
  /** Serves peers that set a Bloom filter (BIP-0037). Default: no. */
  readonly peerBloomFilters?: boolean;
  /**
   * Opens Bitcoin Core's RPC on a port of this machine: `true`, or how. `node.rpc` says where, as `createRpcClient` of
   * `@chain/rpc/client` takes it. Default: no port.
   */
  readonly rpc?: boolean | RpcConfig;
  /**
   * Makes the host that the RPC answers from: it is given the node's, and may put parts of its own in their place, such
   * as the way blocks are mined.
   */
  readonly rpcHost?: (host: RpcHost) => RpcHost;
  /**
   * Whether its RPC serves wallets as Bitcoin Core's does (`createwallet` and so on): `true`, or how. They are where the
   * chain is: below `directory`, or in memory. Default: no.
   */
  readonly wallets?: boolean | WalletConfig;
  /**
   * Doors for explorers and wallets: `{ esplora: { host: "127.0.0.1", port: 0 } }`; `node.doors` says where. The indexes that
   * they need are switched on, and the RPC, by which they hand in transactions. Default: none.
   */
  readonly doors?: DoorsConfig;
  /** Hears a sentence about everything that happens. */
  readonly log?: Log;
}

/**
 * Starts a full node in this process. It calls no other node before `connect`, and any number of them run side by side.
 * @throws UserError `no-chain` (devnet without a genesis block), `in-use` (directory or port), `wrong-chain`, `usage`,
 *   `damaged`, `io`.
 * @example
 * const [alice, bob] = [await createNode(), await createNode()];
 * await bob.connect(alice);
 * const [block] = await alice.mine();
 * await bob.until(() => bob.chain.tip.hash === block?.hash);
 * await Promise.all([alice.close(), bob.close()]);
 */
export async function createNode(options: CreateNodeOptions = {}): Promise<InProcessNode> {
  requireOptions(options, "options", {
    genesis: "object?",
    directory: "string?",
    port: "number?",
    host: "string?",
    policy: "object?",
    prune: "object?",
    indexes: "object?",
    store: "object?",
    clock: "object?",
    rpcHost: "function?",
    skipsScript: "function?",
    peerBlockFilters: "boolean?",
    peerBloomFilters: "boolean?",
    doors: "object?",
    log: "function?",
  });

  const services = new Services(options.log ?? silentLog);
  try {
    return await start(withDoors(options), services);
  } catch (error) {
    await services.stop();
    throw error;
  }
}

/** @throws UserError `usage`, where the system would take it for something else, or refuse it in words of its own. */
function check(options: CreateNodeOptions): void {
  const { directory, port, network, indexes, rpc, peerBlockFilters = false } = options;
  if (peerBlockFilters && indexes?.blockFilters !== true) {
    throw new UserError("usage", "peerBlockFilters needs indexes: { blockFilters: true }");
  }
  if (network !== undefined && typeof network !== "string") requireNetwork(network, "network");
  if (typeof network === "string" && !NETWORK_NAMES.includes(network)) {
    const names = NETWORK_NAMES.join(", ");
    throw new UserError("usage", `network must be one of ${names}, not ${quote(network)}`);
  }
  if (rpc !== undefined && typeof rpc !== "boolean" && (typeof rpc !== "object" || rpc === null)) {
    throw new UserError("usage", `rpc must be true, false or settings, not ${String(rpc)}`);
  }
  if (directory !== undefined && options.store !== undefined) {
    throw new UserError(
      "usage",
      "a node keeps its chain in a directory or in a store, not in both",
    );
  }
  if (directory === "") throw new UserError("usage", "directory must not be empty");
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new UserError("usage", `port must be a whole number up to 65535, not ${port}`);
  }
}

/** The same options, with the indexes and the RPC that the doors need. */
function withDoors(options: CreateNodeOptions): CreateNodeOptions {
  const { doors = {}, indexes, rpc = true } = options;
  if (!hasDoors(doors)) return options;
  const needed = { transactions: true, spenders: true, scriptHistory: true };
  return { ...options, indexes: { ...indexes, ...needed }, rpc: rpc === false ? true : rpc };
}

/** The doors, which hand their calls on to the RPC: until that has started, it says so. */
async function openDoors(
  options: CreateNodeOptions,
  node: Pick<Parts, "chain" | "indexes">,
  door: Door | undefined,
  services: Services,
): Promise<InProcessNode["doors"]> {
  const { doors = {}, log = silentLog } = options;
  if (door === undefined) return [];
  const { chain, indexes } = node;
  const behind = { chain, indexes, rpc: door.call };
  return services.add(await startDoors(doors, behind, log)).open;
}

async function start(options: CreateNodeOptions, services: Services): Promise<InProcessNode> {
  check(options);
  const {
    network: wanted = IN_PROCESS_NETWORK,
    directory,
    port,
    host = "127.0.0.1",
    genesis,
  } = options;
  const { log = silentLog, policy, prune, skipsScript } = options;
  const rpc = options.rpc === true ? {} : options.rpc || undefined;
  const network = typeof wanted === "string" ? findNetwork({ network: wanted }) : wanted;
  const nodeId = port || network.params.defaultPort;
  const identity =
    directory === undefined ? undefined : identityOf(network, nodeId, resolve(directory));
  const { clock = new MockableClock(), store, rpcHost } = options;
  const metrics = await loadMetrics(rpc);
  refusePrunedIndex(prune, options.indexes?.transactions);
  const chainOptions = { log, clock, genesis, policy, prune, metrics, skipsScript };
  const { chain, params, signatures } = await (identity === undefined
    ? openInMemory(network, { ...chainOptions, store })
    : openChain(identity, chainOptions));
  services.add({ stopping: "closing the database", stop: () => chain.close() });
  refuseUnpruned(chain);

  const { indexes } = services.add(
    await startIndexes(options.indexes, identity?.paths.indexes, chain, log),
  );

  const blockFilters = options.peerBlockFilters ? indexes.blockFilters?.index : undefined;
  const address = inProcessAddress();
  const links = new Links(address);
  const node = new Node({
    chain,
    clock,
    stopwatch: systemStopwatch,
    sha256: systemSha256,
    timers: systemTimers,
    random: systemRandom,
    dialer: links,
    log,
    userAgent: userAgent(),
    ...(metrics !== undefined && { metrics }),
    ...(blockFilters !== undefined && { blockFilters }),
    bloomFilters: options.peerBloomFilters ?? false,
    // On a network for tests payments need not be hidden, and tests wait for them.
    pace: network.isMockable ? LOCAL_PACE : network.pace,
    ...(port && { listenAddress: { host, port } }),
  });
  const mempool =
    identity && (await startMempoolKeeper(node, identity.paths.mempool, log, () => clock.now()));
  if (mempool !== undefined) services.add(mempool);
  if (options.log !== undefined) services.add(startNarrator(node, log));
  const binds = port === undefined ? [] : [{ host, port }];
  const { listening } = services.add(await startListeners(binds, node, log));
  services.add(startPeers(node, undefined));
  const seen = { chain, node, indexes, log, mempool: mempool ?? { keep: async () => {} } };
  const wallets = await openWallets(options.wallets, identity, services, seen);
  // Added last, it is closed first.
  const own = { metrics, hasWallets: wallets !== undefined };
  const door = rpc && services.add(await openDoor(identity, rpc, log, own));
  const mining = miningParts(chain, log);
  const doors = await openDoors(options, { chain, indexes }, door, services);
  const places = { links, address, mempool, indexes, wallets, services, doors };
  const parts = { network, params, chain, node, clock, mining, rpcHost, ...places };
  const made = new InProcessNode({ ...parts, port: listening[0]?.port, rpc: door?.address });
  await door?.start(made, { ...parts, nodeId, signatures });
  return made;
}

async function openWallets(
  wanted: CreateNodeOptions["wallets"],
  identity: Identity | undefined,
  services: Services,
  node: Parameters<typeof startWallets>[2],
): Promise<Wallets | undefined> {
  if (wanted === undefined || wanted === false) return undefined;
  // Most nodes in process have no use for them.
  const { startWallets } = await import("./wallets/service.ts");
  const paths = identity?.paths;
  const places = paths && { directory: paths.wallets, settings: paths.settings };
  return services.add(await startWallets(wanted === true ? {} : wanted, places, node));
}
