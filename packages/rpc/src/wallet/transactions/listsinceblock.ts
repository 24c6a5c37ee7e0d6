import type { BlockHash, HeaderNode } from "@chain/core";
import type { Method } from "../../define/method.ts";
import { hex, list, maybe, obj } from "../../define/result.ts";
import { boolean, integer, readHash, string } from "../../define/types.ts";
import {
  RPC_INTERNAL_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_WALLET_INVALID_LABEL_NAME,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { headerOf } from "../../methods/blocks.ts";
import type { RpcWallet } from "../host.ts";
import { lastBlock } from "../lastBlock.ts";
import { requireLabel, walletMethod } from "../method.ts";
import {
  PAYMENT_SHAPE,
  type Payment,
  type PaymentOptions,
  paymentsOf,
  TRANSACTION_SHAPE,
} from "./describe.ts";

const PAYMENT = obj({ ...PAYMENT_SHAPE, ...TRANSACTION_SHAPE });
/** Payments of conflicted transactions are listed too: below any depth. */
const ANY_DEPTH = -100_000_000;

export const listsinceblock: Method = walletMethod({
  name: "listsinceblock",
  description:
    'Get all transactions in blocks since block [blockhash], or all transactions if omitted.\nIf "blockhash" is no longer a part of the main chain, transactions from the fork point onward are included.\nAdditionally, if include_removed is set, transactions affecting the wallet which were removed are returned in the "removed" array.',
  arguments: [
    string("blockhash", {
      text: "If set, the block hash to list transactions since, otherwise list all transactions.",
      optional: true,
    }),
    integer("target_confirmations", {
      text: "Return the nth block hash from the main chain. e.g. 1 would mean the best block hash. Note: this is not used as a filter, but only affects [lastblock] in the return value",
      fallback: 1,
    }),
    boolean("include_watchonly", { text: "(DEPRECATED) No longer used", fallback: false }),
    boolean("include_removed", {
      text: 'Show transactions that were removed due to a reorg in the "removed" array\n(not guaranteed to work on pruned nodes)',
      fallback: true,
    }),
    boolean("include_change", {
      text: "Also add entries for change outputs.",
      fallback: false,
    }),
    string("label", {
      text: "Return only incoming transactions paying to addresses with the specified label.",
      optional: true,
    }),
  ],
  results: [
    {
      schema: obj({
        transactions: list(PAYMENT, "The payments"),
        removed: maybe(
          list(
            PAYMENT,
            "Payments of blocks that are not in the main chain any more; only present if include_removed=true.\nNote: transactions that were re-added in the active chain will appear as-is in this array, and may thus have a positive confirmation count.",
          ),
        ),
        lastblock: hex(
          "The hash of the block (target_confirmations-1) from the best block on the main chain, or the genesis hash if the referenced block does not exist yet. This is typically used to feed back into listsinceblock the next time you call it.",
        ),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the block is not known" },
    { code: RPC_INVALID_PARAMETER, when: "the hash or the number of confirmations is none" },
    { code: RPC_WALLET_INVALID_LABEL_NAME, when: "the label is none" },
  ],
  examples: [[], ["000000000000000bacf66f7497b7dc45ef753ee9a7d38571037cdb1a57f663ad", 6]],
  run: async (given, wallet, { host }) => {
    const { ledger } = wallet;
    const tip = headerOf(host, lastBlock(ledger).hash);
    const since = given.blockhash ? sinceOf(given.blockhash, tip, host) : undefined;
    if (given.target_confirmations < 1) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid parameter");
    }
    const label = given.label === undefined ? undefined : requireLabel(given.label);
    const options = { isLong: true, label, includeChange: given.include_change };
    const depth = since && tip.height + 1 - since.fork.height;
    const transactions = [...ledger.transactions()]
      .filter((each) => depth === undefined || Math.abs(ledger.depth(each.txid)) < depth)
      .flatMap((each) => paymentsOf(each, wallet, host, options));
    const back = Math.min(given.target_confirmations, tip.height + 1);
    return {
      transactions,
      ...(given.include_removed && {
        removed: since === undefined ? [] : await removedSince(since, wallet, host, options),
      }),
      lastblock: tip.ancestor(tip.height + 1 - back)?.hash ?? tip.hash,
    };
  },
});

interface Since {
  readonly block: HeaderNode;
  /** Its last ancestor in the chain of the wallet. */
  readonly fork: HeaderNode;
}

/** Core: findCommonAncestor. @throws RpcError -5, -8 */
function sinceOf(text: string, tip: HeaderNode, host: RpcHost): Since {
  const block = headerOf(host, readHash<BlockHash>(text, "blockhash"));
  let fork: HeaderNode | undefined = block;
  while (fork !== undefined && tip.ancestor(fork.height)?.hash !== fork.hash) fork = fork.parent;
  if (fork !== undefined) return { block, fork };
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Block not found");
}

/** Payments of the blocks that the chain has left. @throws RpcError -32603 where one can't be read */
async function removedSince(
  { block, fork }: Since,
  wallet: RpcWallet,
  host: RpcHost,
  options: PaymentOptions,
) {
  const removed: Payment[] = [];
  let node: HeaderNode | undefined = block;
  for (; node !== undefined && node.height > fork.height; node = node.parent) {
    const body = await host.chain.getBlock(node.hash);
    if (body === undefined) throw new RpcError(RPC_INTERNAL_ERROR, "Can't read block from disk");
    for (const { txid } of body.transactions) {
      const known = wallet.ledger.transaction(txid);
      if (known === undefined) continue;
      removed.push(...paymentsOf(known, wallet, host, { ...options, minDepth: ANY_DEPTH }));
    }
  }
  return removed;
}
