import {
  Block,
  type BlockHash,
  type BlockUndo,
  type ChainParams,
  decodeUndo,
  hexToBytes,
  parseId,
} from "@chain/core";
import { requireFunction } from "@chain/core/arguments";
import { RpcError } from "@chain/rpc/client";
import { requireIdentity } from "../checks.ts";
import { UserError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import { type OfflineCoins, openOfflineCoins } from "../offline.ts";
import { openEither } from "../openEither.ts";
import { unreadable } from "../rpc/answers.ts";
import type { ControlClient } from "../rpc/client.ts";

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

/**
 * Asks the node if it runs, else opens its database. @throws UserError as `openOffline`.
 * @example
 * const reader = await openReader(identity, say);
 * (await reader.tip()).height // 0
 * await reader.close();
 */
export async function openReader(
  identity: Identity,
  onWait: (sentence: string) => void,
): Promise<ChainReader> {
  requireIdentity(identity, "identity");
  requireFunction(onWait, "onWait");

  const { running, offline } = await openEither(identity, openOfflineCoins, onWait);
  return running === undefined ? offlineReader(offline) : controlReader(running);
}

function offlineReader({ params, store, tip, close }: OfflineCoins): ChainReader {
  const damaged = (hash: BlockHash) => new UserError("damaged", `block ${hash} is not stored`);
  return {
    params,
    tip: async () => tip,
    // From the tip down, record by record: the index of all blocks takes seconds and hundreds of bytes a block.
    hashAt: async (height) => {
      if (height > tip.height) return undefined;
      let { hash } = tip;
      for (let at = tip.height; at > height; at--) {
        const record = await store.readRecord(hash);
        if (record === undefined) throw damaged(hash);
        hash = record.header.previousHash;
      }
      return hash;
    },
    read: async (hash) => {
      const raw = await store.readBlock(hash);
      if (raw === undefined) throw damaged(hash);
      const undo = await store.readUndo(hash);
      return { block: Block.fromBytes(raw), undo: undo && decodeUndo(undo) };
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
        return parseId(await control.call("getblockhash", { height }));
      } catch (error) {
        if (error instanceof RpcError) return undefined;
        throw error;
      }
    },
    read: async (blockhash) => {
      const raw = await control.call("getblock", { blockhash, verbosity: 0 });
      if (typeof raw !== "string") throw unreadable("getblock");
      const undo = await control.call("getblockundo", { blockhash });
      return {
        block: Block.fromHex(raw),
        undo: undo === null ? undefined : decodeUndo(hexToBytes(undo)),
      };
    },
    close: async () => {},
  };
}
