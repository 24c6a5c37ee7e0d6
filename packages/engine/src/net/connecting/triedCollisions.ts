/**
 * Decides which of two addresses that have earned one place among the tried gets it. Core: addrman, test-before-evict.
 */

import type { Seconds } from "@chain/core";

/** Collisions that wait to be settled. Core: ADDRMAN_SET_TRIED_COLLISION_SIZE. */
const MAX_COLLISIONS = 10;
/** One that has worked so lately keeps its place; one that was tried so lately and has not worked loses it. Seconds. */
const REPLACEMENT: Seconds = 4 * 60 * 60;
/** A call may take so long to fail. Seconds. */
const ATTEMPT: Seconds = 60;
/** If the old one was not tested by then, the new one gets its place. Core: ADDRMAN_TEST_WINDOW. Seconds. */
const TEST_WINDOW: Seconds = 40 * 60;

interface Times {
  readonly lastTry: number;
  readonly lastSuccess: number;
}

/** Decides a collision: the old address stays, or goes, or is to be called first. */
export function resolveCollision(
  old: Times,
  rival: Times,
  seconds: number,
): "stays" | "goes" | "untested" {
  if (seconds - old.lastSuccess < REPLACEMENT) return "stays";
  if (seconds - old.lastTry < REPLACEMENT) {
    return seconds - old.lastTry > ATTEMPT ? "goes" : "untested";
  }
  return seconds - rival.lastSuccess > TEST_WINDOW ? "goes" : "untested";
}

/**
 * Names of new addresses that worked, and whose place among the tried ones is taken. They are few: one that comes too
 * late comes again. Core: AddrManImpl::m_tried_collisions.
 */
export class TriedCollisions {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.size < MAX_COLLISIONS) this.#names.add(name);
  }

  delete(name: string): void {
    this.#names.delete(name);
  }

  list(): readonly string[] {
    return [...this.#names];
  }
}
