import { lstat, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  Block,
  type BlockHash,
  bytesToHex,
  type ChainParams,
  checkSignetSolution,
  nobleVerifier,
} from "@chain/core";
import {
  requireBlock,
  requireFunction,
  requireOptions,
  requirePath,
  requireString,
} from "@chain/core/arguments";
import { ChainManager, type Clock, EngineError, type Log, type Metrics } from "@chain/engine";
import { fastestVerifier } from "@chain/signatures";
import { type ChainStore, MemoryStore, StorageError } from "@chain/storage";
import { openLevelStore, type Recovery } from "@chain/storage/level";
import { requireIdentity } from "../checks.ts";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { makeDataDirectory, syncDirectory } from "../files.ts";
import type { Identity } from "../identity.ts";
import type { Network } from "../networks.ts";
import { systemClock, systemSha256, systemStopwatch, systemTimers } from "../ports/system.ts";
import { openScriptWorkers } from "../scripts/workers.ts";
import { cannotRead, cannotWrite } from "../systemWords.ts";
import { isRepairable, REPAIR } from "./repair.ts";
import type { ChainSettings } from "./settings.ts";

export interface OpenChain {
  readonly chain: ChainManager;
  readonly params: ChainParams;
  /** Which body checks signatures: `native`, `wasm` or `noble`. */
  readonly signatures: string;
  /** For reading what the chain manager does not show. */
  readonly store: ChainStore;
}

/** Bytes. */
const DEFAULT_DB_CACHE = 64 * 1024 * 1024;

/** The contents of a database, for reading. */
export interface StoredChain {
  readonly params: ChainParams;
  readonly store: ChainStore;
  /** The last block whose coins are there. */
  readonly tip: { readonly hash: BlockHash; readonly height: number };
}

interface ManagerOptions extends ChainSettings {
  readonly clock?: Clock | undefined;
  readonly log: Log;
  readonly onProgress?: ((height: number, goal: number) => void) | undefined;
  readonly metrics?: Metrics | undefined;
}

/**
 * Opens the chain of a node, and makes its database first where a genesis block is given and there is none.
 * @param options.genesis begins the database; if there is one already, it must be of this chain
 * @param options.clock the time; by default that of the system
 * @param options.metrics hears of scripts that are run
 * @param options.onOpened is called when the database is ours, before the chain in it is loaded
 * @throws UserError `no-chain`, `in-use`, `wrong-chain`, `damaged`, `io`.
 * @example
 * const { chain, params } = await openChain(identity, { log: say });
 * [chain.tip.height, params.name] // [0, "devnet"]
 * await chain.close();
 */
export async function openChain(
  identity: Identity,
  options: ManagerOptions & {
    readonly genesis?: Block | undefined;
    readonly onOpened?: (() => void) | undefined;
  },
): Promise<OpenChain> {
  requireIdentity(identity, "identity");
  requireOptions(options, "options", {
    log: "function",
    genesis: "object?",
    onOpened: "function?",
  });

  const { log, onOpened, genesis = ownGenesis(identity) } = options;
  const { database } = identity.paths;
  if (await exists(database)) await removeDrafts(database);
  else {
    if (genesis === undefined) throw noChain(identity);
    await createDatabase(identity, genesis);
  }
  return explained(database, async () => {
    const { blockFileSize: fileSize, dbCache = DEFAULT_DB_CACHE, unspentIndex: scripts } = options;
    const store = await openLevelStore(database, {
      onRecovery: (found) => tell(found, log),
      onScriptsProgress: scriptsProgress(log),
      writeBackSize: dbCache,
      ...(fileSize !== undefined && { fileSize }),
      ...(scripts !== undefined && { scripts }),
    });
    try {
      onOpened?.();
      const { threads = 0 } = options;
      return await openStore(identity, store, { ...options, threads, wanted: genesis });
    } catch (error) {
      await store.close();
      throw error;
    }
  });
}

