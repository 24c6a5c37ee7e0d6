import type { CoinHash } from "@chain/storage";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, maybe, num, obj } from "../../define/result.ts";
import { boolean, hashOrHeightType, string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";

const HASH_TYPES: ReadonlyMap<string, CoinHash> = /* @__PURE__ */ new Map([
  ["hash_serialized_3", "serialized"],
  ["muhash", "muhash"],
  ["none", "none"],
] as const);

export const gettxoutsetinfo: Method = defineMethod({
  name: "gettxoutsetinfo",
  category: "blockchain",
  description:
    "Returns statistics about the unspent transaction output set.\nNote this call may take some time.",
  arguments: [
    string("hash_type", {
      text: "Which UTXO set hash should be calculated. Options: 'hash_serialized_3' (the legacy algorithm), 'muhash', 'none'.",
      fallback: "hash_serialized_3",
    }),
    argument("hash_or_height", hashOrHeightType, {
      text: "The block hash or height of the target height (only available with coinstatsindex).",
      hint: "the current best block",
    }),
    boolean("use_index", { text: "Use coinstatsindex, if available.", fallback: true }),
  ],
  results: [
    {
      schema: obj({
        height: num("The height of the tip"),
        bestblock: hex("The hash of the tip"),
        txouts: num("The number of unspent transaction outputs"),
        bogosize: num("Database-independent, meaningless metric indicating the UTXO set size"),
        hash_serialized_3: maybe(hex("The serialized hash (only if it is chosen)")),
        muhash: maybe(hex("The serialized hash (only if it is chosen)")),
        total_amount: coins("The total amount of coins in the UTXO set"),
        transactions: num("The number of transactions with unspent outputs"),
        disk_size: num("The estimated size of the chainstate on disk"),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "the hash type is none, or a block is named" }],
  examples: [[], ["none"], ["muhash"]],
  run: async ({ hash_type, hash_or_height }, { chain }) => {
    const type = HASH_TYPES.get(hash_type);
    if (type === undefined) {
      throw new RpcError(RPC_INVALID_PARAMETER, `'${hash_type}' is not a valid hash_type`);
    }
    if (hash_or_height !== undefined) {
      const message = "Querying specific block heights requires coinstatsindex";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const statistics = await chain.coinStatistics(type);
    const { tip, count, transactions, total, bogoSize, hash, diskSize } = statistics;
    return {
      height: tip.height,
      bestblock: tip.hash,
      txouts: count,
      bogosize: bogoSize,
      ...(type === "serialized" && { hash_serialized_3: hash }),
      ...(type === "muhash" && { muhash: hash }),
      total_amount: coinsNumber(total),
      transactions,
      disk_size: diskSize,
    };
  },
});
