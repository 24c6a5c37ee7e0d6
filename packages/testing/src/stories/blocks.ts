/** Blocks as wholes: what they may weigh and count, their shape, their money, and when their transactions may come. */
import {
  Block,
  concatBytes,
  type DeploymentHeights,
  MAX_BLOCK_WEIGHT,
  MAX_MONEY,
  merkleRoot,
  pushData,
  pushNumber,
  SEQUENCE_FINAL,
  scriptFromAsm,
  type Transaction,
  type TxOutput,
  witnessCommitmentScript,
} from "@chain/core";
import { payment, withScriptSigs, witnessCoinbase } from "../blockFactory.ts";
import { OUTPUT_KINDS, puzzle } from "../spends.ts";
import { scriptFails } from "./scripts.ts";
import { ANYONE, pay, Story, spend, unlocked, unsigned } from "./story.ts";

const NONE = new Uint8Array(0);
const CHECKSIG = 0xac;
const CHECKMULTISIG = 0xae;
const TOO_MANY = "consensus: bad-blk-sigops";
/** Most signature operations where each costs four. */
const MOST = 20_000;

const checks = (count: number): Uint8Array => new Uint8Array(count).fill(CHECKSIG);
const times = (count: number, asm: string): string => Array(count).fill(asm).join(" ");

/** Signature operations, counted every way, at the limit and one above. */
export function sigopLimits(): Story {
  const story = new Story("signature operations");
  const money = story.coin(story.good("the money"));
  const heavy = puzzle(`0 IF ${times(99, "16 CHECKMULTISIG")} ENDIF 1`);
  const one = puzzle("0 IF CHECKSIG ENDIF 1");
  const many = puzzle(`0 IF ${times(MOST + 1, "CHECKSIG")} ENDIF 1`);
  const each = 99 * 16;
  const outputs = [
    ...Array.from({ length: 24 }, () => pay(1n, heavy.p2sh)),
    ...Array.from({ length: 100 }, () => pay(1n, heavy.p2wsh)),
    pay(1n, one.p2wsh),
    pay(1n, many.p2tr),
  ];
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });

  /** A block with so many more operations in its coinbase, whose payment has one already. */
  const block = (
    rest: number,
    transactions: readonly Transaction[] = [],
    script = checks(rest - 1),
  ) => ({
    coinbase: story.coinbase([pay(1n), pay(0n, script)]),
    transactions,
    commit: transactions.some(({ hasWitness }) => hasWitness),
  });
  const both = (
    name: string,
    at: () => ReturnType<typeof block>,
    above: () => ReturnType<typeof block>,
  ) => {
    story.bad(`${name}: one above the limit`, TOO_MANY, above());
    story.good(`${name}: at the limit`, at());
  };
  both(
    "in an output",
    () => block(MOST),
    () => block(MOST + 1),
  );
  const multisigs = (count: number, rest: number): Uint8Array =>
    concatBytes(new Uint8Array(count).fill(CHECKMULTISIG), checks(rest));
  // Without a look at how many keys there are, each counts as twenty.
  both(
    "multisig in an output",
    () => block(0, [], multisigs(999, 19)),
    () => block(0, [], multisigs(999, 20)),
  );
  const numbered = (count: number, rest: number): Uint8Array =>
    concatBytes(
      ...Array.from({ length: count }, () => Uint8Array.of(0x51, CHECKMULTISIG)),
      checks(rest),
    );
  both(
    "of one key in an output",
    () => block(0, [], numbered(999, 19)),
    () => block(0, [], numbered(999, 20)),
  );
  const pushed = (rest: number): Uint8Array => concatBytes(pushData(checks(500)), checks(rest));
  both(
    "not those in pushes",
    () => block(0, [], pushed(MOST - 1)),
    () => block(0, [], pushed(MOST)),
  );
  // The bytes after a push that goes beyond the end are not read.
  const broken = (rest: number): Uint8Array =>
    concatBytes(checks(rest), Uint8Array.of(0x4c, 200), checks(100));
  both(
    "not those after a broken push",
    () => block(0, [], broken(MOST - 1)),
    () => block(0, [], broken(MOST)),
  );
  const inScriptSig = (rest: number) => {
    const coinbase = story.coinbase([pay(1n), pay(0n, checks(rest))]);
    const { scriptSig } = coinbase.inputs[0]!;
    return { coinbase: withScriptSigs(coinbase, () => concatBytes(scriptSig, checks(90))) };
  };
  story.bad("in a scriptSig: one above the limit", TOO_MANY, inScriptSig(MOST - 90));
  story.good("in a scriptSig: at the limit", inScriptSig(MOST - 91));

  const p2sh = (from: number): Transaction => {
    const coins = Array.from({ length: 12 }, (_, i) => story.coin(made, 1, from + i));
    return unlocked(unsigned(coins, [pay(1n, ANYONE)]), pushData(heavy.code));
  };
  both(
    "in redeem scripts",
    () => block(MOST - 12 * each, [p2sh(0)]),
    () => block(MOST - 12 * each + 1, [p2sh(0)]),
  );
  const p2wsh = (from: number): Transaction => {
    const coins = Array.from({ length: 50 }, (_, i) => story.coin(made, 1, 24 + from + i));
    return unlocked(unsigned(coins, [pay(1n, ANYONE)]), NONE, [heavy.code]);
  };
  const single = unlocked(unsigned([story.coin(made, 1, 124)], [pay(1n, ANYONE)]), NONE, [
    one.code,
  ]);
  // In a witness each costs one, so that even one is too many.
  const rest = (4 * MOST - 50 * each) / 4;
  both(
    "in witness scripts",
    () => block(rest, [p2wsh(0)]),
    () => block(rest, [p2wsh(0), single]),
  );
  const tapscript = unlocked(unsigned([story.coin(made, 1, 125)], [pay(1n, ANYONE)]), NONE, [
    many.code,
    many.control,
  ]);
  story.good("not those in tapscript", block(MOST, [tapscript]));
  return story;
}