/** Tells the losses of an unclean end: otherwise the chain would be shorter, or a start take longer, without a word. */
function tell({ adopted, lost, forgetsCoins, forgetsBelow }: Recovery, log: Log): void {
  const blocks = (count: number) => (count === 1 ? "1 block" : `${count} blocks`);
  const facts = { adopted, lost, forgetsCoins, forgetsBelow };
  if (adopted > 0) {
    const sentence = `the database lacked ${blocks(adopted)} that the block files hold: taken in again`;
    // A process leaves them that is killed while it catches up.
    log("info", "store", sentence, facts);
  }
  if (lost > 0) {
    const sentence = `${blocks(lost)} can't be read any more after an unclean end, and must come from peers again`;
    log("warn", "store", sentence, facts);
  }
  if (forgetsBelow) {
    const sentence = "the blocks below the snapshot are checked from the first one on again";
    log("warn", "store", `${sentence} after an unclean end`, facts);
  }
  if (forgetsCoins) {
    log("warn", "store", "the coins are made again from the blocks after an unclean end", facts);
  }
}

/** Tells each tenth of the way to an index of coins by script. */
function scriptsProgress(log: Log): (part: number) => void {
  let told = 0;
  return (part) => {
    const tenths = Math.floor(part * 10);
    if (tenths <= told) return;
    told = tenths;
    const percent = tenths * 10;
    log("info", "store", `the index of coins by script is being made: ${percent} %`, { percent });
  };
}

/**
 * Opens a chain that is kept in memory, and is gone at the end.
 * @param options.store holds it; by default a new one
 * @param options.genesis begins it; needed where the network has no genesis block for all
 * @throws UserError `no-chain`, `wrong-chain`.
 */
export async function openInMemory(
  network: Network,
  options: ManagerOptions & {
    readonly genesis?: Block | undefined;
    readonly store?: ChainStore | undefined;
  },
): Promise<OpenChain> {
  const { genesis = network.genesis, unspentIndex: scripts = true } = options;
  const { store = new MemoryStore({ scripts }) } = options;
  if (genesis === undefined) {
    const hint = "hand in a genesis block, such as one of mineGenesis";
    throw new UserError(
      "no-chain",
      `each chain of ${network.name} has a first block of its own: ${hint}`,
    );
  }
  const params = network.chainParams(genesis);
  return { params, store, ...(await openManager(params, store, options)) };
}

async function openStore(
  identity: Identity,
  store: ChainStore,
  options: ManagerOptions & { readonly wanted: Block | undefined },
): Promise<OpenChain> {
  const own = await paramsOf(identity, store, options.wanted);
  const { minimumChainWork = own.minimumChainWork, assumeValid = own.assumeValid } = options;
  const deployments = { ...own.deployments, ...options.deployments };
  const { enforceBip94 = own.enforceBip94 } = options;
  const params = { ...own, minimumChainWork, assumeValid, deployments, enforceBip94 };
  return { params, store, ...(await openManager(params, store, options)) };
}

/** Parameters of the chain that a store holds. @param wanted the genesis block that it must have */
async function paramsOf(
  { network, paths }: Identity,
  store: ChainStore,
  wanted: Block | undefined,
): Promise<ChainParams> {
  const stored = await store.readGenesis();
  if (stored === undefined) {
    throw new UserError(
      "damaged",
      `${paths.database} holds no chain: if it never held one, delete it and begin again`,
    );
  }
  const genesis = Block.fromBytes(stored);
  if (wanted !== undefined && wanted.hash !== genesis.hash) {
    const which = `it begins with ${genesis.hash}, not with ${wanted.hash}`;
    throw new UserError("wrong-chain", `${paths.database} holds another chain: ${which}`);
  }
  const params = network.chainParams(genesis);
  await refuseOtherSignet(params, store, paths.database);
  return params;
}

