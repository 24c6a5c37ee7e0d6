/** The shape of a block: its Merkle tree, its coinbase, its encoding. */
import { Block, concatBytes, merkleRoot, pushNumber, type Transaction } from "@chain/core";
import { payment, withScriptSigs } from "../blockFactory.ts";
import { ANYONE, NONE, pay, Story, unsigned, ZEROS } from "./story.ts";
import { witnessCommitments } from "./witnessCommitments.ts";

const VALUE = 1_000n;

/** CVE-2012-2459: the same root, with transactions repeated. The good block must not suffer for it. */
function repeatedTransactions(story: Story, take: () => Transaction): void {
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
}

function coinbases(story: Story, take: () => Transaction): void {
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
    coinbase(concatBytes(pushNumber(story.tip.height), ZEROS)),
  );
  story.bad(
    "the height after",
    cbHeight,
    coinbase(concatBytes(pushNumber(story.tip.height + 2), ZEROS)),
  );
  story.bad("no height", cbHeight, coinbase(ZEROS));
  const wide = Uint8Array.of(2, (story.tip.height + 1) & 0xff, 0);
  story.bad("the height in more bytes than it needs", cbHeight, coinbase(concatBytes(wide, ZEROS)));
  story.bad("a second coinbase", "consensus: bad-cb-multiple", {
    transactions: [story.coinbase([pay(1n)])],
  });
  story.bad("no coinbase", "consensus: bad-cb-missing", { coinbase: take() });
  const late = story.make({ coinbase: take(), transactions: [story.coinbase([pay(1n)])] });
  story.send("the coinbase in the second place", late, "consensus: bad-cb-missing");
}

/** Bytes behind a block are ignored, as Core does; a block that is cut off is none. */
function encodings(story: Story, take: () => Transaction): void {
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
}

export function shapes(): Story {
  const story = new Story("shapes");
  const money = story.coin(story.good("the money"));
  const outputs = Array.from({ length: 40 }, () => pay(VALUE, ANYONE));
  const made = story.good("outputs", { transactions: [payment({ coins: [money], outputs })] });
  let next = 0;
  const coin = () => story.coin(made, 1, next++);
  const take = (): Transaction =>
    withScriptSigs(unsigned([coin()], [pay(VALUE, ANYONE)]), () => NONE);
  repeatedTransactions(story, take);
  witnessCommitments(story, coin);
  coinbases(story, take);
  encodings(story, take);
  return story;
}
