/**
 * The block catalogue, in the spirit of btcd's full-block tests: good and bad blocks in the order in which somebody
 * sends them, each with what a node must make of it. The tests of core put them to the rules, those of engine to its
 * chain and stores, those of the node to it over TCP.
 */
import { deployments } from "./stories/deployments.ts";
import { badBranches, coinsOfBranches, reorganisations } from "./stories/forks.ts";
import { locks } from "./stories/locks.ts";
import { moneyRules, repeatedIds } from "./stories/money.ts";
import { languageLimits, sizeLimits, spendsOfEveryKind } from "./stories/scripts.ts";
import { shapes } from "./stories/shapes.ts";
import { sigopLimits } from "./stories/sigopLimits.ts";
import type { Story } from "./stories/story.ts";
import { weightLimits } from "./stories/weightLimits.ts";

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
