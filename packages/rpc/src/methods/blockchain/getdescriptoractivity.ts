import type { BlockHash, HeaderNode, Transaction, TxOutput } from "@chain/core";
import { present } from "@chain/core/arguments";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, list as listOf, maybe, num, obj, text } from "../../define/result.ts";
import { boolean, hashType, list } from "../../define/types.ts";
import { describeScript, scriptResult } from "../../describe/script.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import { blockOf, headerOf, undoOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";
import { scanObject } from "../scanArguments.ts";
import { type NamedScripts, namedScripts } from "../scripts.ts";

/** The height of a coin that no block has yet. Core: MEMPOOL_HEIGHT. */
const MEMPOOL_HEIGHT = 0x7fff_ffff;
const EXAMPLE_RAW = "raw(76a91411b366edfc0a8b66feebae5c2e25a7b6a5d1cf3188ac)#fm24fxxy";

const place = {
  blockhash: maybe(hex("The block that it is in (omitted if unconfirmed)")),
  height: maybe(num("The height of that block (omitted if unconfirmed)")),
};

export const getdescriptoractivity: Method = defineMethod({
  name: "getdescriptoractivity",
  category: "blockchain",
  description:
    "Get spend and receive activity associated with a set of descriptors for a set of blocks. This command pairs well with the relevant_blocks output of scanblocks().\nThis call may take several minutes. If you encounter timeouts, try specifying no RPC timeout (chain-cli -rpcclienttimeout=0)",
  arguments: [
    list(
      "blockhashes",
      argument("blockhash", hashType<BlockHash>("blockhash"), {
        text: "A valid blockhash",
        optional: true,
      }),
      {
        text: "The list of blockhashes to examine for activity. Order doesn't matter. Must be along main chain or an error is thrown.",
      },
    ),
    list("scanobjects", scanObject, {
      text: "Array of scan objects",
      oneLine: "[scanobjects,...]",
    }),
    boolean("include_mempool", { text: "Whether to include unconfirmed activity", fallback: true }),
  ],
  results: [
    {
      schema: obj({
        activity: listOf(
          obj({
            type: text("'spend' or 'receive'"),
            amount: coins("The amount of the output that is spent or received"),
            ...place,
            spend_txid: maybe(hex("The txid of the spending transaction")),
            spend_vin: maybe(num("The input index of the spend")),
            prevout_txid: maybe(hex("The txid of the prevout")),
            prevout_vout: maybe(num("The vout of the prevout")),
            prevout_spk: scriptResult.optional(),
            txid: maybe(hex("The txid of the receiving transaction")),
            vout: maybe(num("The vout of the receiving output")),
            output_spk: scriptResult.optional(),
          }),
          "Events",
        ),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a block is unknown, or a descriptor is none" },
    { code: RPC_INVALID_PARAMETER, when: "a block is not in the best chain" },
    { code: RPC_MISC_ERROR, when: "a block is not here" },
  ],
  examples: [[[EXAMPLE_BLOCK], [EXAMPLE_RAW]]],
  run: async ({ blockhashes, scanobjects, include_mempool }, host, { signal }) => {
    const nodes = blocksNamed(host, blockhashes);
    const scripts = await namedScripts(scanobjects, host);
    const activity: Event[] = [];
    for (const node of nodes) {
      if (signal.aborted) break;
      activity.push(...(await activityOfBlock(host, node, scripts)));
    }
    if (include_mempool) activity.push(...(await activityOfMempool(host, scripts)));
    return { activity };
  },
});

/** By rising height, each once. */
function blocksNamed(
  host: RpcHost,
  hashes: readonly (BlockHash | undefined)[],
): readonly HeaderNode[] {
  const nodes = new Set<HeaderNode>();
  for (const hash of hashes) {
    if (hash === undefined) continue;
    const node = headerOf(host, hash);
    if (!host.chain.headers.isActive(node)) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Block is not in main chain");
    }
    nodes.add(node);
  }
  return [...nodes].sort((a, b) => a.height - b.height);
}

type Output = Pick<TxOutput, "value" | "scriptPubKey">;
type Event = ReturnType<typeof describeSpend> | ReturnType<typeof describeReceipt>;

async function activityOfBlock(
  host: RpcHost,
  node: HeaderNode,
  scripts: NamedScripts,
): Promise<readonly Event[]> {
  const { transactions } = await blockOf(host, node);
  const undo = await undoOf(host, node.hash);
  if (undo === undefined && node.height > 0) {
    const message =
      "Undo data expected but can't be read. This could be due to disk corruption or a conflict with a pruning event.";
    throw new RpcError(RPC_MISC_ERROR, message);
  }
  // Undo data has no entry for the coinbase.
  return transactions.flatMap((transaction, i) =>
    activityOf(host, transaction, i === 0 ? [] : (undo?.[i - 1] ?? []), scripts, node),
  );
}

async function activityOfMempool(host: RpcHost, scripts: NamedScripts): Promise<readonly Event[]> {
  const { chain } = host;
  const { mempool } = chain;
  // One state of chain and mempool for all of it.
  return chain.run(async () => {
    const found: Event[] = [];
    for (const { transaction } of mempool.entries()) {
      const outpoints = transaction.inputs.map(({ prevout }) => prevout);
      const confirmed = await chain.getCoins(outpoints);
      const spent = outpoints.map((outpoint, i) =>
        present(confirmed[i] ?? mempool.coin(outpoint, MEMPOOL_HEIGHT), "the coin of an input"),
      );
      found.push(...activityOf(host, transaction, spent, scripts));
    }
    return found;
  });
}

/** @param spent the outputs that it spends; none of a coinbase */
function activityOf(
  { chain: { params } }: RpcHost,
  transaction: Transaction,
  spent: readonly Output[],
  scripts: NamedScripts,
  node?: HeaderNode,
): readonly Event[] {
  const where = node && { blockhash: node.hash, height: node.height };
  const describe = (output: Output) => describeScript(output.scriptPubKey, params);
  const spends = spent.flatMap((output, vin) =>
    scripts.has(output.scriptPubKey)
      ? [describeSpend(transaction, vin, output, where, describe(output))]
      : [],
  );
  const receipts = transaction.outputs.flatMap((output, vout) =>
    scripts.has(output.scriptPubKey)
      ? [describeReceipt(transaction, vout, output, where, describe(output))]
      : [],
  );
  return [...spends, ...receipts];
}

type Where = { readonly blockhash: BlockHash; readonly height: number } | undefined;

function describeSpend(
  { txid, inputs }: Transaction,
  vin: number,
  { value }: Output,
  where: Where,
  script: ReturnType<typeof describeScript>,
) {
  const { prevout } = present(inputs[vin], "the input of a spend");
  return {
    type: "spend",
    amount: coinsNumber(value),
    ...where,
    spend_txid: txid,
    spend_vin: vin,
    prevout_txid: prevout.txid,
    prevout_vout: prevout.vout,
    prevout_spk: script,
  };
}

function describeReceipt(
  { txid }: Transaction,
  vout: number,
  { value }: Output,
  where: Where,
  script: ReturnType<typeof describeScript>,
) {
  return {
    type: "receive",
    amount: coinsNumber(value),
    ...where,
    txid,
    vout,
    output_spk: script,
  };
}
