import { bytesToHex } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, list, maybe, obj } from "../../define/result.ts";
import { blockHash, verbosity } from "../../define/types.ts";
import { blockShape, describeBlock } from "../../describe/header.ts";
import { describeTransaction, transactionShape } from "../../describe/transaction.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR } from "../../errors.ts";
import { blockOf, headerOf, undoOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

const detailed = (withPrevouts: boolean) =>
  obj({
    ...blockShape,
    tx: list(
      obj({
        ...transactionShape(withPrevouts),
        fee: maybe(coins("The fee in coins, omitted if block undo data is not available")),
        hex: hex("The serialized transaction"),
      }),
      "The transactions",
    ),
  });

export const getblock: Method = defineMethod({
  name: "getblock",
  category: "blockchain",
  description:
    "Returns a block.\nIf verbosity is 0, as hex. If it is 1, as an object with the ids of its transactions; 2: with the transactions and their fees; 3: with the outputs that they spend as well.",
  arguments: [
    blockHash("blockhash", { text: "The block hash" }),
    verbosity("verbosity", {
      aliases: ["verbose"],
      text: "0 for hex-encoded data, 1 for a JSON object, 2 for JSON object with transaction data, and 3 for JSON object with transaction data including prevout information for inputs",
      fallback: 1,
    }),
  ],
  results: [
    {
      when: "for verbosity = 0",
      given: { verbosity: [0, false] },
      schema: hex("The serialized block"),
    },
    {
      when: "for verbosity = 1",
      given: { verbosity: [1, true] },
      schema: obj({ ...blockShape, tx: list(hex("The transaction id"), "The transaction ids") }),
    },
    { when: "for verbosity = 2", given: { verbosity: [2] }, schema: detailed(false) },
    { when: "for verbosity = 3", given: { verbosity: [3] }, schema: detailed(true) },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" },
    { code: RPC_MISC_ERROR, when: "only its header is known" },
  ],
  examples: [[EXAMPLE_BLOCK]],
  run: async ({ blockhash, verbosity: level }, host) => {
    const { headers, params } = host.chain;
    const node = headerOf(host, blockhash);
    const block = await blockOf(host, node);
    if (level <= 0) return bytesToHex(block.toBytes());
    const brief = describeBlock(block, node, headers);
    if (level === 1) return { ...brief, tx: block.transactions.map(({ txid }) => txid) };
    const undo = await undoOf(host, blockhash);
    const tx = block.transactions.map((each, i) => ({
      // Undo data has no entry for the coinbase.
      ...describeTransaction(each, params, { spent: undo?.[i - 1], showsPrevouts: level >= 3 }),
      hex: bytesToHex(each.toBytes()),
    }));
    return { ...brief, tx };
  },
});
