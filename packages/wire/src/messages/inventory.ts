import type { HashId } from "@chain/core";
import { MAX_INVENTORY_ITEMS } from "../protocol.ts";
import { LIST_PAYLOAD, type MessageCodec, readList, writeList } from "./codec.ts";

/** A transaction by its txid. */
export const MSG_TX = 1;
/** A block by its hash. */
export const MSG_BLOCK = 2;
/** A block cut down to what matches a filter (BIP-0037). */
export const MSG_FILTERED_BLOCK = 3;
/** A block in compact form (BIP-0152). */
export const MSG_CMPCT_BLOCK = 4;
/** A transaction by its wtxid (BIP-0339). */
export const MSG_WTX = 5;
/** Added to the type in `getdata`: with witness, please (BIP-0144). */
export const MSG_WITNESS_FLAG = 0x4000_0000;
export const MSG_WITNESS_TX: number = MSG_TX | MSG_WITNESS_FLAG;
export const MSG_WITNESS_BLOCK: number = MSG_BLOCK | MSG_WITNESS_FLAG;

/** Names something that can be had. */
export interface InventoryItem {
  /** `MSG_TX`, `MSG_BLOCK`, … Any 32-bit number decodes: peers may know types that we do not. */
  readonly type: number;
  /** The hash of a block or a transaction, as the type says. */
  readonly hash: HashId;
}

/** Items that the sender has. */
export interface InvMessage {
  readonly command: "inv";
  readonly items: readonly InventoryItem[];
}
/** Items that the sender wants. */
export interface GetDataMessage {
  readonly command: "getdata";
  readonly items: readonly InventoryItem[];
}
/** Items that were asked for and that the sender does not have. */
export interface NotFoundMessage {
  readonly command: "notfound";
  readonly items: readonly InventoryItem[];
}

const ITEM_SIZE = 36;

function inventoryCodec<Command extends string>(
  command: Command,
): MessageCodec<{ readonly command: Command; readonly items: readonly InventoryItem[] }> {
  return {
    maxPayload: LIST_PAYLOAD,
    decode(reader) {
      const items = readList(
        reader,
        MAX_INVENTORY_ITEMS,
        ITEM_SIZE,
        (count) => `${command} message size = ${count}`,
        (): InventoryItem => ({ type: reader.u32(), hash: reader.hash<HashId>() }),
      );
      return { command, items };
    },
    encode(writer, { items }): void {
      writeList(writer, items, MAX_INVENTORY_ITEMS, ({ type, hash }) => {
        writer.u32(type).hash(hash);
      });
    },
  };
}

export const invCodec: MessageCodec<InvMessage> = /* @__PURE__ */ inventoryCodec("inv");
export const getDataCodec: MessageCodec<GetDataMessage> = /* @__PURE__ */ inventoryCodec("getdata");
export const notFoundCodec: MessageCodec<NotFoundMessage> =
  /* @__PURE__ */ inventoryCodec("notfound");
