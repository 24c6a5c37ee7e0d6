import {
  hash160,
  Opcode,
  type Outpoint,
  type Policy,
  p2shScript,
  pushData,
  SEQUENCE_FINAL,
  Transaction,
  type TransactionFields,
  witnessProgramScript,
} from "@chain/core";
import { MINER, summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { NodeEvent } from "../../src/events.ts";
import { rejectCode } from "../../src/net/peer/penalty.ts";
import {
  coinbaseOf,
  mine,
  openNode,
  output,
  params,
  spend,
  type TestNode,
} from "../support/chains.ts";

const VALUE = 1_000_000n;

/** Signals that it may be replaced (BIP-0125). */
const SIGNAL = { sequence: SEQUENCE_FINAL - 2 };

const STANDARD: Partial<Policy> = { requireStandard: true, replaceByFee: "opt-in" };

/** A node with so many confirmed coins of 1,000,000 each, and more that other scripts lock. */
async function withCoins(
  count: number,
  policy: Partial<Policy>,
  scripts: readonly Uint8Array[] = [],
): Promise<TestNode & { readonly coins: readonly Outpoint[] }> {
  const node = await openNode({ policy });
  const all = [...new Array<Uint8Array>(count).fill(MINER.script), ...scripts];
  const split = spend([coinbaseOf(params.genesis)], [], {
    outputs: all.map((scriptPubKey) => ({ value: VALUE, scriptPubKey })),
  });
  await mine(node.chain, node.chain.tip, [split]);
  node.events.length = 0;
  return { ...node, coins: split.outputs.map((_, vout) => output(split, vout)) };
}

async function judge({ chain }: TestNode, transaction: Transaction): Promise<string> {
  return summary(await chain.acceptTransaction(transaction));
}

function story(events: readonly NodeEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === "transaction-added") return [`+ ${event.transaction.txid}`];
    return event.type === "transaction-removed" ? [`- ${event.txid} ${event.why}`] : [];
  });
}

describe("a node that asks for standard transactions", () => {
  const redeemScript = new Uint8Array(16).fill(Opcode.OP_CHECKSIG);
  const many = p2shScript(hash160(redeemScript));
  const future = witnessProgramScript(2, new Uint8Array(20));
  const change = (transaction: Transaction, fields: Partial<TransactionFields>) =>
    new Transaction({
      version: transaction.version,
      inputs: transaction.inputs,
      outputs: transaction.outputs,
      lockTime: transaction.lockTime,
      ...fields,
    });
  const signed = (coin: Outpoint, scriptSig: Uint8Array, witness: readonly Uint8Array[] = []) => {
    const inputs = [{ prevout: coin, scriptSig, sequence: SEQUENCE_FINAL, witness }];
    return spend([coin], [VALUE], { inputs });
  };

  const cases: readonly [reason: string, make: (coins: readonly Outpoint[]) => Transaction][] = [
    ["policy: version", ([coin]) => spend([coin!], [VALUE], { version: 3 })],
    ["policy: dust", ([coin]) => spend([coin!], [VALUE - 545n, 545n])],
    [
      "policy: scriptpubkey",
      ([coin]) =>
        spend([coin!], [], {
          outputs: [{ value: VALUE, scriptPubKey: Uint8Array.of(Opcode.OP_1) }],
        }),
    ],
    ["policy: scriptsig-size", ([coin]) => signed(coin!, new Uint8Array(1651))],
    // A node that looks at the form first, as Core does, need not look for coins.
    [
      "policy: version",
      ([coin]) => spend([{ ...coin!, vout: 99 }], [VALUE], { version: 3, lockTime: 99 }),
    ],
    [
      "nonstandard-inputs: bad-txns-nonstandard-inputs",
      ([, , p2sh]) => signed(p2sh!, pushData(redeemScript)),
    ],
    [
      "nonstandard-inputs: bad-txns-nonstandard-inputs",
      ([, , , program]) => signed(program!, new Uint8Array()),
    ],
    [
      "policy: bad-witness-nonstandard",
      ([coin]) => signed(coin!, spend([coin!], []).inputs[0]!.scriptSig, [Uint8Array.of(1)]),
    ],
  ];

  it.each(cases)("says %s", async (reason, make) => {
    const node = await withCoins(2, STANDARD, [many, future]);
    const transaction = make(node.coins);
    expect(await judge(node, transaction)).toBe(reason);
    expect(node.chain.mempool.count).toBe(0);
    expect(node.events.map(({ type }) => type)).toEqual(["transaction-refused"]);
  });

  it("takes the usual ones, and any in a block", async () => {
    const node = await withCoins(3, STANDARD);
    const [a, b, c] = node.coins as [Outpoint, Outpoint, Outpoint];
    expect(await judge(node, spend([a], [VALUE - 546n, 546n]))).toBe("ok");
    const odd = change(spend([b], [VALUE - 1n, 1n]), { version: 7 });
    expect(await judge(node, odd)).toBe("policy: version");
    await mine(node.chain, node.chain.tip, [odd]);
    expect(node.chain.tip.height).toBe(2);
    const lenient = await withCoins(3, {});
    expect(await judge(lenient, change(spend([c], [VALUE - 1n, 1n]), { version: 7 }))).toBe("ok");
  });

  it("counts signature operations as size where they take more of a block", async () => {
    const node = await withCoins(1, { minRelayFeeRate: 1000n });
    const dense = (fee: bigint) =>
      spend([node.coins[0]!], [], {
        outputs: [
          { value: VALUE - fee, scriptPubKey: new Uint8Array(60).fill(Opcode.OP_CHECKSIG) },
        ],
      });
    // 60 operations, each of cost 4, count 20 bytes each: 1,200.
    expect(await judge(node, dense(1199n))).toBe("policy: min relay fee not met");
    const good = dense(1200n);
    expect(await judge(node, good)).toBe("ok");
    expect(good.virtualSize).toBeLessThan(300);
    expect(node.chain.mempool.get(good.txid)?.size).toBe(1200);
    expect(node.chain.mempool.virtualSize).toBe(1200);
  });
});

