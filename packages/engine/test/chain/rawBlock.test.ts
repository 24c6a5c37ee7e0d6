import { createHash } from "node:crypto";
import { Block } from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { RawBlock } from "../../src/chain/rawBlock.ts";
import { openNode, params } from "../support/chains.ts";

describe("refusing", () => {
  it("ignores what stands behind a block", async () => {
    const { chain } = await openNode();
    const bytes = makeBlock({ parent: chain.tip, params }).toBytes();
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes);
    expect(await chain.acceptBlock(padded)).toMatchObject({ ok: true, connected: true });
    expect(await chain.getRawBlock(chain.tip.hash)).toEqual(bytes);
  });
});

it("computes the ids of transactions, with witness and without, by the hash that it is given", async () => {
  const { chain } = await openNode();
  const bytes = makeBlock({ parent: chain.tip, params }).toBytes();
  const hashed: number[] = [];
  const decoded = new RawBlock(bytes).decode((input) => {
    hashed.push(input.length);
    return createHash("sha256").update(input).digest();
  });
  const [coinbase] = (decoded.ok && decoded.block.transactions) || [];
  const [expected] = Block.fromBytes(bytes).transactions;
  expect([coinbase?.txid, coinbase?.wtxid]).toEqual([expected?.txid, expected?.wtxid]);
  expect(hashed).toEqual([
    ...[expected?.baseSize, 32],
    ...(expected?.hasWitness ? [expected.totalSize, 32] : []),
  ]);
});
