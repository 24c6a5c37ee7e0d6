import { bytesToHex, type Txid } from "@chain/core";
import { present } from "@chain/core/arguments";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list as listOf, maybe, num, obj } from "../../define/result.ts";
import {
  boolean,
  hexText,
  integer,
  list,
  objectOf,
  options,
  readHash,
  readInt32,
  readStrictly,
} from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import type { Json } from "../../json/parse.ts";
import { EXAMPLE_TXID } from "../examples.ts";

interface Output {
  readonly txid: Txid;
  readonly vout: number;
}

function readOutput(value: Json): Output {
  const { txid, vout } = readStrictly(value, { txid: "string", vout: "number" });
  const output = { txid: readHash<Txid>(txid, "txid"), vout: readInt32(vout) };
  if (output.vout >= 0) return output;
  throw new RpcError(RPC_INVALID_PARAMETER, "Invalid parameter, vout cannot be negative");
}

export const gettxspendingprevout: Method = defineMethod({
  name: "gettxspendingprevout",
  category: "blockchain",
  description: "Scans the mempool to find transactions spending any of the given outputs",
  arguments: [
    list(
      "outputs",
      objectOf(
        "output",
        [
          hexText("txid", { text: "The transaction id" }),
          integer("vout", { text: "The output number" }),
        ],
        { text: "An output", optional: true },
        readOutput,
      ),
      {
        text: "The transaction outputs that we want to check, and within each, the txid (string) vout (numeric).",
      },
    ),
    options(
      "options",
      [
        boolean("mempool_only", {
          text: "If false, an output without a spender in the mempool is an error, as there is no index of spenders.",
          hint: "true",
        }),
        boolean("return_spending_tx", {
          text: "If true, return the full spending tx.",
          hint: "false",
        }),
      ],
      { text: "How to look", optional: true },
    ),
  ],
  results: [
    {
      schema: listOf(
        obj({
          txid: hex("The transaction id of the checked output"),
          vout: num("The number of the checked output"),
          spendingtxid: maybe(hex("The transaction of the mempool that spends it")),
          spendingtx: maybe(hex("That transaction whole (only if return_spending_tx is set)")),
        }),
        "The outputs, in the order asked",
      ),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "there is no output, or one with a negative number" },
    { code: RPC_MISC_ERROR, when: "mempool_only is false, and an output has no spender there" },
  ],
  examples: [[[{ txid: EXAMPLE_TXID, vout: 3 }]]],
  run: ({ outputs, options: given }, { chain }) => {
    if (outputs.length === 0) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid parameter, outputs are missing");
    }
    return outputs.map((read) => {
      const output = present(read, "an output");
      const entry = chain.mempool.spenderOf(output);
      if (entry === undefined) {
        if (given?.["mempool_only"] !== false) return output;
        const { txid, vout } = output;
        const message = `No spending tx for the outpoint ${txid}:${vout} in mempool, and txospenderindex is unavailable.`;
        throw new RpcError(RPC_MISC_ERROR, message);
      }
      const { transaction } = entry;
      return {
        ...output,
        spendingtxid: transaction.txid,
        ...(given?.["return_spending_tx"] === true && {
          spendingtx: bytesToHex(transaction.toBytes()),
        }),
      };
    });
  },
});
