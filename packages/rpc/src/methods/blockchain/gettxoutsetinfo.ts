import type { HeaderNode } from "@chain/core";
import type { Indexes } from "@chain/indexes";
import type { CoinHash } from "@chain/storage";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, maybe, num, obj } from "../../define/result.ts";
import { boolean, hashOrHeightType, string } from "../../define/types.ts";
import {
  RPC_INTERNAL_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import type { Json } from "../../json/parse.ts";
import { headerOfHashOrHeight } from "../blocks.ts";
import { indexFailure } from "../indexFailure.ts";

type Host = Pick<RpcHost, "chain" | "indexes">;
type Index = NonNullable<Indexes["coinStats"]>;

const HASH_TYPES: ReadonlyMap<string, CoinHash> = /* @__PURE__ */ new Map([
  ["hash_serialized_3", "serialized"],
  ["muhash", "muhash"],
  ["none", "none"],
] as const);

export const gettxoutsetinfo: Method = defineMethod({
  name: "gettxoutsetinfo",
  category: "blockchain",
  description:
    "Returns statistics about the unspent transaction output set.\nNote this call may take some time if you are not using coinstatsindex.",
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
        height: num("The height of the block that these statistics are of"),
        bestblock: hex("The hash of that block"),
        txouts: num("The number of unspent transaction outputs"),
        bogosize: num("Database-independent, meaningless metric indicating the UTXO set size"),
        hash_serialized_3: maybe(hex("The serialized hash (only if it is chosen)")),
        muhash: maybe(hex("The serialized hash (only if it is chosen)")),
        transactions: maybe(
          num("The number of transactions with unspent outputs (not if coinstatsindex is used)"),
        ),
        disk_size: maybe(
          num("The estimated size of the chainstate on disk (not if coinstatsindex is used)"),
        ),
        total_amount: coins("The total amount of coins in the UTXO set"),
        total_unspendable_amount: maybe(
          coins(
            "The total amount of coins permanently excluded from the UTXO set (only if coinstatsindex is used)",
          ),
        ),
        block_info: maybe(
          obj(
            {
              prevout_spent: coins("Total amount of all prevouts spent in this block"),
              coinbase: coins("Coinbase subsidy amount of this block"),
              new_outputs_ex_coinbase: coins("Total amount of new outputs created by this block"),
              unspendable: coins("Total amount of unspendable outputs created in this block"),
              unspendables: obj(
                {
                  genesis_block: coins("The unspendable amount of the Genesis block subsidy"),
                  bip30: coins(
                    "Transactions overridden by duplicates (no longer possible with BIP30)",
                  ),
                  scripts: coins(
                    "Amounts sent to scripts that are unspendable (for example OP_RETURN outputs)",
                  ),
                  unclaimed_rewards: coins(
                    "Fee rewards that miners did not claim in their coinbase transaction",
                  ),
                },
                "Detailed view of the unspendable categories",
              ),
            },
            "Info on amounts in the block at this block height (only if coinstatsindex is used)",
          ),
        ),
      }),
    },
  ],
  errors: [
    {
      code: RPC_INVALID_PARAMETER,
      when: "the hash type is none, or a block is named that the index can't be asked for",
    },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the block is not known" },
    { code: RPC_INTERNAL_ERROR, when: "the index has not come as far as the block, or has failed" },
  ],
  examples: [[], ["none"], ["muhash"]],
  run: async ({ hash_type, hash_or_height, use_index }, host) => {
    const type = HASH_TYPES.get(hash_type);
    if (type === undefined) {
      throw new RpcError(RPC_INVALID_PARAMETER, `'${hash_type}' is not a valid hash_type`);
    }
    const index = host.indexes?.coinStats;
    const node =
      hash_or_height === undefined
        ? undefined
        : blockOfIndex(host, { type, useIndex: use_index, block: hash_or_height });
    if (index === undefined || !use_index || type === "serialized") return scanned(host, type);

    const isCaughtUp = await index.isCaughtUp();
    const height = index.position?.height ?? 0;
    if (!isCaughtUp && node !== undefined && node.height > height) {
      const failure = indexFailure(index);
      const why = failure ? `. ${failure}` : " because coinstatsindex is still syncing";
      const message = `Unable to get data${why}. Current height: ${height}`;
      throw new RpcError(RPC_INTERNAL_ERROR, message);
    }
    return indexed(node ?? host.chain.tip, type, index);
  },
});

interface Asked {
  readonly type: CoinHash;
  readonly useIndex: boolean;
  readonly block: Json;
}

/** @throws RpcError -5, -8 */
function blockOfIndex(host: Host, { type, useIndex, block }: Asked): HeaderNode {
  const refuse = (message: string) => new RpcError(RPC_INVALID_PARAMETER, message);
  if (host.indexes?.coinStats === undefined) {
    throw refuse("Querying specific block heights requires coinstatsindex");
  }
  if (type === "serialized") {
    throw refuse("hash_serialized_3 hash type cannot be queried for a specific block");
  }
  if (!useIndex) {
    throw refuse("Cannot set use_index to false when querying for a specific block");
  }
  return headerOfHashOrHeight(host, block);
}

async function scanned({ chain }: Host, type: CoinHash) {
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
}

async function indexed({ height, hash }: HeaderNode, type: CoinHash, running: Index) {
  const statistics = await running.index.statistics(hash);
  if (statistics === undefined) {
    const failure = indexFailure(running);
    const message = "Unable to read UTXO set";
    throw new RpcError(RPC_INTERNAL_ERROR, failure ? `${message}. ${failure}` : message);
  }
  const { block, total, totalUnspendable, muHash } = statistics;
  const { genesis, replaced, scripts, unclaimed } = block.unspendable;
  return {
    height,
    bestblock: hash,
    txouts: statistics.count,
    bogosize: statistics.bogoSize,
    ...(type === "muhash" && { muhash: muHash }),
    total_amount: coinsNumber(total),
    total_unspendable_amount: coinsNumber(totalUnspendable),
    block_info: {
      prevout_spent: coinsNumber(block.spent),
      coinbase: coinsNumber(block.coinbase),
      new_outputs_ex_coinbase: coinsNumber(block.others),
      unspendable: coinsNumber(genesis + replaced + scripts + unclaimed),
      unspendables: {
        genesis_block: coinsNumber(genesis),
        bip30: coinsNumber(replaced),
        scripts: coinsNumber(scripts),
        unclaimed_rewards: coinsNumber(unclaimed),
      },
    },
  };
}
