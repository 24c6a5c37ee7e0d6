/** A stream of blocks and payments for a node: in order and not, good and bad. */
import {
  type AncestorView,
  Block,
  BlockHeader,
  type ChainParams,
  checkHeader,
  idToBytes,
  type LocatedCoin,
  Reader,
  SEQUENCE_FINAL,
  sha256,
  sipHash,
  type Transaction,
  Writer,
} from "@chain/core";
import {
  type BlockOptions,
  makeBlock,
  payment,
  type TestKey,
  testKey,
} from "@chain/testing/blockFactory";
import { MSG_TX, MSG_WTX } from "@chain/wire";
import { frame, headers, item } from "./probeFrames.ts";

export interface Step {
  readonly what: string;
  readonly frames: readonly Uint8Array[];
  /** A message that both nodes say some time later; else all that they say comes at once. */
  readonly until?: string;
}

export interface StoryMaterial {
  readonly params: ChainParams;
  /** Best block of both nodes, at this height. */
  readonly tip: Block;
  readonly height: number;
  /** Four that may be spent, and one that may not yet, all of `key`. */
  readonly coins: readonly LocatedCoin[];
  readonly immature: LocatedCoin;
  readonly key: TestKey;
}

interface Placed {
  readonly block: Block;
  readonly height: number;
}

/** On another, with enough work in whatever way that is counted. */
function blockOn(parent: Placed, params: ChainParams, options: Partial<BlockOptions> = {}): Placed {
  const { header, hash } = parent.block;
  const view = { ...header, height: parent.height, hash } as unknown as AncestorView;
  const { header: made, transactions } = makeBlock({ parent: view, params, ...options });
  for (let nonce = 0; ; nonce++) {
    const tried = new BlockHeader({ ...made, nonce });
    if (!checkHeader(tried, params).ok) continue;
    return { block: new Block(tried, transactions), height: parent.height + 1 };
  }
}

const blockFrame = ({ block }: Placed): Uint8Array =>
  frame({ command: "block", raw: block.toBytes() });
/** A block with its coinbase whole and the others by their short ids (BIP-0152). */
function compactFrame({ block: { header, transactions } }: Placed): Uint8Array {
  const nonce = 3n;
  const writer = new Writer();
  header.write(writer);
  const reader = new Reader(sha256(writer.u64(nonce).finish()));
  const key = { k0: reader.u64(), k1: reader.u64() };
  const shortIds = transactions.slice(1).map(({ wtxid }) => {
    const { high, low } = sipHash(key, idToBytes(wtxid));
    return low + (high & 0xffff) * 2 ** 32;
  });
  const transaction = transactions[0] as Transaction;
  const prefilled = [{ index: 0, transaction }];
  return frame({ command: "cmpctblock", header, nonce, shortIds, prefilled });
}
const headersOf = (...placed: readonly Placed[]): Uint8Array =>
  headers(...placed.map(({ block }) => block.header));
const tx = (transaction: Transaction): Uint8Array => frame({ command: "tx", transaction });

/** The first output of a transaction, as a coin. */
function outputOf(transaction: Transaction): LocatedCoin {
  const output = transaction.outputs[0];
  if (output === undefined) throw new RangeError("no output");
  const coin = { ...output, height: 0, coinbase: false };
  return { outpoint: { txid: transaction.txid, vout: 0 }, coin };
}

