import { Reader } from "@chain/core";
import type { Random } from "../../ports.ts";

/**
 * A wait until the next of events that come by chance, so often on average: an observer cannot tell from the last when
 * the next will be. Core: PoissonNextSend.
 * @param mean in the unit of the result
 */
export function exponential(random: Random, mean: number): number {
  return -Math.log((new Reader(random.bytes(4)).u32() + 1) / (2 ** 32 + 1)) * mean;
}

/** A number from 0 to `below`, itself not included, each as likely. */
export function uniform(random: Random, below: number): number {
  return (new Reader(random.bytes(4)).u32() / 2 ** 32) * below;
}
