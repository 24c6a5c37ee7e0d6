import { bytesToHex } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, list, maybe, num, obj, text, time } from "../../define/result.ts";
import { difficultyOf, hex32, hex256, targetHex } from "../../describe/header.ts";
import { progressOf } from "../../describe/progress.ts";

export const getblockchaininfo: Method = defineMethod({
  name: "getblockchaininfo",
  category: "blockchain",
  description: "Returns an object containing various state info regarding blockchain processing.",
  arguments: [],
  results: [
    {
      schema: obj({
        chain: text("The network: main, testnet4, signet, regtest, or devnet"),
        blocks: num("The height of the most-work fully-validated chain"),
        headers: num("The height of the header with most work"),
        bestblockhash: hex("The hash of the best block"),
        bits: hex("The compact form of the tip's target"),
        target: hex("The difficulty target of the tip"),
        difficulty: num("The difficulty of the tip"),
        time: time("The time of the tip in seconds since 1970"),
        mediantime: time("The median time of the last 11 blocks in seconds since 1970"),
        verificationprogress: num("How much of the chain is verified, from 0 to 1"),
        initialblockdownload: flag("Whether the node is catching up for the first time"),
        chainwork: hex("The expected number of hashes of the best chain"),
        size_on_disk: num("The estimated size of the block and undo files on disk"),
        pruned: flag("Whether the bodies of old blocks are deleted"),
        pruneheight: maybe(
          num("The height of the first block that is here (only where blocks are pruned)"),
        ),
        automatic_pruning: maybe(
          flag("Whether that happens by itself (only where blocks are pruned)"),
        ),
        prune_target_size: maybe(num("The bytes that it keeps to (only if it happens by itself)")),
        signet_challenge: maybe(hex("The block challenge (only on a signet)")),
        warnings: list(text("A warning"), "Warnings for the operator"),
      }),
    },
  ],
  examples: [[]],
  run: (_, { chain, node, software }) => {
    const { tip, bestHeader, params } = chain;
    const { signetChallenge } = params;
    return {
      chain: software.chain,
      blocks: tip.height,
      headers: bestHeader.height,
      bestblockhash: tip.hash,
      bits: hex32(tip.bits),
      target: targetHex(tip.bits),
      difficulty: difficultyOf(tip.bits),
      time: tip.time,
      mediantime: tip.medianTimePast,
      verificationprogress: progressOf(chain),
      initialblockdownload: chain.initialDownload,
      chainwork: hex256(tip.chainWork),
      size_on_disk: chain.blockBytes,
      ...describePruning(chain),
      ...(signetChallenge !== undefined && { signet_challenge: bytesToHex(signetChallenge) }),
      warnings: node.warnings,
    };
  },
});

/** Core: getblockchaininfo. */
function describePruning({ pruning, prunedHeight }: ChainManager) {
  if (pruning === undefined) return { pruned: false };
  const { target } = pruning;
  return {
    pruned: true,
    pruneheight: prunedHeight === undefined ? 0 : prunedHeight + 1,
    automatic_pruning: target !== undefined,
    ...(target !== undefined && { prune_target_size: target }),
  };
}
