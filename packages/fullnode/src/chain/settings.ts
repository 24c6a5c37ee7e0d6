import type { BlockHash, DeploymentHeights, Milliseconds, Policy, ScriptCheck } from "@chain/core";
import type { MempoolLimits, PruneSettings } from "@chain/engine";

/** In what a chain and its mempool are to differ from those of the network. */
export interface ChainSettings {
  /** Work that a chain must have to be believed. Default: that of the network. */
  readonly minimumChainWork?: bigint | undefined;
  /** Scripts of this block and of its ancestors are taken for valid; zeros: of none. Default: that of the network. */
  readonly assumeValid?: BlockHash | undefined;
  /**
   * A node whose tip is older is in its initial download: it takes and relays no transactions. Default: the age alone
   * does not count, because a private chain may rest for months.
   */
  readonly maxTipAge?: Milliseconds | undefined;
  /** Heights from which rules hold, otherwise than on the network: for tests, on regtest alone. */
  readonly deployments?: Partial<DeploymentHeights> | undefined;
  /** Whether the rules of BIP-0094 hold, otherwise than on the network: for tests, on regtest alone. */
  readonly enforceBip94?: boolean | undefined;
  /** Limits of its mempool that differ from those of the network: `{ requireStandard: true }`. */
  readonly policy?: Partial<Policy> | undefined;
  /** How much its mempool takes, where not as much as Core's. */
  readonly mempool?: Partial<MempoolLimits> | undefined;
  /** Names scripts that count as passing without being run, for tests. Default: none. */
  readonly skipsScript?: ((check: ScriptCheck) => boolean) | undefined;
  /** Whether old blocks are deleted: `{}` on demand, `{ target }` when they take more bytes. Default: never. */
  readonly prune?: PruneSettings | undefined;
  /**
   * Whether unspent outputs are indexed by script. Without that index coins take half the space, and what a script has is
   * found by reading all of them. Default: as the database was kept last; a new one has it.
   */
  readonly unspentIndex?: boolean | undefined;
  /** Bytes of a file of blocks: the smaller, the closer pruning can come to its target. Default 128 MiB. */
  readonly blockFileSize?: number | undefined;
  /**
   * Memory for changes of the chain that are written later, many blocks at a time, while it catches up; in bytes.
   * Default 64 MiB. Core: -dbcache.
   */
  readonly dbCache?: number | undefined;
  /**
   * Threads that run scripts: 1 to 16, 0 for as many as the machine runs at once, or fewer than 0 for so many fewer.
   * Default: 0, and 1 for a chain in memory. Core: -par.
   */
  readonly threads?: number | undefined;
}

/** Of an object that may have more. */
export function chainSettingsOf(from: ChainSettings): ChainSettings {
  const { minimumChainWork, assumeValid, maxTipAge, deployments, policy, mempool } = from;
  const { enforceBip94, prune, unspentIndex, blockFileSize, dbCache, threads } = from;
  const chain = { minimumChainWork, assumeValid, maxTipAge, deployments, policy, mempool };
  return { ...chain, enforceBip94, prune, unspentIndex, blockFileSize, dbCache, threads };
}
