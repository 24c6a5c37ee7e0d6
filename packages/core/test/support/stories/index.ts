/**
 * The block catalogue, in the spirit of btcd's full-block tests: good and bad blocks in the order in which somebody
 * sends them, each with what a node must make of it. Put to the rules here, and to the engine, its stores and TCP in
 * the tests of other packages.
 */
import {
  deployments,
  locks,
  moneyRules,
  repeatedIds,
  shapes,
  sigopLimits,
  weightLimits,
} from "./blocks.ts";
import { badBranches, coinsOfBranches, reorganisations } from "./forks.ts";
import { languageLimits, sizeLimits, spendsOfEveryKind } from "./scripts.ts";
import type { Story } from "./story.ts";

export function allStories(): readonly Story[] {
  return [
    spendsOfEveryKind(),
    languageLimits(),
    sizeLimits(),
    sigopLimits(),
    weightLimits(),
    shapes(),
    moneyRules(),
    repeatedIds(),
    locks(),
    deployments(),
    reorganisations(),
    badBranches(),
    coinsOfBranches(),
  ];
}