/** Size and weight, to the byte. */
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

/** Merkle trees, witness commitments, coinbases, encodings. */
export function shapes(): Story {
  const story = new Story("shapes");
  const money = story.coin(story.good("the money"));
  const value = 1_000n;
  const outputs = Array.from({ length: 40 }, () => pay(value, ANYONE));
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });
  let next = 0;
  const take = (): Transaction =>
    withScriptSigs(unsigned([story.coin(made, 1, next++)], [pay(value, ANYONE)]), () => NONE);

  // CVE-2012-2459: the same root, with transactions repeated. The good block must not suffer for it.
  for (const [count, repeated] of [
    [3, [2]],
    [5, [4]],
    [6, [4, 5]],
    [7, [6]],
  ] as const) {
    const block = story.make({ transactions: Array.from({ length: count - 1 }, take) });
    const all = [...block.transactions, ...repeated.map((i) => block.transactions[i]!)];
    const doubled = new Block(block.header, all);
    const root = merkleRoot(all.map(({ txid }) => txid)).root;
    if (root !== block.header.merkleRoot) throw new RangeError("not the same root");
    story.send(`the end of ${count} repeated`, doubled, "mutated: bad-txns-duplicate");
    const fewer = new Block(block.header, block.transactions.slice(0, -1));
    story.send(`one of ${count} left out`, fewer, "mutated: bad-txnmrklroot");
    const [first, ...others] = block.transactions;
    const reordered = new Block(block.header, [first!, ...others.reverse()]);
    if (count > 2) story.send(`${count} in another order`, reordered, "mutated: bad-txnmrklroot");
    story.send(`all ${count} as they should be`, block, "tip");
  }

  // Witness commitments (BIP-0141).
  const kind = OUTPUT_KINDS.find(({ name }) => name === "P2WPKH")!;
  const locked = story.good("a witness program", {
    transactions: [unsigned([story.coin(made, 1, next++)], [pay(value, kind.script)])],
  });
  const withWitness = spend(kind, [story.coin(locked, 1)], [pay(value, ANYONE)]);
  const commitment = (reserved: Uint8Array, of: readonly Transaction[]): TxOutput =>
    pay(0n, witnessCommitmentScript([story.coinbase([]), ...of], reserved));
  const zeros = new Uint8Array(32);
  const right = commitment(zeros, [withWitness]);
  const wrong = commitment(zeros, []);
  const block = (
    outs: readonly TxOutput[],
    witness: readonly Uint8Array[],
    others = [withWitness],
  ) => ({
    coinbase: witnessCoinbase(story.coinbase([pay(1n), ...outs]), witness),
    transactions: others,
  });
  const mismatch = "mutated: bad-witness-merkle-match";
  const nonce = "mutated: bad-witness-nonce-size";
  story.bad("a witness and no commitment", "mutated: unexpected-witness", block([], []));
  story.bad(
    "only the coinbase has a witness",
    "mutated: unexpected-witness",
    block([], [zeros], []),
  );
  story.bad("another commitment", mismatch, block([wrong], [zeros]));
  story.bad("the last of two commitments is wrong", mismatch, block([right, wrong], [zeros]));
  story.bad("another reserved value", mismatch, block([right], [new Uint8Array(32).fill(1)]));
  story.bad("no reserved value", nonce, block([right], []));
  story.bad("a reserved value of 31 bytes", nonce, block([right], [new Uint8Array(31)]));
  story.bad("a reserved value of 33 bytes", nonce, block([right], [new Uint8Array(33)]));
  story.bad("two reserved values", nonce, block([right], [zeros, zeros]));
  const short = pay(0n, right.scriptPubKey.slice(0, 37));
  story.bad(
    "a commitment that is too short",
    "mutated: unexpected-witness",
    block([short], [zeros]),
  );
  const otherHeader = pay(
    0n,
    right.scriptPubKey.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
  );
  story.bad(
    "a commitment that begins otherwise",
    "mutated: unexpected-witness",
    block([otherHeader], [zeros]),
  );
  story.good("a commitment and no witness", block([commitment(zeros, [])], [zeros], []));
  story.good(
    "a commitment to the wrong thing before the right one",
    block([wrong, right], [zeros]),
  );
  const more = story.good("another witness program", {
    transactions: [unsigned([story.coin(made, 1, next++)], [pay(value, kind.script)])],
  });
  const second = spend(kind, [story.coin(more, 1)], [pay(value, ANYONE)]);
  const longer = pay(
    0n,
    concatBytes(commitment(zeros, [second]).scriptPubKey, Uint8Array.of(7, 7)),
  );
  story.good("a commitment with something behind it", block([longer], [zeros], [second]));

  // Coinbases.
  const coinbase = (scriptSig: Uint8Array) => ({
    coinbase: withScriptSigs(story.coinbase([pay(1n)]), () => scriptSig),
  });
  const height = () => pushNumber(story.tip.height + 1);
  const filler = (length: number) =>
    concatBytes(height(), new Uint8Array(length - height().length));
  story.good("a coinbase script of 100 bytes", coinbase(filler(100)));
  story.bad("a coinbase script of 101 bytes", "consensus: bad-cb-length", coinbase(filler(101)));
  story.good("a coinbase script of 2 bytes", coinbase(filler(2)));
  story.bad(
    "a coinbase script of a byte",
    "consensus: bad-cb-length",
    coinbase(Uint8Array.of(0x51)),
  );
  const cbHeight = "consensus: bad-cb-height";
  story.bad(
    "the height before",
    cbHeight,
    coinbase(concatBytes(pushNumber(story.tip.height), zeros)),
  );
  story.bad(
    "the height after",
    cbHeight,
    coinbase(concatBytes(pushNumber(story.tip.height + 2), zeros)),
  );
  story.bad("no height", cbHeight, coinbase(zeros));
  const wide = Uint8Array.of(2, (story.tip.height + 1) & 0xff, 0);
  story.bad("the height in more bytes than it needs", cbHeight, coinbase(concatBytes(wide, zeros)));
  story.bad("a second coinbase", "consensus: bad-cb-multiple", {
    transactions: [story.coinbase([pay(1n)])],
  });
  story.bad("no coinbase", "consensus: bad-cb-missing", { coinbase: take() });
  const late = story.make({ coinbase: take(), transactions: [story.coinbase([pay(1n)])] });
  story.send("the coinbase in the second place", late, "consensus: bad-cb-missing");

  // Encodings. Bytes behind a block are ignored, as Core does; a block that is cut off is none.
  const good = story.make({ transactions: [take()] });
  const raw = good.toBytes();
  const unreadable = "consensus: bad-block-encoding";
  const at = 80;
  const longCount = concatBytes(
    raw.subarray(0, at),
    Uint8Array.of(0xfd, raw[at]!, 0),
    raw.subarray(at + 1),
  );
  story.send("its count in more bytes than it needs", good, unreadable, longCount);
  story.send("cut off", good, unreadable, raw.subarray(0, -1));
  story.send("only its header", good, unreadable, raw.subarray(0, 80));
  story.send(
    "more transactions announced than sent",
    good,
    unreadable,
    raw.map((byte, i) => (i === at ? 9 : byte)),
  );
  story.send("with all of its bytes", good, "tip");
  return story;
}

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

