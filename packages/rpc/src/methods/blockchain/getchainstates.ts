import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, list, num, obj } from "../../define/result.ts";
import { difficultyOf, hex32, targetHex } from "../../describe/header.ts";
import { progressOf } from "../../describe/progress.ts";

export const getchainstates: Method = defineMethod({
  name: "getchainstates",
  category: "blockchain",
  description:
    "Return information about chainstates.\nThere is one, because this node begins with no snapshot of coins.",
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
    const { tip, bestHeader } = chain;
    return {
      headers: bestHeader.height,
      chainstates: [
        {
          blocks: tip.height,
          bestblockhash: tip.hash,
          bits: hex32(tip.bits),
          target: targetHex(tip.bits),
          difficulty: difficultyOf(tip.bits),
          verificationprogress: progressOf(chain),
          coins_db_cache_bytes: 0,
          coins_tip_cache_bytes: 0,
          validated: true,
        },
      ],
    };
  },
});
