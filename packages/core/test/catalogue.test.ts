import { readdirSync, readFileSync } from "node:fs";
import {
  checkTransaction,
  checkTxInputs,
  isFinalTransaction,
  nobleVerifier,
  runScriptCheck,
  scriptChecks,
  scriptFlags,
  Transaction,
  type Verdict,
} from "@chain/core";
import { summary, TestChain } from "@chain/testing/blockFactory";
import {
  type BadTransaction,
  badBlocks,
  badTransactions,
  goodBlock,
} from "@chain/testing/catalogue";
import { describe, expect, test } from "vitest";

const chain = new TestChain();
chain.mine();
chain.mine();
const coin = chain.coinbaseCoin(1);

/** A node's checks of a loose transaction, in its order. */
function checkLoose(transaction: Transaction): { verdict: Verdict; rule: BadTransaction["rule"] } {
  const { params, tip } = chain;
  let verdict: Verdict = checkTransaction(transaction);
  if (!verdict.ok) return { verdict, rule: "checkTransaction" };
  if (!isFinalTransaction(transaction, tip.height + 1, tip.medianTimePast)) {
    verdict = { ok: false, kind: "premature-spend", reason: "bad-txns-nonfinal" };
    return { verdict, rule: "isFinalTransaction" };
  }
  const inputs = checkTxInputs(transaction, chain, tip.height + 1, params);
  if (!inputs.ok) return { verdict: inputs, rule: "checkTxInputs" };
  const flags = scriptFlags(tip.height + 1, params);
  for (const check of scriptChecks(transaction, inputs.coins, flags)) {
    verdict = runScriptCheck(check, nobleVerifier);
    if (!verdict.ok) return { verdict, rule: "runScriptCheck" };
  }
  return { verdict: inputs, rule: "runScriptCheck" };
}

test("the good block that the bad ones resemble is accepted", () => {
  const block = goodBlock(chain, coin);
  expect(summary(chain.validate(block))).toBe("ok");
  expect(checkLoose(block.transactions[1]!).verdict.ok).toBe(true);
});

describe("bad transactions", () => {
  test.each(badTransactions(chain, coin))("$name: $reason", (bad) => {
    const { verdict, rule } = checkLoose(bad.transaction);
    expect(summary(verdict)).toBe(`${bad.kind}: ${bad.reason}`);
    expect(rule).toBe(bad.rule);
    if (bad.encodable) {
      expect(Transaction.fromBytes(bad.transaction.toBytes()).wtxid).toBe(bad.transaction.wtxid);
    } else {
      expect(() => Transaction.fromBytes(bad.transaction.toBytes())).toThrow();
    }
  });
});

describe("bad blocks", () => {
  test.each(badBlocks(chain, coin))("$name: $reason", (bad) => {
    expect(summary(chain.validate(bad.block))).toBe(`${bad.kind}: ${bad.reason}`);
  });

  test("a block from the future is refused by the clock alone", () => {
    const block = chain.next({ header: { time: 1_800_000_000 } });
    expect(summary(chain.validate(block, { now: 1_800_000_000 - 7201 }))).toBe(
      "time-future: time-too-new",
    );
    expect(summary(chain.validate(block, { now: 1_800_000_000 - 7200 }))).toBe("ok");
  });
});

test("every reject reason of the rules is reached, here or where it is said", () => {
  const folder = new URL("../src/rules/", import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const written = sources.flatMap((source) =>
    [...source.matchAll(/["`]((?:bad|high|time-too|unexpected)-[\w-]+)/g)].map(
      ([, reason]) => reason,
    ),
  );
  const reached = badBlocks(chain, coin).map(({ reason }) => reason.replace(/\(.*/, ""));
  const elsewhere = [...new Set(written)].filter((reason) => !reached.includes(reason as string));
  expect(elsewhere.sort()).toEqual([
    "bad-signet-blksig", // signet.test.ts
    "bad-txns-BIP30", // connectBlock.test.ts
    "bad-txns-accumulated-fee-outofrange", // needs more than all money in one block
    "bad-txns-fee-outofrange", // shadowed by the checks of inputs and outputs, as in Core
    "bad-txns-inputvalues-outofrange", // connectBlock.test.ts
    "bad-txns-oversize", // above, as a loose transaction
    "time-too-new", // above
  ]);
});