/** Lock times and sequence locks, on both sides of each boundary. */
export function locks(): Story {
  const story = new Story("locks");
  const money = story.coin(story.good("the money"));
  const scripts = {
    height: (n: number) => puzzle(`${n} CHECKLOCKTIMEVERIFY DROP 1`),
    relative: (n: number) => puzzle(`${n} CHECKSEQUENCEVERIFY DROP 1`),
  };
  const outputs = Array.from({ length: 60 }, () => pay(100n, ANYONE));
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });
  let next = 0;
  const coin = () => story.coin(made, 1, next++);
  const early = "consensus: bad-txns-nonfinal";
  const at = (lockTime: number, sequence = 0) => ({
    transactions: [unsigned([coin()], [pay(100n, ANYONE)], { lockTime }, sequence)],
  });
  const height = () => story.tip.height + 1;
  story.bad("locked until the block after this", early, at(height()));
  story.good("locked until this block", at(height() - 1));
  story.good("locked for long, but with a final sequence", at(height() + 100, SEQUENCE_FINAL));
  const time = () => story.tip.medianTimePast;
  story.bad("locked until the median time past", early, at(time()));
  story.good("locked until a second before it", at(time() - 1));
  story.bad("locked beyond the time of its own block", early, {
    ...at(time() + 50),
    header: { time: time() + 100 },
  });

  // BIP-0068. The coins are of this height.
  const born = made.node.height;
  const sequence = (value: number, version = 2) => ({
    transactions: [unsigned([coin()], [pay(100n, ANYONE)], { version }, value)],
  });
  const age = () => height() - born;
  story.bad("a block too young", early, sequence(age() + 1));
  story.good("just old enough", sequence(age()));
  story.good("too young, but the lock is switched off", sequence(0x8000_0000 + age() + 9));
  story.good("too young, in a transaction of version 1", sequence(age() + 9, 1));
  story.bad("too young, in one of version 3", early, sequence(age() + 9, 3));
  story.bad("too young, in one of a negative version", early, sequence(age() + 9, -1));
  story.good("bits that mean nothing", sequence(0x003f_0000 + 1));
  const since = made.node.parent!.medianTimePast;
  for (let i = 0; i < 7; i++)
    story.good(`time goes by, ${i}`, { header: { time: since + 5_000 + i } });
  const units = Math.floor((story.tip.medianTimePast - since) / 512);
  story.good("512 seconds as often as they have passed", sequence(0x0040_0000 + units));
  const now = Math.floor((story.tip.medianTimePast - since) / 512);
  story.bad("once more than that", early, sequence(0x0040_0000 + now + 1));

  // The same as operations (BIP-0065, BIP-0112).
  const asked = (
    script: Uint8Array,
    code: Uint8Array,
    lockTime: number,
    value: number,
    version = 2,
  ) => {
    const paid = unsigned([coin()], [pay(100n, script)]);
    const there = {
      outpoint: { txid: paid.txid, vout: 0 },
      coin: { ...pay(100n, script), height: height(), coinbase: false },
    };
    const back = unsigned([there], [pay(100n, ANYONE)], { lockTime, version }, value);
    return { transactions: [paid, unlocked(back, NONE, [code])], commit: true };
  };
  const cltv = (n: number, lockTime: number, value = 0) => {
    const { p2wsh, code } = scripts.height(n);
    return asked(p2wsh, code, lockTime, value);
  };
  const unsatisfied = scriptFails("UNSATISFIED_LOCKTIME");
  story.good("CLTV: as late as asked", cltv(5, 5));
  story.good("CLTV: later than asked", cltv(5, 6));
  story.bad("CLTV: too early", unsatisfied, cltv(6, 5));
  story.bad("CLTV: a height where a time is asked", unsatisfied, cltv(500_000_000, 5));
  story.bad("CLTV: a time where a height is asked", unsatisfied, cltv(5, time() - 100));
  story.bad("CLTV: with a final sequence", unsatisfied, cltv(5, 5, SEQUENCE_FINAL));
  story.bad("CLTV: negative", scriptFails("NEGATIVE_LOCKTIME"), cltv(-1, 5));
  const csv = (n: number, value: number, version = 2) => {
    const { p2wsh, code } = scripts.relative(n);
    return asked(p2wsh, code, 0, value, version);
  };
  story.good("CSV: nothing asked", csv(0, 0));
  story.bad("CSV: younger than asked", unsatisfied, csv(1, 0));
  story.bad("CSV: old enough for the operation, not for the rule", early, csv(1, 1));
  story.bad("CSV: in a transaction of version 1", unsatisfied, csv(0, 0, 1));
  story.bad("CSV: the lock is switched off", unsatisfied, csv(0, 0x8000_0000));
  story.bad("CSV: blocks where time is asked", unsatisfied, csv(0x0040_0000, 0));
  story.good("CSV: what is asked is switched off", csv(0x8000_0000, 0, 1));
  story.bad("CSV: negative", scriptFails("NEGATIVE_LOCKTIME"), csv(-1, 0));
  return story;
}

