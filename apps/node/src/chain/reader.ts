import {
  Block,
  type BlockHash,
  type BlockUndo,
  type ChainParams,
  decodeUndo,
  hexToBytes,
} from "@chain/core";
import type { ControlClient } from "../control/client.ts";
import { RpcError } from "../control/protocol.ts";
import { UserError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import type { OfflineChain } from "../offline.ts";
import { openEither } from "../openEither.ts";

/** Blocks of a node, whether it runs or not. */
export interface ChainReader {
  readonly params: ChainParams;
  tip(): Promise<{ readonly hash: BlockHash; readonly height: number }>;
  /** Of the best chain; `undefined` beyond its end. */
  hashAt(height: number): Promise<BlockHash | undefined>;
  /** @throws UserError `damaged` where the block is not there. */
  read(hash: BlockHash): Promise<{ readonly block: Block; readonly undo: BlockUndo | undefined }>;
  close(): Promise<void>;
}

/** Asks the node if it runs, else opens its database. @throws UserError as `openOffline`. */
export async function openReader(
  identity: Identity,
  onWait: (sentence: string) => void,
): Promise<ChainReader> {
  const { running, offline } = await openEither(identity, onWait);
  return running === undefined ? offlineReader(offline) : controlReader(running);
}

function offlineReader({ chain, params, store, close }: OfflineChain): ChainReader {
  return {
    params,
    tip: async () => chain.tip,
    hashAt: async (height) => chain.headers.activeAt(height)?.hash,
    read: async (hash) => {
      const block = await chain.getBlock(hash);
      if (block === undefined) throw new UserError("damaged", `block ${hash} is not stored`);
      const undo = await store.readUndo(hash);
      return { block, undo: undo && decodeUndo(undo) };
    },
    close,
  };
}

function controlReader(control: ControlClient): ChainReader {
  return {
    params: control.params,
    tip: async () => {
      const { bestblockhash, height } = await control.info();
      return { hash: bestblockhash, height };
    },
    hashAt: async (height) => {
      try {
        return await control.call("getblockhash", { height });
      } catch (error) {
        if (error instanceof RpcError) return undefined;
        throw error;
      }
    },
    read: async (blockhash) => {
      const raw = await control.call("getblock", { blockhash, verbosity: 0 });
      const undo = await control.call("getblockundo", { blockhash });
      return {
        block: Block.fromHex(raw as string),
        undo: undo === null ? undefined : decodeUndo(hexToBytes(undo)),
      };
    },
    close: async () => {},
  };
}
