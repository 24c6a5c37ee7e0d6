import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list, num, obj } from "../../define/result.ts";
import {
  integer,
  list as listOf,
  object as objectOf,
  options,
  readList,
  readObject,
  readString,
  string,
} from "../../define/types.ts";
import type { Json } from "../../json/parse.ts";
import { decodeTransaction } from "../decode.ts";
import { DEV_ERRORS, readReceiver, withDev } from "./devMethod.ts";

const TXIDS = string("txid", { text: "A transaction id", optional: true });

export const chain_reorg: Method = defineMethod({
  name: "chain_reorg",
  category: "hidden",
  description:
    "Replaces the last blocks by a branch that is longer by one block, in one step. Transactions stay in it unless it is said otherwise.",
  arguments: [
    integer("depth", { text: "How many blocks are replaced" }),
    options(
      "options",
      [
        listOf("drop", TXIDS, { text: "Transactions that vanish", optional: true }),
        listOf("unconfirm", TXIDS, {
          text: 'Transactions that wait again; ["all"]: all',
          optional: true,
        }),
        objectOf("replace", [], {
          text: "Raw transactions in hex, by the ids of those whose places they take",
          optional: true,
        }),
        string("address", { text: "The receiver of the rewards", hint: "the faucet" }),
      ],
      { text: "The ways in which the new blocks differ", optional: true },
    ),
  ],
  results: [
    {
      schema: obj({
        forkheight: num("The height of the last block that both branches have"),
        disconnected: list(hex("A block hash"), "The old blocks"),
        connected: list(hex("A block hash"), "The new blocks"),
      }),
    },
  ],
  errors: DEV_ERRORS,
  examples: [[3], [1, { unconfirm: ["all"] }]],
  run: withDev(async ({ depth, options: given = {} }, dev, host) => {
    const { drop = [], unconfirm = [], replace = {}, address } = given;
    const freed = readTexts(unconfirm);
    const { forkHeight, disconnected, connected } = await dev.reorg({
      depth,
      drop: readTexts(drop),
      unconfirm: freed.includes("all") ? "all" : freed,
      replace: Object.fromEntries(
        Object.entries(readObject(replace)).map(([id, hexadecimal]) => {
          return [id, decodeTransaction(readString(hexadecimal))];
        }),
      ),
      ...(typeof address === "string" && { to: readReceiver(address, host) }),
    });
    return { forkheight: forkHeight, disconnected, connected };
  }),
});

function readTexts(value: Json): readonly string[] {
  return readList(value).map(readString);
}
