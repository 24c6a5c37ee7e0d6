/** The answers of `submitblock`; Bitcoin Core gave the same to the same blocks. */
import { Block, bytesToHex, regtest, Transaction } from "@chain/core";
import {
  coinbaseTransaction,
  TestChain,
  testKey,
  witnessCoinbase,
} from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { drive } from "./support/rpc.ts";

async function submitter() {
  const { rpc, node } = await drive();
  const submit = (block: Block, dummy?: string) =>
    rpc.call("submitblock", {
      hexdata: bytesToHex(block.toBytes()),
      ...(dummy !== undefined && { dummy }),
    });
  return { rpc, node, submit };
}

const withoutWitness = ({ header, transactions }: Block) =>
  new Block(header, [
    Transaction.fromBytes((transactions[0] as Transaction).toBytes({ witness: false })),
    ...transactions.slice(1),
  ]);

describe("submitblock", () => {
  it("tells what became of good blocks", async () => {
    const { submit, rpc } = await submitter();
    const [best, side] = [new TestChain(regtest), new TestChain(regtest)];
    const first = best.mine();
    expect(await submit(first, "ignored")).toBe(null);
    expect(await submit(first)).toBe("duplicate");
    // As much work as the tip, and it came later: stored, and nothing is known of its scripts.
    const rival = side.mine({ payTo: testKey(5).script });
    expect(await submit(rival)).toBe("inconclusive");
    expect(await submit(rival)).toBe("duplicate");
    // Its parent has a header and no body yet.
    const second = side.mine();
    const third = side.mine();
    await rpc.call("submitheader", { hexdata: bytesToHex(second.header.toBytes()) });
    expect(await submit(third)).toBe("inconclusive");
    expect(await rpc.call("getbestblockhash")).toBe(first.hash);
    expect(await submit(second)).toBe(null);
    expect(await rpc.call("getbestblockhash")).toBe(third.hash);
    expect(await submit(third)).toBe("duplicate");
  });

  it("tells what is wrong with bad ones", async () => {
    const { submit, rpc } = await submitter();
    const branch = new TestChain(regtest);
    const good = branch.next();
    const greedy = branch.next({ reward: 5_000_000_001n });
    expect(await submit(greedy)).toBe("bad-cb-amount");
    expect(await submit(greedy)).toBe("duplicate-invalid");
    const child = branch.next({ parent: branch.tree.add(greedy.header) });
    expect(await submit(child)).toBe("bad-prevblk");
    expect(await submit(branch.next({ header: { previousHash: child.hash } }))).toBe(
      "prev-blk-not-found",
    );
    const early = branch.next({ header: { time: branch.tip.header.time } });
    expect(await submit(early)).toBe("time-too-old");
    // Another body with the header of a good block: says nothing against that one, before and after it came.
    const other = new Block(good.header, [coinbaseTransaction(1, [])]);
    expect(await submit(other)).toBe("bad-txnmrklroot");
    expect(await submit(new Block(good.header, []))).toBe("bad-txnmrklroot");
    expect(await submit(good)).toBe(null);
    expect(await submit(other)).toBe("bad-txnmrklroot");
    await expect(rpc.call("submitblock", { hexdata: "00" })).rejects.toMatchObject({
      code: -22,
      message: "Block decode failed",
    });
  });

  it("adds the witness of a coinbase that was left out", async () => {
    const { submit, rpc } = await submitter();
    const branch = new TestChain(regtest);
    const full = branch.mine({ commit: true });
    const bare = withoutWitness(full);
    expect(bare.transactions[0]?.hasWitness).toBe(false);
    expect(await submit(bare)).toBe(null);
    expect(await rpc.call("getblock", { blockhash: full.hash, verbosity: 0 })).toBe(
      bytesToHex(full.toBytes()),
    );
    // One that is there is not touched, and none is added where nothing is committed to.
    const next = branch.next({ commit: true });
    const [coinbase, ...others] = next.transactions;
    const wrong = witnessCoinbase(coinbase as Transaction, [new Uint8Array(31)]);
    expect(await submit(new Block(next.header, [wrong, ...others]))).toBe("bad-witness-nonce-size");
    expect(await submit(branch.next())).toBe(null);
  });
});
