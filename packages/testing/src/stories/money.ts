/** Amounts, missing coins, coins that are too young, and ids that come twice. */
import { MAX_MONEY, scriptFromAsm, type TxOutput } from "@chain/core";
import { payment, withScriptSigs } from "../blockFactory.ts";
import { ANYONE, pay, Story, unsigned } from "./story.ts";

/** Amounts, missing coins, and coins that are too young. */
export function moneyRules(): Story {
  const story = new Story("money", { coinbaseMaturity: 5 });
  const made = story.good("the money");
  const { initialSubsidy: subsidy } = story.params;
  const cheat = "consensus: bad-cb-amount";
  story.bad("a unit too much", cheat, { reward: subsidy + 1n });
  story.good("a unit less", { reward: subsidy - 1n });
  story.good("nothing", { reward: 0n });
  const coin = story.coin(made);
  const young = "consensus: bad-txns-premature-spend-of-coinbase";
  const paid = (value: bigint) => payment({ coins: [coin], outputs: [pay(value, ANYONE)] });
  story.bad("a coinbase two blocks too young", young, { transactions: [paid(subsidy)] });
  story.good("a block goes by");
  story.bad("a coinbase a block too young", young, { transactions: [paid(subsidy)] });
  const fee = 7n;
  story.good("another block goes by");
  const spends = (reward: bigint) => ({ transactions: [paid(subsidy - fee)], reward });
  story.bad("more than subsidy and fees", cheat, spends(subsidy + fee + 1n));
  const second = story.good("a coinbase old enough; all fees", spends(subsidy + fee));

  const output = story.coin(second, 1);
  const value = output.coin.value;
  const from = (...outputs: readonly TxOutput[]) => ({
    transactions: [unsigned([output], outputs)],
  });
  story.bad("more out than in", "consensus: bad-txns-in-belowout", from(pay(value + 1n)));
  story.bad("a negative output", "consensus: bad-txns-vout-negative", from(pay(-1n)));
  story.bad(
    "more than there will be",
    "consensus: bad-txns-vout-toolarge",
    from(pay(MAX_MONEY + 1n)),
  );
  story.bad(
    "a sum of more than there will be",
    "consensus: bad-txns-txouttotal-toolarge",
    from(pay(MAX_MONEY), pay(1n)),
  );
  story.bad(
    "a sum that is too large to pay",
    "consensus: bad-txns-in-belowout",
    from(pay(MAX_MONEY)),
  );
  const missing = "consensus: bad-txns-inputs-missingorspent";
  const elsewhere = { ...output, outpoint: { ...output.outpoint, vout: 1 } };
  story.bad("an output that is not there", missing, {
    transactions: [unsigned([elsewhere], [pay(1n)])],
  });
  const spent = unsigned([output, output], [pay(1n)]);
  story.bad("one coin twice in a transaction", "consensus: bad-txns-inputs-duplicate", {
    transactions: [spent],
  });
  story.bad("no outputs", "consensus: bad-txns-vout-empty", from());

  // An output that OP_RETURN begins is no coin, and its value is gone.
  const burnt = story.good("burns", from(pay(value, scriptFromAsm("RETURN 7"))));
  story.bad("what was burnt", missing, {
    transactions: [unsigned([story.coin(burnt, 1)], [pay(1n)])],
  });
  return story;
}

/** Ids that come twice (BIP-0030), where coinbases do not name their height. */
export function repeatedIds(): Story {
  const story = new Story("ids that come twice", {
    deployments: { ...new Story("").params.deployments, bip34: 1_000 },
  });
  const fixed = withScriptSigs(story.coinbase([pay(5n, ANYONE)]), () => Uint8Array.of(1, 2, 3));
  const first = story.good("a coinbase that says nothing of its height", { coinbase: fixed });
  const repeated = "consensus: bad-txns-BIP30";
  story.bad("the same, while it is unspent", repeated, { coinbase: fixed });
  const coin = story.coin(first);
  story.bad("the same, in the block that spends it", repeated, {
    coinbase: fixed,
    transactions: [unsigned([coin], [pay(5n, ANYONE)])],
  });
  story.good("it is spent", { transactions: [unsigned([coin], [pay(5n, ANYONE)])] });
  const again = story.good("the same, when it is spent", { coinbase: fixed });
  story.bad("and once more", repeated, { coinbase: fixed });
  story.good("the second one is spent", {
    transactions: [unsigned([story.coin(again)], [pay(5n)])],
  });
  return story;
}
