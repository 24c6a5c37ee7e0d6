import { readFile, stat } from "node:fs/promises";
import type { Milliseconds } from "@chain/core";
import {
  type ChainManager,
  FeeEstimator,
  feedEstimator,
  type Log,
  MempoolFees,
} from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import { messageOf, systemCode } from "../errors.ts";
import { keptAs, replaceFile } from "../files.ts";
import type { NodeConfig } from "./config.ts";
import { decodeFeeEstimates, encodeFeeEstimates } from "./feesFile.ts";
import type { Service } from "./service.ts";

const HOUR: Milliseconds = 60 * 60 * 1000;
/** Core: FEE_FLUSH_INTERVAL. */
const INTERVAL: Milliseconds = HOUR;
/** Fees of longer ago say nothing of those of today. Core: MAX_FILE_AGE. */
const MAX_AGE: Milliseconds = 60 * HOUR;

export interface FeeEstimates extends Service {
  /** Answers the RPC's questions about fees. */
  readonly fees: NonNullable<RpcHost["fees"]>;
  /** Writes the file by so many milliseconds sooner than planned. */
  readonly forward: (by: Milliseconds) => void;
}

/**
 * Begins to estimate fees, unless the node hears of no transactions that an estimate could come from. Its memory is
 * in a file, which is written every hour and at the end.
 */
export async function startFeeEstimates(
  config: NodeConfig,
  chain: ChainManager,
  log: Log,
): Promise<FeeEstimates> {
  const { network, paths } = config.identity;
  const fixed = network.isMockable ? { rate: config.estimatedFee } : undefined;
  const stopping = "keeping the estimates of fees";
  if (config.blocksOnly)
    return { fees: { fixed }, forward: () => {}, stopping, stop: async () => {} };
  const estimator = await readFeeEstimates(paths.fees, Date.now(), log);
  const mempoolFees = new MempoolFees(chain);
  const stopFeeding = feedEstimator(estimator, chain, mempoolFees);
  let writing = Promise.resolve();
  /** One write at a time; the bytes are those of now. */
  const write = () => {
    const bytes = encodeFeeEstimates(estimator.state);
    writing = writing.then(async () => {
      try {
        await replaceFile(paths.fees, [bytes]);
      } catch (error) {
        log("warn", "mempool", `can't keep the estimates of fees: ${messageOf(error)}`);
      }
    });
    return writing;
  };
  let timer: NodeJS.Timeout | undefined;
  let dueAt = 0;
  const schedule = (after: Milliseconds) => {
    clearTimeout(timer);
    dueAt = performance.now() + after;
    timer = setTimeout(() => {
      void write();
      schedule(INTERVAL);
    }, after);
  };
  schedule(INTERVAL);
  return {
    forward: (by) => schedule(Math.max(0, dueAt - by - performance.now())),
    fees: { fixed, estimator, mempoolFees },
    stopping,
    stop: async () => {
      clearTimeout(timer);
      stopFeeding();
      estimator.forgetMempool();
      await write();
    },
  };
}

/**
 * The estimator of a file: one that has seen nothing where there is none, or one that is too old. A file that can't be
 * read is told in one line, and kept under a second name, because the next one is written over it.
 * @param now milliseconds since 1970
 */
export async function readFeeEstimates(
  path: string,
  now: Milliseconds,
  log: Log,
): Promise<FeeEstimator> {
  let damage: string;
  try {
    const age = now - (await stat(path)).mtimeMs;
    if (age > MAX_AGE) {
      const hours = Math.floor(age / HOUR);
      log("warn", "mempool", `${path} is ${hours} hours old, too old for estimates of fees`);
      return new FeeEstimator();
    }
    const decoded = decodeFeeEstimates(await readFile(path));
    if ("state" in decoded) return new FeeEstimator(decoded.state);
    damage = decoded.damage;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return new FeeEstimator();
    damage = messageOf(error);
  }
  log(
    "warn",
    "mempool",
    `${path}: no estimates of fees are read (${damage}); ${await keptAs(path)}`,
  );
  return new FeeEstimator();
}
