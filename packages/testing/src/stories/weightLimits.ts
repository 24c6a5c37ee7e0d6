/** Size and weight, to the byte. */
import { MAX_BLOCK_WEIGHT } from "@chain/core";
import { payment } from "../blockFactory.ts";
import { puzzle } from "../spends.ts";
import { ANYONE, NONE, pay, Story, unlocked, unsigned } from "./story.ts";

export function weightLimits(): Story {
  const story = new Story("size and weight");
  const money = story.coin(story.good("the money"));
  // An operation that is left for later: nothing else of the script or its stack matters.
  const open = puzzle("RESERVED");
  const outputs = [pay(1n, open.p2tr), pay(1n, open.p2tr)];
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });

  const padded = (padding: number) => ({
    coinbase: story.coinbase([pay(1n), pay(0n, new Uint8Array(padding))]),
  });
  const empty = story.make(padded(60_000)).baseSize - 60_000 + 2; // its length takes two bytes more
  const most = MAX_BLOCK_WEIGHT / 4 - empty;
  story.bad("a byte too large without witness", "consensus: bad-blk-length", padded(most + 1));
  const large = story.good("as large as it may be without witness", padded(most)).block;
  if (large.weight !== MAX_BLOCK_WEIGHT) throw new RangeError(`${large.weight}`);

  const filled = (padding: number) => {
    const blank = unsigned([story.coin(made, 1, 0)], [pay(1n, ANYONE)]);
    const items = [new Uint8Array(padding), open.code, open.control];
    return { transactions: [unlocked(blank, NONE, items)], commit: true };
  };
  const around = story.make(filled(3_000_000)).weight - 3_000_000;
  const room = MAX_BLOCK_WEIGHT - around;
  story.bad("a unit too heavy with witness", "consensus: bad-blk-weight", filled(room + 1));
  const heavy = story.good("as heavy as it may be with witness", filled(room)).block;
  if (heavy.weight !== MAX_BLOCK_WEIGHT) throw new RangeError(`${heavy.weight}`);
  return story;
}
