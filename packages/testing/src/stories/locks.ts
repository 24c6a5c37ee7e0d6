/** Lock times and sequence locks, on both sides of each boundary. */
import { SEQUENCE_FINAL } from "@chain/core";
import { payment } from "../blockFactory.ts";
import { puzzle } from "../spends.ts";
import { scriptFails } from "./scripts.ts";
import { ANYONE, NONE, type Placed, pay, Story, unlocked, unsigned } from "./story.ts";

const EARLY = "consensus: bad-txns-nonfinal";
const UNSATISFIED = scriptFails("UNSATISFIED_LOCKTIME");
const VALUE = 100n;

interface Scene {
  readonly story: Story;
  /** The outputs that the coins are of. */
  readonly made: Placed;
  /** Gives another coin each time. */
  readonly coin: () => ReturnType<Story["coin"]>;
}

const heightOf = (story: Story): number => story.tip.height + 1;

function lockTimes({ story, coin }: Scene): void {
  const at = (lockTime: number, sequence = 0) => ({
    transactions: [unsigned([coin()], [pay(VALUE, ANYONE)], { lockTime }, sequence)],
  });
  const height = () => heightOf(story);
  story.bad("locked until the block after this", EARLY, at(height()));
  story.good("locked until this block", at(height() - 1));
  story.good("locked for long, but with a final sequence", at(height() + 100, SEQUENCE_FINAL));
  const time = () => story.tip.medianTimePast;
  story.bad("locked until the median time past", EARLY, at(time()));
  story.good("locked until a second before it", at(time() - 1));
  story.bad("locked beyond the time of its own block", EARLY, {
    ...at(time() + 50),
    header: { time: time() + 100 },
  });
}

/** BIP-0068 */
function sequences({ story, made, coin }: Scene): void {
  const born = made.node.height;
  const sequence = (value: number, version = 2) => ({
    transactions: [unsigned([coin()], [pay(VALUE, ANYONE)], { version }, value)],
  });
  const age = () => heightOf(story) - born;
  story.bad("a block too young", EARLY, sequence(age() + 1));
  story.good("just old enough", sequence(age()));
  story.good("too young, but the lock is switched off", sequence(0x8000_0000 + age() + 9));
  story.good("too young, in a transaction of version 1", sequence(age() + 9, 1));
  story.bad("too young, in one of version 3", EARLY, sequence(age() + 9, 3));
  story.bad("too young, in one of a negative version", EARLY, sequence(age() + 9, -1));
  story.good("bits that mean nothing", sequence(0x003f_0000 + 1));
  const since = made.node.parent!.medianTimePast;
  for (let i = 0; i < 7; i++)
    story.good(`time goes by, ${i}`, { header: { time: since + 5_000 + i } });
  const units = Math.floor((story.tip.medianTimePast - since) / 512);
  story.good("512 seconds as often as they have passed", sequence(0x0040_0000 + units));
  const now = Math.floor((story.tip.medianTimePast - since) / 512);
  story.bad("once more than that", EARLY, sequence(0x0040_0000 + now + 1));
}

/** A block that makes a coin of this script and spends it. */
function asked(
  { story, coin }: Scene,
  { p2wsh, code }: ReturnType<typeof puzzle>,
  lockTime: number,
  value: number,
  version = 2,
) {
  const paid = unsigned([coin()], [pay(VALUE, p2wsh)]);
  const there = {
    outpoint: { txid: paid.txid, vout: 0 },
    coin: { ...pay(VALUE, p2wsh), height: heightOf(story), coinbase: false },
  };
  const back = unsigned([there], [pay(VALUE, ANYONE)], { lockTime, version }, value);
  return { transactions: [paid, unlocked(back, NONE, [code])], commit: true };
}

/** BIP-0065 */
function lockTimeOperation(scene: Scene): void {
  const { story } = scene;
  const cltv = (n: number, lockTime: number, value = 0) =>
    asked(scene, puzzle(`${n} CHECKLOCKTIMEVERIFY DROP 1`), lockTime, value);
  const time = () => story.tip.medianTimePast;
  story.good("CLTV: as late as asked", cltv(5, 5));
  story.good("CLTV: later than asked", cltv(5, 6));
  story.bad("CLTV: too early", UNSATISFIED, cltv(6, 5));
  story.bad("CLTV: a height where a time is asked", UNSATISFIED, cltv(500_000_000, 5));
  story.bad("CLTV: a time where a height is asked", UNSATISFIED, cltv(5, time() - 100));
  story.bad("CLTV: with a final sequence", UNSATISFIED, cltv(5, 5, SEQUENCE_FINAL));
  story.bad("CLTV: negative", scriptFails("NEGATIVE_LOCKTIME"), cltv(-1, 5));
}

/** BIP-0112 */
function sequenceOperation(scene: Scene): void {
  const { story } = scene;
  const csv = (n: number, value: number, version = 2) =>
    asked(scene, puzzle(`${n} CHECKSEQUENCEVERIFY DROP 1`), 0, value, version);
  story.good("CSV: nothing asked", csv(0, 0));
  story.bad("CSV: younger than asked", UNSATISFIED, csv(1, 0));
  story.bad("CSV: old enough for the operation, not for the rule", EARLY, csv(1, 1));
  story.bad("CSV: in a transaction of version 1", UNSATISFIED, csv(0, 0, 1));
  story.bad("CSV: the lock is switched off", UNSATISFIED, csv(0, 0x8000_0000));
  story.bad("CSV: blocks where time is asked", UNSATISFIED, csv(0x0040_0000, 0));
  story.good("CSV: what is asked is switched off", csv(0x8000_0000, 0, 1));
  story.bad("CSV: negative", scriptFails("NEGATIVE_LOCKTIME"), csv(-1, 0));
}

export function locks(): Story {
  const story = new Story("locks");
  const money = story.coin(story.good("the money"));
  const outputs = Array.from({ length: 60 }, () => pay(VALUE, ANYONE));
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });
  let next = 0;
  const scene = { story, made, coin: () => story.coin(made, 1, next++) };
  lockTimes(scene);
  sequences(scene);
  lockTimeOperation(scene);
  sequenceOperation(scene);
  return story;
}
