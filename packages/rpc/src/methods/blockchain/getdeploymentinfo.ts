import { ScriptFlag, scriptFlags } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { dict, flag, hex, list, maybe, num, obj, text, time } from "../../define/result.ts";
import { blockHash } from "../../define/types.ts";
import { deploymentsAt } from "../../describe/deployments.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import { headerOf } from "../blocks.ts";

export const getdeploymentinfo: Method = defineMethod({
  name: "getdeploymentinfo",
  category: "blockchain",
  description:
    "Returns an object containing various state info regarding deployments of consensus changes.",
  arguments: [
    blockHash("blockhash", {
      text: "The block hash at which to query deployment state",
      hint: "hash of current chain tip",
    }),
  ],
  results: [
    {
      schema: obj({
        hash: hex("Requested block hash (or tip)"),
        height: num("Requested block height (or tip)"),
        script_flags: list(text("A script verify flag"), "Script verify flags for the block"),
        deployments: dict(
          obj(
            {
              type: text('One of "buried", "bip9"'),
              height: maybe(num("Height of the first block with the rules")),
              active: flag("True if the rules are enforced for the mempool and the next block"),
              bip9: maybe(
                obj(
                  {
                    bit: maybe(num("The bit of block versions that signals (while it counts)")),
                    start_time: time("The median time past from which the bit counts"),
                    timeout: time("The median time past at which the deployment fails"),
                    min_activation_height: num("Least height of blocks with the rules"),
                    status: text("Its status for this block"),
                    since: num("Height of the first block to which the status applies"),
                    status_next: text("Its status for the next block"),
                    statistics: maybe(
                      obj(
                        {
                          period: num("The length in blocks of the signalling period"),
                          elapsed: num("The blocks of the period up to this one"),
                          count: num("Those of them that signal"),
                          threshold: maybe(num("How many must signal")),
                          possible: maybe(flag("Whether enough blocks are left in the period")),
                        },
                        "Signals of the period",
                      ),
                    ),
                    signalling: maybe(text("Blocks of the period: # signals, - does not")),
                  },
                  "Its status (only for bip9)",
                ),
              ),
            },
            "The deployment",
          ),
          "Deployments by name",
          "xxxx",
        ),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" }],
  examples: [[]],
  run: ({ blockhash }, host) => {
    const { params, tip } = host.chain;
    const node = blockhash === undefined ? tip : headerOf(host, blockhash);
    const flags = scriptFlags(node.height, params, node.hash);
    const names = Object.entries(ScriptFlag).filter(([, bit]) => (flags & bit) !== 0);
    return {
      hash: node.hash,
      height: node.height,
      script_flags: names.map(([name]) => name).sort(),
      deployments: deploymentsAt(node, params),
    };
  },
});
