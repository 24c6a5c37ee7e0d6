import { isDust } from "@chain/core";
import { z } from "zod";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import { long, txid } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { numberText } from "../../json/number.ts";
import type { Json } from "../../json/parse.ts";
import { EXAMPLE_TXID } from "../examples.ts";

export const prioritisetransaction: Method = defineMethod({
  name: "prioritisetransaction",
  category: "mining",
  description:
    "Accepts the transaction into mined blocks at a higher (or lower) priority\nIt counts until a block holds the transaction, also before it comes.",
  arguments: [
    txid("txid", { text: "The transaction id." }),
    argument(
      "dummy",
      { kind: "number", schema: z.number(), read: (value: Json) => value },
      {
        text: "API-Compatibility for previous API. Must be zero or null.\nDEPRECATED. For forward compatibility use named arguments and omit this parameter.",
        optional: true,
      },
    ),
    long("fee_delta", {
      text: "The fee value (in satoshis) to add (or subtract, if negative).\nNote, that this value is not a fee rate. It is a value to modify absolute fee of the TX.\nThe fee is not actually paid, only the algorithm for selecting transactions into a block\nconsiders the transaction as it would have paid a higher (or lower) fee.",
    }),
  ],
  results: [{ schema: flag("Returns true") }],
  errors: [
    {
      code: RPC_INVALID_PARAMETER,
      when: "dummy is not 0, or an output of the transaction is dust, for which no fee may be paid",
    },
  ],
  examples: [[EXAMPLE_TXID, 0, 10_000], { txid: EXAMPLE_TXID, fee_delta: 10_000 }],
  run: async ({ txid: id, dummy, fee_delta: delta }, { chain }) => {
    if (Number(numberText(dummy) ?? 0) !== 0) {
      const message =
        "Priority is no longer supported, dummy argument to prioritisetransaction must be 0.";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const { requireStandard, dustRelayFeeRate } = chain.mempool.policy;
    const outputs = chain.mempool.get(id)?.transaction.outputs ?? [];
    if (requireStandard && outputs.some((output) => isDust(output, dustRelayFeeRate))) {
      const message = "Priority is not supported for transactions with dust outputs.";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    await chain.prioritiseTransaction(id, delta);
    return true;
  },
});
