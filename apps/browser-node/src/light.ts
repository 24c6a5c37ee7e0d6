/** A light node in the tab, whose headers and findings stay in the browser. */
import { bytesToHex, sha256 } from "@chain/core";
import { formatPeerAddress } from "@chain/engine";
import { IndexedDbLightStore, LightNode, verifyInclusion } from "@chain/light";
import { formatAmount } from "@chain/wallet";
import { clock, dialer, log, random, timers, USER_AGENT } from "./ports.ts";
import type { Settings } from "./settings.ts";
import type { View } from "./view.ts";

/**
 * Starts the node.
 * @param changed is called when the page should read them again
 * @returns reads the facts to show
 */
export async function startLight(
  settings: Settings,
  changed: () => void,
  failed: (why: string) => void,
): Promise<() => View> {
  const { params, peer, script } = settings;
  const name = databaseOf(settings);
  if (!(await lock(name))) throw new Error("another tab has this node open: close it first");
  const store = await IndexedDbLightStore.open({ indexedDB, name });
  const ports = { store, clock, timers, random, dialer: dialer(settings), log };
  const node = await LightNode.open({ params, ...ports, userAgent: USER_AGENT, connect: [peer] });
  node.subscribe((event) => {
    if (event.type === "store-failed") failed(`what is learned is not kept: ${event.why}`);
    changed();
  });
  if (script !== undefined) node.watch([script], { height: 0 });
  node.start();
  return () => viewOf(node, script !== undefined);
}

/** One for each chain and address: the findings in it are those for the address. */
function databaseOf({ params, script }: Settings): string {
  const watched = script === undefined ? "nothing" : bytesToHex(sha256(script)).slice(0, 16);
  return `light node: ${params.genesis.hash}: ${watched}`;
}

/** Two nodes on one database would write over each other. @returns whether it is ours, until the tab is closed */
function lock(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, { ifAvailable: true }, (granted) => {
      resolve(granted !== null);
      return granted === null ? undefined : new Promise(() => {});
    });
    held.catch(reject);
  });
}

function viewOf(node: LightNode, isWatching: boolean): View {
  const { tip, balance } = node;
  const { confirmed, immature, height, isCurrent } = balance;
  const searched = isCurrent ? `${height}, the tip` : `${height}, searching…`;
  return {
    height: tip.height,
    tip: tip.hash,
    peers: node.peers.map(
      ({ address, servesFilters }) =>
        `${formatPeerAddress(address)}${servesFilters ? "" : " (without filters: it can't search)"}`,
    ),
    balance: isWatching ? formatAmount(confirmed) : "",
    immature: isWatching ? formatAmount(immature) : "",
    searched: isWatching ? searched : "",
    transactions: node.transactions.map(({ transaction, height: at, proof }) => {
      const header = node.header(at);
      const isProved = header !== undefined && verifyInclusion(transaction, proof, header);
      const text = isProved ? `Merkle path of ${proof.siblings.length} hashes, checked` : "none";
      return { height: at, txid: transaction.txid, proof: text };
    }),
  };
}