describe("the weight of signature operations", () => {
  it("is what the node's policy says", async () => {
    const node = await withCoins(1, { bytesPerSigop: 43 });
    const dense = spend([node.coins[0]!], [], {
      outputs: [{ value: 1n, scriptPubKey: new Uint8Array(60).fill(Opcode.OP_CHECKSIG) }],
    });
    expect(await node.chain.testTransaction(dense)).toMatchObject({ size: 60 * 43 });
    expect(await judge(node, dense)).toBe("ok");
    expect(node.chain.mempool.get(dense.txid)?.size).toBe(60 * 43);
  });
});

describe("replacement", () => {
  it("needs a signal, unless the node takes any: txn-mempool-conflict", async () => {
    for (const [policy, fields, expected] of [
      ["off", SIGNAL, "conflict: txn-mempool-conflict"],
      ["opt-in", {}, "conflict: txn-mempool-conflict"],
      ["opt-in", SIGNAL, "ok"],
      ["full", {}, "ok"],
    ] as const) {
      const node = await withCoins(1, { replaceByFee: policy });
      const [coin] = node.coins as [Outpoint];
      await judge(node, spend([coin], [VALUE - 100n], fields));
      expect(await judge(node, spend([coin], [VALUE - 1000n]))).toBe(expected);
      expect(node.chain.mempool.count).toBe(1);
    }
  });

  it("takes the place of a whole family, and says so before it comes", async () => {
    const node = await withCoins(3, STANDARD);
    const [a, b, c] = node.coins as [Outpoint, Outpoint, Outpoint];
    const parent = spend([a, b], [VALUE, VALUE - 300n], SIGNAL);
    const child = spend([output(parent)], [VALUE - 300n]);
    const bystander = spend([c], [VALUE - 300n]);
    for (const each of [parent, child, bystander]) expect(await judge(node, each)).toBe("ok");
    node.events.length = 0;

    const size = BigInt(parent.virtualSize);
    const rival = (fee: bigint) => spend([a, b], [VALUE, VALUE - fee]);
    expect(await judge(node, rival(299n))).toBe("policy: insufficient fee"); // a lower rate
    expect(await judge(node, rival(599n))).toBe("policy: insufficient fee"); // rule 3
    const refused = await node.chain.acceptTransaction(rival(599n + size)); // rule 4
    expect(summary(refused)).toBe("policy: insufficient fee");
    expect(refused.ok || rejectCode(refused)).toBe(0x42);
    expect(story(node.events)).toEqual([]);
    const winner = rival(600n + size);
    expect(await judge(node, winner)).toBe("ok");
    expect(story(node.events)).toEqual([
      `- ${child.txid} replaced`,
      `- ${parent.txid} replaced`,
      `+ ${winner.txid}`,
    ]);
    const { mempool } = node.chain;
    expect([...mempool.entries()].map(({ transaction }) => transaction)).toEqual([
      bystander,
      winner,
    ]);
    expect(mempool.spenderOf(a)?.transaction).toBe(winner);
    expect(mempool.get(child.txid)).toBeUndefined();
    expect(mempool.virtualSize).toBe(bystander.virtualSize + winner.virtualSize);
  });

  it("depends on nothing new that waits: replacement-adds-unconfirmed", async () => {
    const node = await withCoins(2, STANDARD);
    const [a, b] = node.coins as [Outpoint, Outpoint];
    const other = spend([b], [VALUE]);
    for (const each of [spend([a], [VALUE - 300n], SIGNAL), other]) await judge(node, each);
    const rival = spend([a, output(other)], [VALUE, VALUE - 2000n]);
    expect(await judge(node, rival)).toBe("policy: replacement-adds-unconfirmed");
  });

  it("does not spend what it replaces: bad-txns-spends-conflicting-tx", async () => {
    const node = await withCoins(1, STANDARD);
    const [a] = node.coins as [Outpoint];
    const first = spend([a], [VALUE - 300n], SIGNAL);
    const child = spend([output(first)], [VALUE - 600n], SIGNAL);
    for (const each of [first, child]) await judge(node, each);
    for (const own of [output(first), output(child)]) {
      const rival = spend([a, own], [VALUE + 1000n]);
      expect(await judge(node, rival)).toBe("consensus: bad-txns-spends-conflicting-tx");
    }
    expect(node.chain.mempool.count).toBe(2);
  });

  it("takes the place of 100 and no more: too many potential replacements", async () => {
    const node = await withCoins(101, STANDARD);
    for (const coin of node.coins) {
      expect(await judge(node, spend([coin], [VALUE], SIGNAL))).toBe("ok");
    }
    // All outputs' worth goes to the miner but one's.
    expect(await judge(node, spend(node.coins, [VALUE]))).toBe(
      "policy: too many potential replacements",
    );
    expect(await judge(node, spend(node.coins.slice(1), [VALUE]))).toBe("ok");
    expect(node.chain.mempool.count).toBe(2);
  });

  it("takes the last place in a family", async () => {
    const node = await withCoins(1, STANDARD);
    let from = node.coins[0]!;
    let last = from;
    for (let i = 1n; i <= 25n; i++) {
      const next = spend([from], [VALUE - i * 300n], SIGNAL);
      expect(await judge(node, next)).toBe("ok");
      last = from;
      from = output(next);
    }
    expect(await judge(node, spend([last], [VALUE - 9000n]))).toBe("ok");
    expect(node.chain.mempool.count).toBe(25);
  });

  it("undoes nothing where it has no room itself", async () => {
    const node = await openNode({ policy: STANDARD, mempool: { maxMemory: 3_200 } });
    const split = spend([coinbaseOf(params.genesis)], [VALUE, VALUE, VALUE]);
    await mine(node.chain, node.chain.tip, [split]);
    const [a, b, c] = split.outputs.map((_, vout) => output(split, vout)) as [
      Outpoint,
      Outpoint,
      Outpoint,
    ];
    const first = spend([a], [VALUE - 200n], SIGNAL);
    for (const each of [first, spend([b], [VALUE - 90_000n]), spend([c], [VALUE - 90_000n])]) {
      expect(await judge(node, each)).toBe("ok");
    }
    node.events.length = 0;
    const { count, memory, virtualSize } = node.chain.mempool;
    const wide = spend(
      [a],
      [VALUE - 8000n, ...new Array<bigint>(8).fill(600n)].map((v, i) => (i === 0 ? v - 4800n : v)),
    );
    expect(await judge(node, wide)).toBe("policy: mempool full");
    expect(story(node.events)).toEqual([]);
    expect(node.chain.mempool).toMatchObject({ count, memory, virtualSize });
    expect(node.chain.mempool.spenderOf(a)?.transaction).toBe(first);
  });

  it("is of no concern to a reorganisation", async () => {
    const node = await withCoins(1, STANDARD);
    const fork = node.chain.tip;
    const [a] = node.coins as [Outpoint];
    const mined = spend([a], [VALUE], SIGNAL);
    const tip = await mine(node.chain, fork, [mined]);
    expect(await judge(node, spend([a], [VALUE - 5000n]))).toBe(
      "missing-inputs: bad-txns-inputs-missingorspent",
    );
    const other = await mine(node.chain, fork, [], 1);
    await mine(node.chain, other, [], 1);
    expect(node.chain.tip.height).toBe(tip.height + 1);
    expect(node.chain.mempool.spenderOf(a)?.transaction.txid).toBe(mined.txid);
    expect(await judge(node, spend([a], [VALUE - 5000n]))).toBe("ok");
  });
});