export function storyOf({ params, tip, height, coins, immature, key }: StoryMaterial): Step[] {
  const [first, second, third, fourth] = coins as [
    LocatedCoin,
    LocatedCoin,
    LocatedCoin,
    LocatedCoin,
  ];
  const pay = (
    coin: LocatedCoin,
    { fee = 10_000n, from = key, sequence = SEQUENCE_FINAL, lockTime = 0 } = {},
  ) =>
    payment({
      coins: [coin],
      outputs: [{ value: coin.coin.value - fee, scriptPubKey: testKey(6).script }],
      key: from,
      sequence,
      fields: { lockTime },
    });
  const parent = pay(first);
  const child = pay(outputOf(parent), { from: testKey(6) });
  const grandchild = pay(outputOf(child), { from: testKey(6) });
  const replaceable = pay(second, { sequence: 0 });
  const announced = pay(third);

  const chain = [{ block: tip, height }];
  const grow = (options?: Partial<BlockOptions>): Placed => {
    const block = blockOn(chain.at(-1) as Placed, params, options);
    chain.push(block);
    return block;
  };
  const [a, b, c, d] = [grow(), grow(), grow(), grow()];
  const full = grow({ transactions: [parent, child, grandchild] });
  const [f, g] = [grow(), grow()];
  const beyond = grow();
  const fork = blockOn(f, params, { extra: 5 });
  const longer = [fork];
  for (let i = 0; i < 2; i++) longer.push(blockOn(longer.at(-1) as Placed, params, { extra: 5 }));
  const end = longer.at(-1) as Placed;
  const late = Math.floor(Date.now() / 1000) + 3 * 60 * 60;
  const invalid = { "a wrong key": pay(fourth, { from: testKey(8) }) };

  return [
    // Blocks
    { what: "a header", frames: [headersOf(a)] },
    { what: "its block in compact form", frames: [compactFrame(a)] },
    { what: "it once more", frames: [compactFrame(a), blockFrame(a)] },
    { what: "three headers", frames: [headersOf(b, c, d)] },
    { what: "their blocks, the last one first", frames: [d, c, b].map(blockFrame) },

    // Payments
    { what: "a child without its parent", frames: [tx(child)] },
    { what: "a grandchild", frames: [tx(grandchild)] },
    { what: "the parent", frames: [tx(parent)] },
    { what: "all of them again", frames: [parent, child, grandchild].map(tx) },
    { what: "questions for what it has sent itself", frames: [question(parent), question(child)] },
    { what: "a payment that may be replaced", frames: [tx(replaceable)] },
    { what: "another with the same fee", frames: [tx(pay(second, { sequence: 1 }))] },
    { what: "one with a higher fee", frames: [tx(pay(second, { fee: 90_000n }))] },
    { what: "an announcement", frames: [told(announced)], until: "getdata" },
    { what: "what was announced", frames: [tx(announced)] },
    { what: "an announcement of what is known", frames: [told(announced)] },
    { what: "a payment without a fee", frames: [tx(pay(fourth, { fee: 0n }))] },
    { what: "a payment of a young coinbase", frames: [tx(pay(immature))] },
    {
      what: "a payment for later",
      frames: [tx(pay(fourth, { sequence: 0, lockTime: height + 1_000 }))],
    },
    { what: "a payment that must wait for a day", frames: [tx(pay(fourth, { sequence: 144 }))] },

    // Blocks with them
    { what: "a block with waiting payments, in compact form", frames: [compactFrame(full)] },
    { what: "payments that are in a block", frames: [parent, child].map(tx) },
    { what: "a block that nobody asked for", frames: [blockFrame(f)], until: "inv" },
    {
      what: "the header of the next and a compact block beyond it",
      frames: [headersOf(g), compactFrame(beyond)],
    },
    { what: "both", frames: [g, beyond].map(blockFrame) },
    { what: "headers of a branch as long", frames: [headersOf(...longer.slice(0, 2))] },
    { what: "its blocks", frames: longer.slice(0, 2).map(blockFrame) },
    { what: "one more header", frames: [headersOf(end)] },
    { what: "its block", frames: [blockFrame(end)] },

    // And bad ones
    {
      what: "a header of the next hours",
      frames: [headersOf(blockOn(end, params, { header: { time: late } }))],
    },
    {
      what: "a header older than those before it",
      frames: [headersOf(blockOn(end, params, { header: { time: 1 } }))],
    },
    { what: "a payment with a wrong signature", frames: [tx(invalid["a wrong key"])] },
    {
      what: "a block that takes too much",
      frames: [blockFrame(blockOn(end, params, { reward: 51n * 100_000_000n }))],
    },
    {
      what: "a header on it",
      frames: [headersOf(blockOn(blockOn(end, params, { reward: 51n * 100_000_000n }), params))],
    },
  ];
}

const question = ({ txid }: Transaction): Uint8Array =>
  frame({ command: "getdata", items: [item(MSG_TX, txid)] });
const told = ({ wtxid }: Transaction): Uint8Array =>
  frame({ command: "inv", items: [item(MSG_WTX, wtxid)] });
