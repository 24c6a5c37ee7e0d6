import { Block } from "@chain/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactBlock } from "../../../src/net/blocks/compactBlock.ts";
import { PartialBlock } from "../../../src/net/blocks/partialBlock.ts";
import { pay, source } from "../../support/compact.ts";

const transactions = Array.from({ length: 10 }, (_, i) => pay(i + 1));

const block = source.next({ transactions, commit: true });

const others = [pay(11), pay(1, 4)];

describe("a compact block", () => {
  it("becomes the block again, whatever is at hand (property)", () => {
    void fc.assert(
      fc.property(fc.subarray(transactions), fc.bigInt(0n, 2n ** 64n - 1n), (known, nonce) => {
        const message = compactBlock(block, nonce);
        expect(message.prefilled).toEqual([{ index: 0, transaction: block.transactions[0] }]);
        const partial = PartialBlock.from(message, [...others, ...known]);
        if (!(partial instanceof PartialBlock)) return expect.fail(partial);
        const missing = block.transactions.slice(1).filter((each) => !known.includes(each));
        expect(partial.missing).toEqual(missing.map((each) => block.transactions.indexOf(each)));
        const whole = partial.complete(missing);
        expect(whole instanceof Block && whole.toBytes()).toEqual(block.toBytes());
      }),
    );
  });

  it("is refused where no honest node would send it, and asked for whole where names are not enough", () => {
    const message = compactBlock(block, 7n);
    const { shortIds, prefilled } = message;
    expect(PartialBlock.from({ ...message, shortIds: [], prefilled: [] }, [])).toBe("invalid");
    const outside = [{ ...prefilled[0]!, index: shortIds.length + 1 }];
    expect(PartialBlock.from({ ...message, prefilled: outside }, [])).toBe("invalid");
    const tooMany = Array.from({ length: 100_001 }, (_, i) => i);
    expect(PartialBlock.from({ ...message, shortIds: tooMany }, [])).toBe("invalid");
    const twice = [shortIds[0]!, ...shortIds.slice(0, -1)];
    expect(PartialBlock.from({ ...message, shortIds: twice }, [])).toBe("ambiguous");
    const partial = PartialBlock.from(message, []) as PartialBlock;
    expect(partial.complete(transactions.slice(1))).toBe("invalid");
    expect(partial.complete([...transactions.slice(1), transactions[0]!])).toBe("wrong");
  });
});
