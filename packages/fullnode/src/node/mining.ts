/** Mining with what a machine offers, for nodes that run alone and for those in process. */
import {
  type ChainManager,
  InProcessSearch,
  type Log,
  Miner,
  type MinerOptions,
} from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import { systemClock, systemTimers } from "../ports/system.ts";
import { extraNonces } from "./extraNonces.ts";

/** Shared by all miners of one node: with it, two that mine on one block for one script make different blocks. */
export type MiningParts = Omit<MinerOptions, "payTo" | "mineWhen"> & {
  readonly search: InProcessSearch;
};

/** How long it searches before others get their turn is a matter of real time. */
export function miningParts(chain: ChainManager, log: Log): MiningParts {
  const search = new InProcessSearch(systemClock, systemTimers);
  const extraNonce = extraNonces(chain);
  return { chain, search, clock: systemClock, timers: systemTimers, log, extraNonce };
}

/** Mining, as the methods of the RPC ask for it. */
export function miningFor(parts: MiningParts): RpcHost["mining"] {
  return {
    mine: async (payTo, signal, maxTries) =>
      (await new Miner({ ...parts, payTo }).mineOne(signal, maxTries)).hash,
    search: parts.search,
  };
}
