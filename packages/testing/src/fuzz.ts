/**
 * The common part of all fuzzers: randomness that a seed decides, and rounds that can be played again one by one. The clock
 * only says when to stop: what a round does depends on the seed and its number alone.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Message } from "@chain/wire";
import fc from "fast-check";
import { anyMessage } from "./arbitraries.ts";
import { Rng } from "./random.ts";

/** Messages of every kind, with any values. */
export function randomMessages(rng: Rng, count: number): Message[] {
  return fc.sample(anyMessage, { numRuns: count, seed: rng.u32() | 0 });
}

export interface FuzzOptions {
  /** The file, for the command that plays a round again. */
  readonly file: string;
  readonly project: string;
  /** Minutes to go on for, unless FUZZ_MINUTES says otherwise. */
  readonly minutes: number;
  /** One round; returns how many messages were sent in it. */
  readonly round: (rng: Rng, number: number) => Promise<number> | number;
}

const CPU_LIMIT = 30;

/** So many rounds with this seed, from the first on. For the fast suite. */
export async function fuzzRounds(
  { round, ...options }: FuzzOptions,
  seed: number,
  first: number,
  count: number,
): Promise<number> {
  let messages = 0;
  for (let number = first; number < first + count; number++) {
    messages += await playRound({ round, ...options }, seed, number);
  }
  return messages;
}

/** Rounds for so many minutes, with FUZZ_SEED or a seed of its own; FUZZ_ROUND plays one round again. */
export async function fuzzFor(options: FuzzOptions): Promise<void> {
  const { FUZZ_SEED, FUZZ_MINUTES, FUZZ_ROUND } = process.env;
  const seed = Number(FUZZ_SEED ?? Date.now() % 2 ** 32);
  const minutes = Number(FUZZ_MINUTES ?? options.minutes);
  say(`${options.project}: FUZZ_SEED=${seed} FUZZ_MINUTES=${minutes}`);
  if (FUZZ_ROUND !== undefined) {
    await playRound(options, seed, Number(FUZZ_ROUND));
    return;
  }
  // Compiled code, caches and the like come with the first rounds.
  let messages = await fuzzRounds(options, seed, 0, WARM_UP);
  const before = heapUsed();
  const start = performance.now();
  let number = WARM_UP;
  for (; performance.now() - start < minutes * 60_000; number++) {
    messages += await playRound(options, seed, number);
  }
  const grown = heapUsed() - before;
  const perSecond = Math.round(messages / ((performance.now() - start) / 1000));
  const megabytes = Math.round(grown / 1e6);
  say(
    `${options.project}: ${number} rounds, ${messages} messages, ${perSecond} per second, heap grew by ${megabytes} MB`,
  );
  if (grown > MAX_GROWTH) throw new FuzzFailure(options, seed, number, `${grown} bytes leaked`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const WARM_UP = 5;
const MAX_GROWTH = 32_000_000;

class FuzzFailure extends Error {
  constructor({ file, project }: FuzzOptions, seed: number, round: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const command = `FUZZ_SEED=${seed} FUZZ_ROUND=${round} npx pnpm@12 test:slow --project ${project} ${file}`;
    super(`round ${round} of seed ${seed}: ${why}\nagain with: ${command}`, { cause });
  }
}

/** Processor time, not the clock's: other programs on the machine make no round hang. */
async function playRound(options: FuzzOptions, seed: number, number: number): Promise<number> {
  const before = process.cpuUsage();
  const rng = new Rng(seed + Math.imul(number, 0x9e37_79b1));
  try {
    const messages = await options.round(rng, number);
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds > CPU_LIMIT) throw new RangeError(`it took ${seconds} seconds`);
    return messages;
  } catch (error) {
    throw new FuzzFailure(options, seed, number, error);
  }
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are reachable, and no others. Buffers live outside of the heap. */
export function heapUsed(): number {
  collect();
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage();
  return heap + arrayBuffers;
}