/**
 * All signets have the same genesis block, and blocks that are stored are not checked again: so the last one has to
 * have a solution of the challenge.
 */
async function refuseOtherSignet(
  params: ChainParams,
  store: ChainStore,
  database: string,
): Promise<void> {
  const { signetChallenge } = params;
  if (signetChallenge === undefined) return;
  const tip = await store.readTip();
  // One that can't be read is no sign of another chain; the part that needs it says so.
  const raw = tip && (await store.readBlock(tip).catch(() => undefined));
  if (raw === undefined) return;
  if (checkSignetSolution(Block.fromBytes(raw), params, nobleVerifier).ok) return;
  const which = `its blocks have no solution of the challenge ${bytesToHex(signetChallenge)}`;
  throw new UserError("wrong-chain", `${database} holds the chain of another signet: ${which}`);
}

/**
 * Opens the database of a node for questions about its last block, its coins and single blocks: the index of all blocks
 * is not read, which takes seconds where there are a million.
 * @returns `undefined` where only `openChain` can tell: there is no database, its coins have to be made again, blocks
 *   that a damaged index had lost are to be connected, or its last block was declared invalid and the node ended before
 *   it went back below it
 * @throws UserError `in-use`, `wrong-chain`, `damaged`, `io`.
 */
export async function openStored(
  identity: Identity,
  open: typeof openLevelStore = openLevelStore,
): Promise<StoredChain | undefined> {
  const { database } = identity.paths;
  if (!(await exists(database))) return undefined;
  return explained(database, async () => {
    let lags = false;
    const onRecovery = ({ adopted }: Recovery) => {
      lags = adopted > 0;
    };
    const store = await open(database, { onRecovery });
    try {
      const params = await paramsOf(identity, store, ownGenesis(identity));
      const hash = await store.readTip();
      const record = hash === undefined ? undefined : await store.readRecord(hash);
      if (!lags && hash !== undefined && record !== undefined && record.status !== "invalid") {
        return { params, store, tip: { hash, height: record.height } };
      }
      await store.close();
      return undefined;
    } catch (error) {
      await store.close();
      throw error;
    }
  });
}

/** The genesis block of a network that has only one. */
function ownGenesis({ network }: Identity): Block | undefined {
  return network.genesis;
}

async function openManager(
  params: ChainParams,
  store: ChainStore,
  options: ManagerOptions,
): Promise<Pick<OpenChain, "chain" | "signatures">> {
  const { log, clock = systemClock, policy = {}, mempool = {}, maxTipAge } = options;
  const { onProgress, metrics, prune, skipsScript, threads = 1 } = options;
  const verifier = await fastestVerifier((name, why) => {
    log("debug", "chain", `no ${name} signature checks on this machine: ${why}`);
  });
  const ports = { clock, stopwatch: systemStopwatch, timers: systemTimers };
  const scriptWorkers = openScriptWorkers(threads);
  const opening = ChainManager.open({
    scriptWorkers,
    params,
    store,
    log,
    policy,
    mempool,
    repair: REPAIR,
    prune,
    skipsScript,
    verifier,
    sha256: systemSha256,
    ...ports,
    ...(onProgress && { onProgress }),
    ...(metrics && { metrics }),
    ...(maxTipAge !== undefined && { maxTipAge }),
  });
  try {
    return { chain: await opening, signatures: verifier.name };
  } catch (error) {
    await scriptWorkers?.close();
    throw error;
  }
}

/**
 * Makes the database of a node, with the genesis block connected. It appears under its name when it is complete, so a
 * failure on the way leaves nothing behind.
 * @throws UserError `exists`, `damaged`, `io`.
 * @example
 * const other = parseIdentity({ port: "3000", datadir: directory }, {});
 * await createDatabase(other, genesis);
 * (await openOffline(other)).close();
 */
