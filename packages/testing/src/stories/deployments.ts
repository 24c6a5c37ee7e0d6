/** Rules that come into force at a height: a block that breaks them is good before it. */
import { concatBytes, type DeploymentHeights, pushData, type Transaction } from "@chain/core";
import { payment, withScriptSigs } from "../blockFactory.ts";
import { puzzle } from "../spends.ts";
import { scriptFails } from "./scripts.ts";
import { ANYONE, NONE, pay, Story, unlocked, unsigned } from "./story.ts";

const HEIGHT = 8;
const HEIGHTS: DeploymentHeights = {
  bip34: HEIGHT,
  bip66: HEIGHT,
  bip65: HEIGHT,
  csv: HEIGHT,
  segwit: HEIGHT,
};

/** Spends that break a rule of scripts: the script, its stack, and the error once the rule is in force. */
const BREAKS = [
  ["CLTV", "100 CHECKLOCKTIMEVERIFY DROP 1", NONE, "UNSATISFIED_LOCKTIME"],
  ["CSV", "100 CHECKSEQUENCEVERIFY DROP 1", NONE, "UNSATISFIED_LOCKTIME"],
  [
    "strict DER",
    `0x21 0x02${"11".repeat(32)} CHECKSIG NOT`,
    pushData(Uint8Array.of(0x30, 6, 2, 1, 0x81, 2, 1, 1, 1)),
    "SIG_DER",
  ],
  ["NULLDUMMY", "0 0 CHECKMULTISIG", Uint8Array.of(0x51), "SIG_NULLDUMMY"],
] as const;

/** Blocks that break the rules, each made when it is asked for. */
interface Breakers {
  /** Breaks rule n of scripts, with the first or the second coin that is there for it. */
  readonly tried: (n: number, which: number) => Transaction;
  readonly anyone: (n: number, sequence: number, lockTime?: number) => Transaction;
  /** A coinbase that says nothing of its height. */
  readonly fixed: (text: number) => Transaction;
}

function breakers(story: Story): Breakers {
  const money = story.coin(story.good("the money"));
  const puzzles = BREAKS.map(([, asm]) => puzzle(asm));
  const outputs = puzzles.flatMap(({ p2sh }) => [pay(9n, p2sh), pay(9n, p2sh)]);
  const free = Array.from({ length: 4 }, () => pay(9n, ANYONE));
  const made = story.good("outputs", {
    transactions: [payment({ coins: [money], outputs: [...outputs, ...free] })],
  });
  return {
    tried: (n, which) => {
      const [, , stack] = BREAKS[n]!;
      const blank = unsigned([story.coin(made, 1, 2 * n + which)], [pay(9n, ANYONE)]);
      return unlocked(blank, concatBytes(stack, pushData(puzzles[n]!.code)));
    },
    anyone: (n, sequence, lockTime = 0) => {
      const coin = story.coin(made, 1, outputs.length + n);
      return unsigned([coin], [pay(9n, ANYONE)], { lockTime }, sequence);
    },
    fixed: (text) => withScriptSigs(story.coinbase([pay(1n)]), () => Uint8Array.of(1, text)),
  };
}

function before(story: Story, { tried, anyone, fixed }: Breakers): void {
  story.good("before: all of them broken in a block", {
    transactions: BREAKS.map((_, n) => tried(n, 0)),
    header: { version: 1 },
  });
  story.good("before: sequences mean nothing", {
    transactions: [anyone(0, 1_000)],
    header: { version: 2 },
  });
  // Until then a transaction may come as soon as the time of its own block allows.
  const time = story.tip.medianTimePast + 50;
  story.good("before: locked until the time of the block", {
    transactions: [anyone(1, 0, time)],
    header: { time: time + 1, version: 3 },
  });
  story.good("before: no height in the coinbase", { coinbase: fixed(77) });
  while (story.tip.height + 1 < HEIGHT) story.good("another", { header: { version: 1 } });
}

function fromThenOn(story: Story, { tried, anyone, fixed }: Breakers): void {
  for (const version of [0, 1, 2, 3]) {
    const hex = version.toString(16).padStart(8, "0");
    story.bad(`from then on: version ${version}`, `invalid-header: bad-version(0x${hex})`, {
      header: { version },
    });
  }
  story.bad("from then on: no height in the coinbase", "consensus: bad-cb-height", {
    coinbase: fixed(78),
  });
  BREAKS.forEach(([name, , , error], n) => {
    story.bad(`from then on: ${name}`, scriptFails(error), { transactions: [tried(n, 1)] });
  });
  const early = "consensus: bad-txns-nonfinal";
  story.bad("from then on: sequences", early, { transactions: [anyone(2, 1_000)] });
  const soon = story.tip.medianTimePast + 50;
  story.bad("from then on: locked until the time of the block", early, {
    transactions: [anyone(3, 0, soon)],
    header: { time: soon + 1 },
  });
  story.good("and one that keeps to all of them", { transactions: [anyone(2, 0), anyone(3, 0)] });
}

export function deployments(): Story {
  const story = new Story("rules that begin at a height", { deployments: HEIGHTS });
  const all = breakers(story);
  before(story, all);
  fromThenOn(story, all);
  return story;
}
