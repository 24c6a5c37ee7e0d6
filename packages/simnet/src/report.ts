import type { Milliseconds } from "@chain/core";
import type { Simulation } from "./simulation.ts";

const HOUR: Milliseconds = 3_600_000;
/** Shares of all nodes that the table tells of. */
const SHARES = [0.5, 0.9, 0.99] as const;
/** Points of the curve. */
const POINTS = 100;

/** How long blocks took to reach a share of all nodes. Milliseconds from when they were found. */
export interface Reach {
  /** From 0 to 1. */
  readonly share: number;
  readonly median: number;
  readonly mean: number;
  /** One block of twenty took longer. */
  readonly slow: number;
  /** Blocks that reached so many. */
  readonly blocks: number;
}

export interface Report {
  readonly seed: number;
  readonly nodes: number;
  readonly hours: number;
  readonly events: number;
  /** Of the whole history; see EventLog. */
  readonly hash: string;
  readonly blocks: number;
  /** Blocks that were found and are not in the chain. */
  readonly stale: number;
  readonly reach: readonly Reach[];
  /** The same by the hundredth, for a plot. */
  readonly curve: readonly Reach[];
  /** The bytes that nodes have sent by command, for each node and hour, most first. */
  readonly traffic: readonly (readonly [command: string, bytes: number])[];
}

/**
 * The outcome of a simulation, as far as it went.
 * @example
 * simulation.mining.start();
 * await simulation.run(3_600_000);
 * makeReport(simulation).blocks > 0 // true
 */
export function makeReport(simulation: Simulation): Report {
  const { nodes, statistics, network, seed, time, log } = simulation;
  const exactHours = simulation.elapsed / HOUR;
  const observer = nodes.find(({ running }) => running);
  const reachOf = (share: number): Reach => reach(statistics.delays(), share, nodes.length);
  const shares = Array.from({ length: POINTS }, (_, n) => (n + 1) / POINTS);
  const traffic = [...network.traffic]
    .map(([command, { bytes }]) => [command, bytes / nodes.length / exactHours] as const)
    .sort(([, a], [, b]) => b - a);
  return {
    seed,
    nodes: nodes.length,
    hours: Number(exactHours.toFixed(2)),
    events: time.processed,
    hash: log.hash,
    blocks: statistics.minedCount,
    stale: observer === undefined ? 0 : statistics.staleCount(observer),
    reach: SHARES.map(reachOf),
    curve: shares.map(reachOf).filter(({ blocks }) => blocks > 0),
    traffic,
  };
}

/** @param delays of each block, ascending */
function reach(delays: readonly (readonly number[])[], share: number, nodes: number): Reach {
  const needed = Math.max(1, Math.ceil(share * nodes));
  const times = delays
    .filter(({ length }) => length >= needed)
    .map((all) => all[needed - 1] as number)
    .sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(part * (times.length - 1))] ?? 0;
  const mean = times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length);
  return { share, median: at(0.5), mean, slow: at(0.95), blocks: times.length };
}

/**
 * The report as lines of text, in columns.
 * @example formatReport(makeReport(simulation)).includes("blocks")
 */
export function formatReport(report: Report): string {
  const { seed, nodes, hours, blocks, stale, traffic, hash } = report;
  const rate = blocks === 0 ? 0 : (100 * stale) / blocks;
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
  const total = traffic.reduce((sum, [, bytes]) => sum + bytes, 0);
  return [
    `${nodes} nodes, ${hours} h, seed ${seed}: ${blocks} blocks, ${stale} of them stale (${rate.toFixed(1)} %)`,
    "",
    "a block reaches",
    ...columns([
      ["nodes", "median", "mean", "slowest 5 %", "blocks"],
      ...report.reach.map(({ share, median, mean, slow, blocks: count }) => [
        `${100 * share} %`,
        seconds(median),
        seconds(mean),
        seconds(slow),
        String(count),
      ]),
    ]),
    "",
    "each node sends in an hour",
    ...columns([
      ...traffic.map(([command, bytes]) => [command, `${Math.round(bytes)} B`]),
      ["in total", `${Math.round(total)} B`],
    ]),
    "",
    `history ${hash}`,
  ].join("\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    return `  ${cells.join("  ")}`;
  });
}
