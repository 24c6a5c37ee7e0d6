import { present } from "@chain/core/arguments";
import { scriptHashOf, type Touch } from "@chain/indexes";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, list, maybe, num, obj } from "../../define/result.ts";
import {
  boolean,
  hexText,
  integer,
  object,
  options,
  readHex,
  readInt32,
  readInteger,
  readStrictly,
} from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import type { Json } from "../../json/parse.ts";
import { askScriptHistory, EXAMPLE_SCRIPT } from "../scriptHistories.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

const touch = {
  funding: list(
    obj({ vout: num("The output number"), value: coins("The value") }),
    "The outputs that pay the script",
  ),
  spending: list(
    obj({ vin: num("The input number"), value: coins("The value") }),
    "The inputs that spend outputs of the script",
  ),
};
const place = {
  height: num("The height of its block"),
  position: num("How many transactions of the block come before it"),
};

export const getscripthistory: Method = defineMethod({
  name: "getscripthistory",
  category: "chain",
  description:
    "Returns the transactions that pay an output script or spend from it, a part at a time, from the index of script histories (-scripthistoryindex).",
  arguments: [
    hexText("script", { text: "The output script" }),
    options(
      "options",
      [
        integer("limit", {
          text: `The most confirmed transactions, up to ${MAX_LIMIT}`,
          fallback: DEFAULT_LIMIT,
        }),
        boolean("newest_first", {
          text: "Whether the history is read from its end",
          fallback: false,
        }),
        object(
          "after",
          [
            integer("height", { text: "Its height" }),
            integer("position", { text: "Its position" }),
          ],
          { text: "The next of the answer before", optional: true },
        ),
      ],
      { text: "The part that is wanted", optional: true },
    ),
  ],
  results: [
    {
      schema: obj({
        height: num("The height of the last block that is counted"),
        bestblock: hex("Its hash"),
        confirmed: list(
          obj({ txid: hex("The transaction id"), ...place, ...touch }),
          "Transactions of the best chain, in its order",
        ),
        next: maybe(obj(place, "To be given as after for the next part, where there is one")),
        unconfirmed: list(
          obj({
            txid: hex("The transaction id"),
            height: num("0; -1 where it spends an output of another unconfirmed transaction"),
            fee: coins("Its fee"),
            ...touch,
          }),
          "Transactions of the mempool, with the first part alone",
        ),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the script is not in hex, or an option is out of range" },
    { code: RPC_MISC_ERROR, when: "the index is off, is being built, or has failed" },
  ],
  examples: [[EXAMPLE_SCRIPT], [EXAMPLE_SCRIPT, { limit: 25, newest_first: true }]],
  run: async ({ script, options: given }, host) => {
    const hash = scriptHashOf(readHex(script, "script"));
    const limit = given?.["limit"] === undefined ? DEFAULT_LIMIT : readInt32(given["limit"]);
    if (limit < 1 || limit > MAX_LIMIT) {
      const message = `Invalid parameter, limit must be between 1 and ${MAX_LIMIT}`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const after = given?.["after"] === undefined ? undefined : readPlace(given["after"]);
    const newestFirst = given?.["newest_first"] === true;
    const { tip, confirmed, next, unconfirmed } = await askScriptHistory(host, (index) =>
      index.scriptHistory(hash, { limit, newestFirst, after }),
    );
    return {
      height: present(tip, "tip").height,
      bestblock: present(tip, "tip").hash,
      confirmed: confirmed.map(({ txid, height, position, ...rest }) => ({
        txid,
        height,
        position,
        ...described(rest),
      })),
      ...(next !== undefined && { next }),
      unconfirmed: unconfirmed.map(({ txid, height, fee, ...rest }) => ({
        txid,
        height,
        fee: coinsNumber(fee),
        ...described(rest),
      })),
    };
  },
});

function readPlace(value: Json) {
  const { height, position } = readStrictly(value, { height: "number", position: "number" });
  return {
    height: Number(readInteger(height, 0n, 0xffff_ffffn)),
    position: Number(readInteger(position, 0n, 0xff_ffffn)),
  };
}

function described({ funding, spending }: Touch) {
  return {
    funding: funding.map(({ vout, value }) => ({ vout, value: coinsNumber(value) })),
    spending: spending.map(({ vin, value }) => ({ vin, value: coinsNumber(value) })),
  };
}
