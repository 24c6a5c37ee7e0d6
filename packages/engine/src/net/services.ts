/** What peers say that they offer, and what that is good for. */
import { NODE_NETWORK, NODE_NETWORK_LIMITED, NODE_WITNESS } from "@chain/wire";

/** What we offer. */
export const OUR_SERVICES: bigint = NODE_NETWORK | NODE_WITNESS | NODE_NETWORK_LIMITED;

/** Whether it has blocks, all or the last 288 (BIP-0159). */
export function servesBlocks(services: bigint): boolean {
  return (services & (NODE_NETWORK | NODE_NETWORK_LIMITED)) !== 0n;
}

/** Whether it has but the last 288 blocks. */
export function isPruned(services: bigint): boolean {
  return (services & NODE_NETWORK) === 0n;
}

/**
 * Whether it is worth a place among those that we call. Core: HasAllDesirableServiceFlags.
 * @param initialDownload while old blocks are missing, pruned nodes are no help
 */
export function isWorthCalling(services: bigint, initialDownload: boolean): boolean {
  if ((services & NODE_WITNESS) === 0n) return false;
  return initialDownload ? !isPruned(services) : servesBlocks(services);
}