export async function createDatabase(identity: Identity, genesis: Block): Promise<void> {
  requireIdentity(identity, "identity");
  requireBlock(genesis, "genesis");

  const { database } = identity.paths;
  await refuseExisting(database);
  await explained(database, async () => {
    await makeDataDirectory(dirname(database));
    await removeDrafts(database);
    const draft = await mkdtemp(`${database}.new-${process.pid}-`).catch((error: unknown) => {
      throw cannotWrite("the database", database, error);
    });
    try {
      const store = await openLevelStore(draft);
      try {
        const params = identity.network.chainParams(genesis);
        const { chain } = await openManager(params, store, { log: () => {} });
        await chain.close();
      } finally {
        await store.close();
      }
      await rename(draft, database);
      await syncDirectory(dirname(database));
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      const code = systemCode(error);
      throw code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR"
        ? wouldOverwrite(database)
        : error;
    }
  });
}

/** Removes what a process left that was killed while it made a database. */
async function removeDrafts(database: string): Promise<void> {
  const prefix = `${basename(database)}.new-`;
  const names = await readdir(dirname(database)).catch(() => []); // none where there is no directory yet
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const [, maker] = /^(\d+)-/.exec(name.slice(prefix.length)) ?? [];
    // Another process may be making one at this moment. Two of them do not disturb each other.
    if (maker !== undefined && isAlive(Number(maker))) continue;
    await rm(join(dirname(database), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

/**
 * @throws UserError `exists` where there is anything, be it a leftover, in the place of a database.
 * @example await refuseExisting(`${directory}/blockchain_3000.db`); // nothing is there
 */
export async function refuseExisting(database: string): Promise<void> {
  requirePath(database, "database");

  if (await exists(database)) throw wouldOverwrite(database);
}

function wouldOverwrite(database: string): UserError {
  const message = `${database} exists: it will not be overwritten; move or delete it first`;
  return new UserError("exists", message, { data: { option: "port" } });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw cannotRead("the database", path, error);
  }
}

/**
 * Says in the words of a person what the store and the chain manager throw.
 * @example await explained(identity.paths.database, async () => 1) // 1
 */
export async function explained<Result>(
  database: string,
  act: () => Promise<Result>,
): Promise<Result> {
  requireString(database, "database");
  requireFunction(act, "act");

  try {
    return await act();
  } catch (error) {
    const message = messageOf(error);
    const hint = isRepairable(error) ? `: ${REPAIR}` : "";
    if (error instanceof StorageError) {
      if (error.code === "in-use") {
        throw new UserError("in-use", message, { cause: error, data: { service: "database" } });
      }
      throw new UserError(error.code === "io" ? "io" : "damaged", `${message}${hint}`, {
        cause: error,
      });
    }
    if (error instanceof EngineError) {
      const code = error.code === "wrong-chain" ? "wrong-chain" : "damaged";
      throw new UserError(code, `${basename(database)}: ${message}${hint}`, { cause: error });
    }
    if (systemCode(error) !== undefined) throw new UserError("io", message, { cause: error });
    throw error;
  }
}

/**
 * Light nodes have no database, and one that was made now would know of no coins.
 * @throws UserError `no-chain` where the node is a light one
 * @example await refuseLight(identity); // it is none
 */
export async function refuseLight(identity: Identity): Promise<void> {
  requireIdentity(identity, "identity");

  const { nodeId, paths } = identity;
  if ((await exists(paths.database)) || !(await exists(paths.light))) return;
  const message = `node ${nodeId} is a light node, which keeps no chain: start it, and ask it`;
  throw new UserError("no-chain", message);
}

function noChain({ nodeId, dataDir, paths }: Identity): UserError {
  const copy = `copy another node's database (cp -r ${dataDir}/blockchain_OTHER.db ${paths.database})`;
  const message = `node ${nodeId} has no chain yet: ${copy}, or start with its genesis block`;
  return new UserError("no-chain", message, { data: { option: "genesis" } });
}
