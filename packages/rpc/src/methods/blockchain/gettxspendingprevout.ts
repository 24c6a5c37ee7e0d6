import { type BlockHash, bytesToHex, type Transaction, type Txid } from "@chain/core";
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
import { readable } from "../blocks.ts";
import { EXAMPLE_TXID } from "../examples.ts";
import { indexFailure } from "../indexFailure.ts";

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
  description:
    "Scans the mempool (and the txospenderindex, if available) to find transactions spending any of the given outputs",
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
          text: "If false and mempool lacks a relevant spend, use txospenderindex (it is an error if that is not available).",
          hint: "true if txospenderindex unavailable, otherwise false",
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
          spendingtxid: maybe(hex("The transaction that spends it")),
          blockhash: maybe(hex("The block of that transaction, where it is confirmed")),
          spendingtx: maybe(hex("That transaction whole (only if return_spending_tx is set)")),
        }),
        "The outputs, in the order asked",
      ),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "there is no output, or one with a negative number" },
    {
      code: RPC_MISC_ERROR,
      when: "mempool_only is false, an output has no spender there, and the index is off or behind",
    },
  ],
  examples: [[[{ txid: EXAMPLE_TXID, vout: 3 }]]],
  run: async ({ outputs, options: given }, host) => {
    if (outputs.length === 0) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid parameter, outputs are missing");
    }
    const index = host.indexes?.spenders;
    const mempoolOnly = given?.["mempool_only"] ?? index === undefined;
    const whole = given?.["return_spending_tx"] === true;
    // The whole mempool as it is at one moment, before the index is waited for.
    const found = outputs.map((read) => {
      const output = present(read, "an output");
      return { output, spender: host.chain.mempool.spenderOf(output)?.transaction };
    });
    const isComplete = found.every(({ spender }) => spender !== undefined);
    const isReady = mempoolOnly === true || isComplete || ((await index?.isCaughtUp()) ?? false);
    const answers: Answer[] = [];
    for (const { output, spender } of found) {
      if (spender !== undefined) answers.push({ ...output, ...described(spender, whole) });
      else if (mempoolOnly === true) answers.push(output);
      else if (index === undefined || !isReady)
        throw unavailable(output, index && indexFailure(index));
      else {
        const confirmed = await readable(() => index.index.find(output));
        answers.push({
          ...output,
          ...(confirmed && described(confirmed.transaction, whole, confirmed.node.hash)),
        });
      }
    }
    return answers;
  },
});

interface Answer extends Output {
  readonly spendingtxid?: Txid;
  readonly spendingtx?: string;
  readonly blockhash?: BlockHash;
}

function described(
  transaction: Transaction,
  whole: boolean,
  blockhash?: BlockHash,
): Omit<Answer, keyof Output> {
  return {
    spendingtxid: transaction.txid,
    ...(blockhash !== undefined && { blockhash }),
    ...(whole && { spendingtx: bytesToHex(transaction.toBytes()) }),
  };
}

function unavailable({ txid, vout }: Output, failure: string | undefined): RpcError {
  const message = `No spending tx for the outpoint ${txid}:${vout} in mempool, and txospenderindex is unavailable.`;
  return new RpcError(RPC_MISC_ERROR, failure ? `${message} ${failure}` : message);
}
