/** A full node in the tab: it checks every block, and keeps the chain in memory. */
import { nobleVerifier } from "@chain/core";
import { ChainManager, formatPeerAddress, Node } from "@chain/engine";
import { MemoryStore } from "@chain/storage";
import { formatAmount } from "@chain/wallet";
import { clock, dialer, log, random, timers, USER_AGENT } from "./ports.ts";
import type { Settings } from "./settings.ts";
import type { View } from "./view.ts";

/**
 * Starts the node.
 * @param changed is called when the page should read them again
 * @returns reads the facts to show
 */
export async function startFull(
  settings: Settings,
  changed: () => void,
): Promise<() => Promise<View>> {
  const { params, peer } = settings;
  const store = new MemoryStore();
  const verifier = nobleVerifier;
  const chain = await ChainManager.open({ params, store, verifier, clock, timers, log });
  const ports = { chain, clock, timers, random, dialer: dialer(settings), log };
  const node = new Node({ ...ports, userAgent: USER_AGENT, connect: [peer] });
  node.subscribe(changed);
  node.start();
  return () => viewOf(chain, node, settings);
}

async function viewOf(chain: ChainManager, node: Node, settings: Settings): Promise<View> {
  const { params, script } = settings;
  const { height, hash } = chain.tip;
  let [balance, immature] = [0n, 0n];
  /** One may have several outputs to the address. */
  const heights = new Map<string, number>();
  const coins = script === undefined ? [] : chain.unspentByScript(script);
  for await (const { coin, outpoint } of coins) {
    const isYoung = coin.coinbase && height + 1 - coin.height < params.coinbaseMaturity;
    if (isYoung) immature += coin.value;
    else balance += coin.value;
    heights.set(outpoint.txid, coin.height);
  }
  return {
    height,
    tip: hash,
    peers: node.peers().map(({ address }) => formatPeerAddress(address)),
    balance: script === undefined ? "" : formatAmount(balance),
    immature: script === undefined ? "" : formatAmount(immature),
    searched: script === undefined ? "" : `${height}, the tip`,
    transactions: [...heights]
      .map(([txid, at]) => ({ height: at, txid, proof: "its block was checked" }))
      .sort((a, b) => a.height - b.height),
  };
}
