/** Signature operations, counted every way, at the limit and one above. */
import { concatBytes, pushData, type Transaction } from "@chain/core";
import { payment, withScriptSigs } from "../blockFactory.ts";
import { puzzle } from "../spends.ts";
import { ANYONE, NONE, pay, Story, unlocked, unsigned } from "./story.ts";

const CHECKSIG = 0xac;
const CHECKMULTISIG = 0xae;
const TOO_MANY = "consensus: bad-blk-sigops";
/** Most signature operations where each costs four. */
const MOST = 20_000;
/** Operations in each script of multisigs. */
const EACH = 99 * 16;

const checks = (count: number): Uint8Array => new Uint8Array(count).fill(CHECKSIG);
const times = (count: number, asm: string): string => Array(count).fill(asm).join(" ");

/** A block with so many more operations in its coinbase, whose payment has one already. */
function block(
  story: Story,
  rest: number,
  transactions: readonly Transaction[] = [],
  script = checks(rest - 1),
) {
  return {
    coinbase: story.coinbase([pay(1n), pay(0n, script)]),
    transactions,
    commit: transactions.some(({ hasWitness }) => hasWitness),
  };
}

type Options = ReturnType<typeof block>;

function both(story: Story, name: string, at: () => Options, above: () => Options): void {
  story.bad(`${name}: one above the limit`, TOO_MANY, above());
  story.good(`${name}: at the limit`, at());
}

/** Operations of outputs and scriptSigs count without being run. */
function inOutputs(story: Story): void {
  /** The limit is met with this operand, and passed with the next. */
  const tryBoth = (name: string, script: (rest: number) => Uint8Array, at: number) =>
    both(
      story,
      name,
      () => block(story, 0, [], script(at)),
      () => block(story, 0, [], script(at + 1)),
    );
  both(
    story,
    "in an output",
    () => block(story, MOST),
    () => block(story, MOST + 1),
  );
  // Without a look at how many keys there are, each counts as twenty.
  tryBoth(
    "multisig in an output",
    (rest) => concatBytes(new Uint8Array(999).fill(CHECKMULTISIG), checks(rest)),
    19,
  );
  const ofOneKey = Array.from({ length: 999 }, () => Uint8Array.of(0x51, CHECKMULTISIG));
  tryBoth("of one key in an output", (rest) => concatBytes(...ofOneKey, checks(rest)), 19);
  tryBoth(
    "not those in pushes",
    (rest) => concatBytes(pushData(checks(500)), checks(rest)),
    MOST - 1,
  );
  // The bytes after a push that goes beyond the end are not read.
  tryBoth(
    "not those after a broken push",
    (rest) => concatBytes(checks(rest), Uint8Array.of(0x4c, 200), checks(100)),
    MOST - 1,
  );
  const inScriptSig = (rest: number) => {
    const coinbase = story.coinbase([pay(1n), pay(0n, checks(rest))]);
    const { scriptSig } = coinbase.inputs[0]!;
    return { coinbase: withScriptSigs(coinbase, () => concatBytes(scriptSig, checks(90))) };
  };
  story.bad("in a scriptSig: one above the limit", TOO_MANY, inScriptSig(MOST - 90));
  story.good("in a scriptSig: at the limit", inScriptSig(MOST - 91));
}

/** Coins with operations in the scripts that they are spent by. */
function coinsOf(story: Story) {
  const money = story.coin(story.good("the money"));
  const heavy = puzzle(`0 IF ${times(99, "16 CHECKMULTISIG")} ENDIF 1`);
  const one = puzzle("0 IF CHECKSIG ENDIF 1");
  const many = puzzle(`0 IF ${times(MOST + 1, "CHECKSIG")} ENDIF 1`);
  const outputs = [
    ...Array.from({ length: 24 }, () => pay(1n, heavy.p2sh)),
    ...Array.from({ length: 100 }, () => pay(1n, heavy.p2wsh)),
    pay(1n, one.p2wsh),
    pay(1n, many.p2tr),
  ];
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });
  return { made, heavy, one, many };
}

/** Operations of redeem scripts count as those of outputs; of witness scripts a fourth; of tapscript none. */
function inSpends(story: Story, { made, heavy, one, many }: ReturnType<typeof coinsOf>): void {
  const outputs = [pay(1n, ANYONE)];
  const coins = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => story.coin(made, 1, from + i));
  const p2sh = (): Transaction => unlocked(unsigned(coins(12, 0), outputs), pushData(heavy.code));
  both(
    story,
    "in redeem scripts",
    () => block(story, MOST - 12 * EACH, [p2sh()]),
    () => block(story, MOST - 12 * EACH + 1, [p2sh()]),
  );
  const p2wsh = (): Transaction => unlocked(unsigned(coins(50, 24), outputs), NONE, [heavy.code]);
  const single = unlocked(unsigned(coins(1, 124), outputs), NONE, [one.code]);
  // In a witness each costs one, so that even one is too many.
  const rest = (4 * MOST - 50 * EACH) / 4;
  both(
    story,
    "in witness scripts",
    () => block(story, rest, [p2wsh()]),
    () => block(story, rest, [p2wsh(), single]),
  );
  const tapscript = unlocked(unsigned(coins(1, 125), outputs), NONE, [many.code, many.control]);
  story.good("not those in tapscript", block(story, MOST, [tapscript]));
}

export function sigopLimits(): Story {
  const story = new Story("signature operations");
  const coins = coinsOf(story);
  inOutputs(story);
  inSpends(story, coins);
  return story;
}