/** Rules that come into force at a height: what breaks them is good before it. */
export function deployments(): Story {
  const height = 8;
  const heights: DeploymentHeights = {
    bip34: height,
    bip66: height,
    bip65: height,
    csv: height,
    segwit: height,
  };
  const story = new Story("rules that begin at a height", { deployments: heights });
  const money = story.coin(story.good("the money"));
  const cltv = puzzle("100 CHECKLOCKTIMEVERIFY DROP 1");
  const csv = puzzle("100 CHECKSEQUENCEVERIFY DROP 1");
  const der = puzzle(`0x21 0x02${"11".repeat(32)} CHECKSIG NOT`);
  const dummy = puzzle("0 0 CHECKMULTISIG");
  const breaks = [
    ["CLTV", cltv, NONE, "UNSATISFIED_LOCKTIME"],
    ["CSV", csv, NONE, "UNSATISFIED_LOCKTIME"],
    ["strict DER", der, pushData(Uint8Array.of(0x30, 6, 2, 1, 0x81, 2, 1, 1, 1)), "SIG_DER"],
    ["NULLDUMMY", dummy, Uint8Array.of(0x51), "SIG_NULLDUMMY"],
  ] as const;
  const outputs = breaks.flatMap(([, { p2sh }]) => [pay(9n, p2sh), pay(9n, p2sh)]);
  const free = Array.from({ length: 4 }, () => pay(9n, ANYONE));
  const made = story.good("outputs", {
    transactions: [payment({ coins: [money], outputs: [...outputs, ...free] })],
  });
  const tried = (n: number, which: number) => {
    const [, { code }, stack] = breaks[n]!;
    const blank = unsigned([story.coin(made, 1, 2 * n + which)], [pay(9n, ANYONE)]);
    return unlocked(blank, concatBytes(stack, pushData(code)));
  };
  story.good("before: all of them broken in a block", {
    transactions: breaks.map((_, n) => tried(n, 0)),
    header: { version: 1 },
  });
  const anyone = (n: number, sequence: number, lockTime = 0) =>
    unsigned([story.coin(made, 1, outputs.length + n)], [pay(9n, ANYONE)], { lockTime }, sequence);
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
  const fixed = (text: number) =>
    withScriptSigs(story.coinbase([pay(1n)]), () => Uint8Array.of(1, text));
  story.good("before: no height in the coinbase", { coinbase: fixed(77) });
  while (story.tip.height + 1 < height) story.good("another", { header: { version: 1 } });
  for (const version of [0, 1, 2, 3]) {
    const hex = version.toString(16).padStart(8, "0");
    story.bad(`from then on: version ${version}`, `invalid-header: bad-version(0x${hex})`, {
      header: { version },
    });
  }
  story.bad("from then on: no height in the coinbase", "consensus: bad-cb-height", {
    coinbase: fixed(78),
  });
  breaks.forEach(([name, , , error], n) => {
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
  return story;
}
