import type { Method } from "../../define/method.ts";
import { maybe, num, obj } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RPC_WALLET_ERROR,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { lastBlock } from "../lastBlock.ts";
import { requireUnlocked, walletMethod } from "../method.ts";

const BUSY = "Wallet is currently rescanning. Abort existing rescan or wait.";
const PRUNED =
  "Can't rescan beyond pruned data. Use RPC call getblockchaininfo to determine your pruned height.";

export const rescanblockchain: Method = walletMethod({
  name: "rescanblockchain",
  description:
    'Rescan the local blockchain for wallet related transactions.\nNote: Use "getwalletinfo" to query the scanning progress.\nThe rescan is significantly faster if block filters are available\n(using startup option "-blockfilterindex=1").',
  arguments: [
    integer("start_height", {
      text: "block height where the rescan should start",
      fallback: 0,
    }),
    integer("stop_height", {
      text: "the last block height that should be scanned. If none is provided it will rescan up to the tip at return time of this call.",
      optional: true,
    }),
  ],
  results: [
    {
      schema: obj({
        start_height: num("The block height where the rescan started (the requested height or 0)"),
        stop_height: maybe(num("The height of the last rescanned block.")),
      }),
    },
  ],
  errors: [
    { code: RPC_WALLET_ERROR, when: "another scan is under way" },
    { code: RPC_INVALID_PARAMETER, when: "a height is none of the chain" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
    { code: RPC_MISC_ERROR, when: "a block is pruned or can't be read, or the scan was aborted" },
  ],
  examples: [[100_000, 120_000]],
  run: async ({ start_height: from, stop_height: to }, wallet, { host }) => {
    if (wallet.rescans.current() !== undefined) throw new RpcError(RPC_WALLET_ERROR, BUSY);
    requireUnlocked(wallet);
    const { height: tip } = lastBlock(wallet.ledger);
    if (from < 0 || from > tip) throw new RpcError(RPC_INVALID_PARAMETER, "Invalid start_height");
    if (to !== undefined && (to < 0 || to > tip)) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid stop_height");
    }
    if (to !== undefined && to < from) {
      const message = "stop_height must be greater than start_height";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (await isPrunedAt(from, host)) throw new RpcError(RPC_MISC_ERROR, PRUNED);
    const result = await wallet.rescans.scan(from, to);
    if (result === undefined) throw new RpcError(RPC_WALLET_ERROR, BUSY);
    if (result.status === "aborted") throw new RpcError(RPC_MISC_ERROR, "Rescan aborted.");
    if (result.status === "failed") {
      const message = "Rescan failed. Potentially corrupted data files.";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    const { lastHeight } = result;
    return {
      start_height: from,
      ...(lastHeight !== undefined && { stop_height: lastHeight }),
    };
  },
});

async function isPrunedAt(height: number, { chain }: RpcHost): Promise<boolean> {
  const node = chain.headers.activeAt(height);
  return node !== undefined && (await chain.isPruned(node));
}
