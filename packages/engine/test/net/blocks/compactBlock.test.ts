import type { Transaction } from "@chain/core";
import { describe, expect, it } from "vitest";
import { shortId, shortIdKey } from "../../../src/net/blocks/compactBlock.ts";
import { pay, source } from "../../support/compact.ts";

const transactions = Array.from({ length: 10 }, (_, i) => pay(i + 1));

const block = source.next({ transactions, commit: true });

describe("a compact block", () => {
  it("names transactions by what only its nonce tells", () => {
    const [first] = transactions as [Transaction];
    const ids = [0n, 1n].map((nonce) => shortId(shortIdKey(block.header, nonce), first.wtxid));
    expect(ids[0]).not.toBe(ids[1]);
    for (const id of ids) expect(id).toBeLessThan(2 ** 48);
  });
});
