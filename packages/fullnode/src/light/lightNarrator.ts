/** Tells in the log what happens in a light node. */
import { formatPeerAddress, type Log, type PeerId } from "@chain/engine";
import type { LightEvent, LightNode } from "@chain/light";
import type { Service } from "../node/service.ts";

/** Advice for the operator of a node whose peers serve no filters. */
const NO_FILTERS =
  "payments can't be found by it: it needs the options blockfilterindex and peerblockfilters (BIP-0157), or name another peer";

/**
 * Tells from now on.
 * @param failed hears why the store can't be written any more
 */
export function startLightNarrator(
  node: LightNode,
  log: Log,
  failed: (why: string) => void,
): Service {
  const names = new Map<PeerId, string>();
  const unsubscribe = node.subscribe((event) => {
    switch (event.type) {
      case "tip-changed": {
        const { hash, height } = event;
        log("info", "chain", `headers up to block ${hash} at height ${height}`, {
          ...{ event: "tip", hash, height },
        });
        return;
      }
      case "searched":
        tellSearched(node, event.height, log);
        return;
      case "transaction-confirmed":
      case "transaction-unconfirmed":
        tellPayment(event, log);
        return;
      case "fate-changed":
        log("info", "relay", `transaction ${event.txid} is ${event.fate} by a peer`, {
          ...{ event: "fate", txid: event.txid, fate: event.fate },
        });
        return;
      case "peer-ready":
        names.set(event.peer, formatPeerAddress(event.address));
        tellPeer(node, event, log);
        return;
      case "peer-disconnected": {
        const name = names.get(event.peer) ?? `peer ${event.peer}`;
        names.delete(event.peer);
        log("info", "net", `disconnected from ${name}: ${event.why}`, { event: "peer-gone" });
        return;
      }
      case "peer-banned": {
        const name = formatPeerAddress(event.address);
        log("warn", "net", `${name} is banned: ${event.why}`, { event: "peer-banned" });
        return;
      }
      case "store-failed":
        failed(event.why);
        return;
      default:
        event satisfies never;
    }
  });
  return { stopping: "ending the log", stop: async () => unsubscribe() };
}

function tellSearched(node: LightNode, height: number, log: Log): void {
  if (height !== node.tip.height || node.watched.scripts.length === 0) return;
  const sentence = `the chain is searched up to height ${height}`;
  log("info", "chain", sentence, { event: "searched", height });
}

type PaymentEvent = Extract<
  LightEvent,
  { readonly type: "transaction-confirmed" | "transaction-unconfirmed" }
>;

function tellPayment(event: PaymentEvent, log: Log): void {
  if (event.type === "transaction-unconfirmed") {
    const { txid } = event.transaction;
    const sentence = `transaction ${txid} is in no block any more`;
    log("warn", "chain", sentence, { event: "unconfirmed", txid });
    return;
  }
  const { transaction, height, proof } = event.found;
  const { txid } = transaction;
  const levels = proof.siblings.length;
  const sentence = `transaction ${txid} is in block ${proof.blockHash} at height ${height}, by a Merkle path of ${levels} levels`;
  log("info", "chain", sentence, { event: "confirmed", txid, height, blockHash: proof.blockHash });
}

function tellPeer(
  node: LightNode,
  { peer, address }: Extract<LightEvent, { readonly type: "peer-ready" }>,
  log: Log,
): void {
  const name = formatPeerAddress(address);
  const found = node.peers.find(({ id }) => id === peer);
  log("info", "net", `connected to ${name} ${found?.userAgent ?? ""}`.trimEnd(), {
    event: "peer",
  });
  if (found?.servesFilters !== false) return;
  const isAlone = !node.peers.some(({ servesFilters }) => servesFilters);
  const fields = { event: "no-filters" };
  log(
    isAlone ? "warn" : "debug",
    "net",
    `${name} serves no filters of blocks, so ${NO_FILTERS}`,
    fields,
  );
}
