import { bytesToHex, nextBits } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, list, maybe, num, obj, text } from "../../define/result.ts";
import { networkHashRate } from "../../describe/hashRate.ts";
import { difficultyOf, hex32, targetHex } from "../../describe/header.ts";
import { lastTemplate } from "../../describe/lastTemplate.ts";
import { coinsNumber } from "../../json/number.ts";

export const getmininginfo: Method = defineMethod({
  name: "getmininginfo",
  category: "mining",
  description: "Returns a json object containing mining-related information.",
  arguments: [],
  results: [
    {
      schema: obj({
        blocks: num("The current block"),
        currentblockweight: maybe(
          num(
            "The block weight (including reserved weight for block header, txs count and coinbase tx) of the last assembled block (only if a block was ever assembled)",
          ),
        ),
        currentblocktx: maybe(
          num(
            "The number of transactions (excluding coinbase) of the last assembled block (only if a block was ever assembled)",
          ),
        ),
        bits: hex("The compact form of the tip's target"),
        difficulty: num("The current difficulty"),
        target: hex("The current target"),
        networkhashps: num("The network hashes per second"),
        pooledtx: num("The size of the mempool"),
        blockmintxfee: coins("Minimum fee rate of packages selected for templates, in coins/kvB"),
        chain: text("The network: main, testnet4, signet, regtest, or devnet"),
        next: obj(
          {
            height: num("The next height"),
            bits: hex("The next target, compact"),
            difficulty: num("The next difficulty"),
            target: hex("The next target"),
          },
          "The next block",
        ),
        signet_challenge: maybe(hex("The block challenge (only on a signet)")),
        warnings: list(text("A warning"), "Warnings for the operator"),
      }),
    },
  ],
  examples: [[]],
  run: async (_, { chain, node, software, assembled }) => {
    const { tip, params, mempool } = chain;
    const bits = nextBits(
      tip,
      Math.max(Math.floor(chain.now / 1000), tip.medianTimePast + 1),
      params,
    );
    const { signetChallenge } = params;
    const last = await lastTemplate({ chain, assembled });
    return {
      blocks: tip.height,
      ...(last && { currentblockweight: last.weight, currentblocktx: last.transactions }),
      bits: hex32(tip.bits),
      difficulty: difficultyOf(tip.bits),
      target: targetHex(tip.bits),
      networkhashps: networkHashRate(chain, 120, -1),
      pooledtx: mempool.count,
      blockmintxfee: coinsNumber(mempool.policy.blockMinFeeRate),
      chain: software.chain,
      next: {
        height: tip.height + 1,
        bits: hex32(bits),
        difficulty: difficultyOf(bits),
        target: targetHex(bits),
      },
      ...(signetChallenge !== undefined && { signet_challenge: bytesToHex(signetChallenge) }),
      warnings: node.warnings,
    };
  },
});
