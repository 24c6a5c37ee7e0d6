import type { HeaderNode } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, list, maybe, num, obj } from "../../define/result.ts";
import { difficultyOf, hex32, targetHex } from "../../describe/header.ts";
import { progressOf } from "../../describe/progress.ts";

export const getchainstates: Method = defineMethod({
  name: "getchainstates",
  category: "blockchain",
  description:
    "Return information about chainstates.\nThere are two while the blocks below a snapshot are checked: the first is that of these blocks.",
  arguments: [],
  results: [
    {
      schema: obj({
        headers: num("the number of headers seen so far"),
        chainstates: list(
          obj({
            blocks: num("number of blocks in this chainstate"),
            bestblockhash: hex("blockhash of the tip"),
            bits: hex("nBits: compact representation of the block difficulty target"),
            target: hex("The difficulty target"),
            difficulty: num("difficulty of the tip"),
            verificationprogress: num("progress towards the network tip"),
            snapshot_blockhash: maybe(
              hex("the base block of the snapshot this chainstate is based on, if any"),
            ),
            coins_db_cache_bytes: num("size of the coinsdb cache; 0: LevelDB has its own"),
            coins_tip_cache_bytes: num("size of the coinstip cache; 0: there is none"),
            validated: flag("whether the chainstate is fully validated"),
          }),
          "list of the chainstates ordered by work, with the most-work (active) chainstate last",
        ),
      }),
    },
  ],
  examples: [[]],
  run: (_, { chain }) => {
    const { tip, bestHeader, snapshot } = chain;
    const describe = (at: HeaderNode, validated: boolean, base?: HeaderNode) => ({
      blocks: at.height,
      bestblockhash: at.hash,
      bits: hex32(at.bits),
      target: targetHex(at.bits),
      difficulty: difficultyOf(at.bits),
      verificationprogress: progressOf(chain, at),
      ...(base !== undefined && { snapshot_blockhash: base.hash }),
      coins_db_cache_bytes: 0,
      coins_tip_cache_bytes: 0,
      validated,
    });
    const { progress } = snapshot;
    const chainstates =
      progress === undefined
        ? [describe(tip, true)]
        : [describe(progress.tip, true), describe(tip, false, progress.base)];
    return { headers: bestHeader.height, chainstates };
  },
});
