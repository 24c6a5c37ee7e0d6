import type { HeaderNode } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list, num, obj, oneOf } from "../../define/result.ts";

const STATUS = ["active", "valid-fork", "valid-headers", "headers-only", "invalid"] as const;

export const getchaintips: Method = defineMethod({
  name: "getchaintips",
  category: "blockchain",
  description:
    "Returns the ends of all known branches of the block tree: of the main chain and of stale ones.",
  arguments: [],
  results: [
    {
      schema: list(
        obj({
          height: num("The height of the end"),
          hash: hex("The block hash of the end"),
          branchlen: num("How many blocks of the branch are not in the main chain"),
          status: oneOf(
            STATUS,
            'The status of the branch:\n"invalid": it contains an invalid block\n"headers-only": bodies are missing\n"valid-headers": all bodies are here and were never connected\n"valid-fork": it once was the main chain, or a part of it\n"active": it is the main chain',
          ),
        }),
        "Ends of branches, the highest first",
      ),
    },
  ],
  examples: [[]],
  run: async (_, { chain }) => {
    const { headers } = chain;
    const tips = [...new Set<HeaderNode>(headers.leaves()).add(headers.tip)];
    tips.sort((a, b) => b.height - a.height || (a.hash < b.hash ? -1 : 1));
    const described: {
      readonly height: number;
      readonly hash: string;
      readonly branchlen: number;
      readonly status: (typeof STATUS)[number];
    }[] = [];
    for (const node of tips) {
      const fork = headers.forkPoint(headers.tip, node);
      described.push({
        height: node.height,
        hash: node.hash,
        branchlen: node.height - fork.height,
        status: await statusOf(node, chain),
      });
    }
    return described;
  },
});

async function statusOf(node: HeaderNode, chain: ChainManager): Promise<(typeof STATUS)[number]> {
  if (chain.headers.isActive(node)) return "active";
  if (node.invalidReason !== undefined) return "invalid";
  if (node.chainTransactionCount === 0) return "headers-only";
  return (await chain.wasConnected(node.hash)) ? "valid-fork" : "valid-headers";
}
