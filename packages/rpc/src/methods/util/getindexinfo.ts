import { allIndexes } from "@chain/indexes";
import { defineMethod, type Method } from "../../define/method.ts";
import { dict, flag, num, obj } from "../../define/result.ts";
import { string } from "../../define/types.ts";

export const getindexinfo: Method = defineMethod({
  name: "getindexinfo",
  category: "util",
  description: "Returns the status of one or all available indices currently running in the node.",
  arguments: [
    string("index_name", {
      text: "Filter results for an index with a specific name.",
      optional: true,
    }),
  ],
  results: [
    {
      schema: dict(
        obj(
          {
            synced: flag("Whether the index is synced or not"),
            best_block_height: num("The block height to which the index is synced"),
          },
          "The index",
        ),
        "Indexes by name",
        "name",
      ),
    },
  ],
  examples: [[], ["txindex"]],
  run: ({ index_name = "" }, { indexes = {} }) =>
    Object.fromEntries(
      allIndexes(indexes)
        .filter(({ name }) => index_name === "" || name === index_name)
        .map(({ name, isSynced, position }) => [
          name,
          { synced: isSynced, best_block_height: position?.height ?? 0 },
        ]),
    ),
});
