import { bytesToHex, type HeaderNode, type LocatedCoin } from "@chain/core";
import { present } from "@chain/core/arguments";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, list as listOf, none, num, obj, text } from "../../define/result.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import type { Json } from "../../json/parse.ts";
import { scanAction, scanObjects } from "../scanArguments.ts";
import { type NamedScripts, namedScripts } from "../scripts.ts";

const EXAMPLE_RAW = "raw(76a91411b366edfc0a8b66feebae5c2e25a7b6a5d1cf3188ac)#fm24fxxy";

export const scantxoutset: Method = defineMethod({
  name: "scantxoutset",
  category: "blockchain",
  description:
    "Scans the unspent transaction output set for entries that match certain output descriptors: addr(), raw(), combo(), pkh(), wpkh(), sh(), wsh(), tr(), rawtr().\nOf keys with a range, the indexes to explore are given with the descriptor.",
  arguments: [scanAction, scanObjects],
  results: [
    {
      when: "when action=='start'; only returns after scan completes",
      schema: obj({
        success: flag("Whether the scan was completed"),
        txouts: num("The number of unspent transaction outputs scanned"),
        height: num("The block height at which the scan was done"),
        bestblock: hex("The hash of the block at the tip of the chain"),
        unspents: listOf(
          obj({
            txid: hex("The transaction id"),
            vout: num("The vout value"),
            scriptPubKey: hex("The output script"),
            desc: text("A specialized descriptor for the matched output script"),
            amount: coins("The value of the unspent output"),
            coinbase: flag("Whether this is a coinbase output"),
            height: num("Height of the unspent transaction output"),
            blockhash: hex("Blockhash of the unspent transaction output"),
            confirmations: num("Number of confirmations when the scan was done"),
          }),
          "The outputs that were found",
        ),
        total_amount: coins("The total amount of all found unspent outputs"),
      }),
    },
    {
      when: "when action=='abort'",
      schema: flag("Whether there was a scan, which will be aborted"),
    },
    {
      when: "when action=='status' and a scan is in progress",
      schema: obj({ progress: num("Approximate percent complete") }),
    },
    { when: "when action=='status' and no scan is in progress", schema: none() },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the action is none, or a scan is in progress" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a descriptor is none" },
    { code: RPC_MISC_ERROR, when: "there is nothing to look for" },
  ],
  examples: [["start", [EXAMPLE_RAW]], ["status"], ["abort"]],
  run: ({ action, scanobjects }, host, { signal }) => {
    const { current } = host.scans;
    if (action === "status") return current === undefined ? null : { progress: current.progress };
    if (action === "abort") {
      if (current !== undefined) current.isAborted = true;
      return current !== undefined;
    }
    if (action !== "start") {
      throw new RpcError(RPC_INVALID_PARAMETER, `Invalid action '${action}'`);
    }
    if (current !== undefined) {
      const message = 'Scan already in progress, use action "abort" or "status"';
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (scanobjects === undefined) {
      const message = "scanobjects argument is required for the start action";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    return scan(scanobjects, host, signal);
  },
});

async function scan(
  objects: readonly Json[],
  host: RpcHost,
  signal: { readonly aborted: boolean },
) {
  const { chain, scans } = host;
  const state = { progress: 0, isAborted: false };
  scans.current = state;
  try {
    const scripts = await namedScripts(objects, host);
    const { tip, coins: all } = await chain.coins();
    const found: LocatedCoin[] = [];
    let count = 0;
    for await (const located of all) {
      if (count % 1024 === 0) {
        state.progress = progressAt(located);
        if (state.isAborted || signal.aborted) break;
      }
      count++;
      if (scripts.has(located.coin.scriptPubKey)) found.push(located);
    }
    return {
      success: !state.isAborted && !signal.aborted,
      txouts: count,
      height: tip.height,
      bestblock: tip.hash,
      unspents: found.map((located) => describeCoin(located, scripts, tip)),
      total_amount: coinsNumber(found.reduce((sum, { coin }) => sum + coin.value, 0n)),
    };
  } finally {
    scans.current = undefined;
  }
}

/** Coins come in the order of their transaction's id. Core: FindScriptPubKey. */
function progressAt({ outpoint: { txid } }: LocatedCoin): number {
  // As bytes, an id is the other way round.
  const high = Number.parseInt(txid.slice(-2) + txid.slice(-4, -2), 16);
  return Math.round((high * 100) / 65_536);
}

function describeCoin({ outpoint, coin }: LocatedCoin, scripts: NamedScripts, tip: HeaderNode) {
  return {
    txid: outpoint.txid,
    vout: outpoint.vout,
    scriptPubKey: bytesToHex(coin.scriptPubKey),
    desc: scripts.describe(coin.scriptPubKey),
    amount: coinsNumber(coin.value),
    coinbase: coin.coinbase,
    height: coin.height,
    blockhash: present(tip.ancestor(coin.height), "block of a coin").hash,
    confirmations: tip.height - coin.height + 1,
  };
}
